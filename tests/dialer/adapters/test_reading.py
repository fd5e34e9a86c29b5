"""Does another process read long lists as this one would, and does it end when nobody waits for it?"""

import asyncio
import hashlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.adapters.reading import SHORT, ReadElsewhere
from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.lanes import Lanes
from dialer.lists.calllist import FileProblem, Format
from dialer.lists.intake import Intake, Offer
from dialer.lists.jsonrows import PART
from dialer.ports.store import StoreFailed
from tests.dialer.lists.test_intake import NOON, Noon
from tests.support.calllists import read, read_json_fixture
from tests.support.profiles import PROFILES

PATIENCE = 30.0  # seconds
LONG, LONGER = read("calllist_2000.csv"), read("calllist_2000.csv") + b'"'


@pytest.fixture
async def reading(store: SqlStore, url: str) -> AsyncIterator[ReadElsewhere]:
    for campaign in read_json_fixture("campaigns.json"):
        name = campaign.pop("campaign_id")
        await store.put_campaign(name, CampaignSettings.model_validate(campaign), NOON, None)
    made = ReadElsewhere(store, url)
    yield made
    await made.close()


@pytest.fixture
def intake(store: SqlStore, reading: ReadElsewhere) -> Intake:
    return Intake(store, Lanes(store), Noon(), NumberingPlan.TEST, 5.0, PROFILES, reading)


def offer(folder: Path, body: bytes, batch_id: str = "B-1") -> Offer:
    digest = hashlib.sha256(body).hexdigest()
    path = folder / digest
    path.write_bytes(body)
    return Offer(None, Format.CSV, path, digest, batch_id)


async def process_of(reading: ReadElsewhere) -> int:
    async with asyncio.timeout(PATIENCE):
        while reading.readers[0].process is None:
            await asyncio.sleep(0)
        return await asyncio.shield(reading.readers[0].process)


async def test_a_long_list_gets_the_verdicts_it_would_get_here(intake: Intake, tmp_path: Path) -> None:
    batch = await intake.take(offer(tmp_path, LONG))

    assert batch.counts == {"rows": 2000, **read_json_fixture("expected_summary.json")["status"]}


def long_lines() -> bytes:
    """Lines enough for several parts, many of which name the same cases."""
    cases = read_json_fixture("calllist_100.json")["cases"]
    lines = "\n".join(map(json.dumps, cases)).encode() + b"\n"
    return lines * (2 * PART // len(lines) + 1)


async def test_several_processes_read_the_parts_of_a_list(
    intake: Intake, reading: ReadElsewhere, tmp_path: Path
) -> None:
    body = long_lines()

    batch = await intake.take(replace(offer(tmp_path, body), format=Format.NDJSON, campaign_id="EN-OVERDUE"))

    assert len({await reader.process for reader in reading.readers if reader.process}) == 2
    times = body.count(b"\n") // 100
    one = await intake.take(
        replace(offer(tmp_path, body[: len(body) // times], "B-2"), format=Format.NDJSON, campaign_id="EN-OVERDUE")
    )
    stored = one.counts["accepted"] + one.counts.get("accepted_blocked", 0)
    assert batch.counts == {
        **one.counts,
        "rows": 100 * times,
        "duplicate": stored * (times - 1),
        "rejected": one.counts["rejected"] * times,
    }


async def test_several_processes_tell_of_the_first_rows_that_do_not_fit(intake: Intake, tmp_path: Path) -> None:
    body = long_lines()
    spoilt = b'{"case_id": "EN/1"}\n' + body + b"no json\n"
    batch = await intake.take(replace(offer(tmp_path, spoilt), format=Format.NDJSON, campaign_id="EN-OVERDUE"))
    last = spoilt.count(b"\n")
    assert batch.notices == [
        ("E_FIELD_TYPE", "row 1: Object missing required field `debtor`"),
        ("E_FIELD_TYPE", f"row {last}: JSON is malformed: invalid character (byte 4)"),
    ]


async def test_a_short_list_needs_no_process(intake: Intake, reading: ReadElsewhere, tmp_path: Path) -> None:
    body = read("dirty_rows.csv")
    assert len(body) < SHORT

    await intake.take(offer(tmp_path, body))

    assert [reader.process for reader in reading.readers] == [None, None]


async def test_what_is_wrong_with_a_long_list_is_told(intake: Intake, tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as problem:
        await intake.take(offer(tmp_path, LONGER))

    assert problem.value.code is Code.F_CSV_QUOTE


async def test_a_list_may_be_sent_again_when_its_process_was_killed(
    intake: Intake, reading: ReadElsewhere, tmp_path: Path
) -> None:
    taking = asyncio.create_task(intake.take(offer(tmp_path, LONG)))
    os.kill(await process_of(reading), signal.SIGKILL)
    with pytest.raises(StoreFailed, match="send the list again"):
        await taking

    assert (await intake.take(offer(tmp_path, LONG))).counts["rows"] == 2000


async def test_a_list_that_nobody_waits_for_is_broken_off(
    intake: Intake, reading: ReadElsewhere, tmp_path: Path
) -> None:
    taking = asyncio.create_task(intake.take(offer(tmp_path, LONG)))
    process = os.pidfd_open(await process_of(reading))
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking

    assert select.select([process], [], [], PATIENCE)[0]
    os.close(process)
    assert (await intake.take(offer(tmp_path, LONG))).state == "done"


ENGINE = """
import asyncio, sys
from pathlib import Path
from dialer.adapters.reading import ReadElsewhere
from dialer.core.numbers import NumberingPlan
from dialer.lists.calllist import Format
from dialer.lists.intake import Offer, Rules

async def main() -> None:
    reading = ReadElsewhere(None, "")
    await reading.open(Offer(None, Format.CSV, Path(sys.argv[1]), "", "B-1"), Rules(NumberingPlan.TEST, 5.0, {}, {}))
    print(await reading.readers[0].process, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_the_process_goes_when_the_engine_is_killed(tmp_path: Path) -> None:
    script, body = tmp_path / "engine.py", tmp_path / "list.csv"
    script.write_text(f'if __name__ == "__main__":\n{"".join("    " + line for line in ENGINE.splitlines(True))}')
    body.write_bytes(LONG)
    root = str(Path(__file__).parents[3])
    command = [sys.executable, str(script), str(body)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}) as engine:
        assert engine.stdout is not None
        process = os.pidfd_open(int(engine.stdout.readline()))
        engine.kill()

    assert select.select([process], [], [], PATIENCE)[0]
    os.close(process)
