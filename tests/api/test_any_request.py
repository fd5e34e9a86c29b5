"""Is whatever anybody may send answered as the document says?

Requests are made from the document by schemathesis, good ones and bad ones: no answer may be our fault or undocumented,
and none may succeed without a key where one is needed.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from api.service import ApiLimits
from dialer.ports import Presence
from tests.support.api import Api, Client, api_on, call_list

PROJECT = Path(__file__).parents[2]
RUNNING = timedelta(minutes=10)  # on a machine that is busy with other things
LIMITS = ApiLimits(silence=timedelta(seconds=3), strangers=None)

NOBODY_WAITS = """\
[parameters]
"query.wait" = 0
"query.for_seconds" = 0
[[operations]]
include-path-regex = "/stream$"
request-timeout = 2
max-stream-events = 1
"""  # for an event that never comes


async def tried(api: Api, *more: str) -> tuple[int, str]:
    """Exit code and report of a run over the whole document."""
    (api.service.spool / "schemathesis.toml").write_text(NOBODY_WAITS)
    program = Path(sys.executable).with_name("st")
    running = await asyncio.create_subprocess_exec(
        program, "run", f"{api.base}/v1/openapi.json", "--checks=all", "--no-shrink", "--seed=20261122", "--no-color",
        "--phases=examples,coverage,fuzzing", "--max-examples=4", "--warnings=off", "--generation-database=none", *more,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=api.service.spool,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.support.sounds_to_send", "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    try:
        async with asyncio.timeout(RUNNING.total_seconds()):
            said, _ = await running.communicate()
    except BaseException:  # or it would go on asking
        running.kill()
        await running.communicate()
        raise
    return running.returncode or 0, said.decode()


async def peopled(api: Api) -> Client:
    operator = await api.with_campaigns()
    api.engine.tracker.on_presence(Presence.READY)
    assert (await operator.send(call_list(20))).status == 201
    return operator


async def test_whoever_has_a_key_is_answered_as_documented(tmp_path: Path) -> None:
    async with api_on(tmp_path, LIMITS) as api:
        operator = await peopled(api)
        code, report = await tried(
            api,
            f"--header=Authorization: Bearer {operator.token}",
            # Whether a body that fits its schema is taken depends on what else is known: a campaign, a case, a clock.
            "--exclude-checks=positive_data_acceptance",
        )
    assert code == 0, report


async def test_whoever_has_no_key_is_told_so_and_nothing_else(tmp_path: Path) -> None:
    async with api_on(tmp_path, LIMITS) as api:
        await peopled(api)
        code, report = await tried(api, "--exclude-checks=positive_data_acceptance,negative_data_rejection")
        entries = (await (await api.holder()).get("/v1/audit?limit=500")).json["entries"]
    assert code == 0, report
    assert {entry["action"] for entry in entries} == {
        "client.created",
        "campaign.created",
        "batch.begun",
        "batch.taken",
        "key.created",
    }
