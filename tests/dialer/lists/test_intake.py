"""Does a call list become the contacts it names, wholly, once, and without a word of a malformed one?"""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from dialer.adapters.store import Database, SqlStore
from dialer.core.codes import Code
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.lanes import Lanes
from dialer.lists.calllist import BadRow, FileProblem, Format, Part
from dialer.lists.intake import Intake, Offer, ReadHere, Rules
from dialer.ports.store import Batch, BatchRow, Conflict, ContactFilter, StoreFailed
from tests.support.calllists import CALLLISTS, expected, read, read_json_fixture
from tests.support.profiles import PROFILES

NOON = datetime.fromisoformat("2026-11-21T12:00:00+01:00")  # the day of the sample lists
SUMMARY = read_json_fixture("expected_summary.json")


class Noon:
    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Desk:
    """Where lists come in: the five campaigns are known, and running."""

    store: SqlStore
    folder: Path
    lanes: Lanes = field(init=False)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = Lanes(self.store)
        self.intake = Intake(self.store, self.lanes, Noon(), NumberingPlan.TEST, 5.0, PROFILES)

    async def open(self) -> "Desk":
        for campaign in read_json_fixture("campaigns.json"):
            name = campaign.pop("campaign_id")
            await self.store.put_campaign(name, CampaignSettings.model_validate(campaign), NOON, None)
        return self

    def offer(self, body: bytes, batch_id: str | None = "B-1", format_: Format = Format.CSV, **changes: Any) -> Offer:
        digest = hashlib.sha256(body).hexdigest()
        path = self.folder / digest
        path.write_bytes(body)
        return replace(Offer(None, format_, path, digest, batch_id), **changes)

    async def take(self, body: bytes, batch_id: str | None = "B-1", **changes: Any) -> Batch:
        return await self.intake.take(self.offer(body, batch_id, **changes))

    async def verdicts(self, batch: Batch) -> list[BatchRow]:
        return [row async for page in self.store.batch_rows(batch.key) for row in page]

    async def contacts(self, *campaigns: str) -> int:
        named = campaigns or [each.id for each in await self.store.campaigns(None)]
        return sum([sum((await self.store.campaign_figures(name)).contacts.values()) for name in named])


@pytest.fixture
async def desk(store: SqlStore, tmp_path: Path) -> Desk:
    return await Desk(store, tmp_path).open()


def rewritten(body: bytes, change: Callable[[dict[str, str]], None]) -> bytes:
    """The CSV list with every row changed."""
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    for row in rows:
        change(row)
        writer.writerow(row)
    return text.getvalue().encode()


def short_list(*cases: str, **changes: str) -> bytes:
    """Rows like the first of the dirty list, which is clean."""
    header, first = read("dirty_rows.csv").decode().splitlines()[:2]
    one = rewritten(f"{header}\n{first}\n".encode(), lambda row: row.update(changes)).decode().splitlines()[1]
    return "\n".join([header, *(one.replace("ZX/DUP/1", case) for case in cases)]).encode()


# ---- the sample lists -----------------------------------------------------------------------------------


async def test_the_sample_list_gets_the_verdicts_it_should(desk: Desk) -> None:
    batch = await desk.take(read("calllist_2000.csv"))

    assert batch.counts == {"rows": 2000, **SUMMARY["status"]}
    told = [(row.row, row.case_id, row.status, row.codes, row.phones) for row in await desk.verdicts(batch)]
    assert told == [
        (int(row["row"]), row["case_id"], row["status"], row["codes"].split(";") if row["codes"] else [], phones(row))
        for row in expected("calllist_2000.expected.csv")
    ]


def phones(row: dict[str, str]) -> list[str]:
    return row["phones"].split(";") if row["phones"] else []


async def test_the_sample_list_becomes_a_contact_per_debtor(desk: Desk) -> None:
    await desk.take(read("calllist_2000.csv"))

    pages = {
        name: await desk.store.contacts(ContactFilter(campaign_id=name), 0, 10_000) for name in SUMMARY["by_campaign"]
    }
    contacts = [contact for page in pages.values() for contact in page]

    assert len({(contact.client_id, contact.debtor_ref) for contact in contacts}) == SUMMARY["callable_debtors"]
    assert {name: sum(len(each.cases) for each in page) for name, page in pages.items()} == SUMMARY["by_campaign"]
    assert len({number.e164 for each in contacts for number in each.numbers}) == SUMMARY["distinct_numbers"]
    assert all(each.numbers and each.state == "waiting" and each.due_at == NOON for each in contacts)


async def test_the_dirty_rows_are_refused_one_by_one(desk: Desk) -> None:
    batch = await desk.take(read("dirty_rows.csv"))

    told = {row.row: row for row in await desk.verdicts(batch)}
    for row in expected("dirty_rows.expected.csv"):
        verdict = told[int(row["row"])]
        assert (verdict.status, row["code"] in verdict.codes) == (row["status"], True), row["why"]


async def test_a_batch_with_settings_of_its_own_is_called_by_them(desk: Desk) -> None:
    document = json.loads(read("calllist_100.json"))
    document["mailing"] |= {"attempts": 2, "gap_minutes": 45}

    batch = await desk.take(json.dumps(document).encode(), None, format_=Format.JSON)

    assert batch.batch_id == document["batch_id"]
    [(lane, _)] = await desk.store.lanes()
    assert (lane.campaign_id, lane.batch_id) == (document["campaign_id"], document["batch_id"])
    assert (lane.rules.per_number, lane.rules.spacing) == (2, timedelta(minutes=45))
    assert lane.hours.not_before == datetime.fromisoformat(document["mailing"]["not_before"])
    assert desk.lanes.rules(lane.id) == lane  # the engine knows it as soon as the list is taken
    assert await desk.contacts(document["campaign_id"]) > 0


async def test_two_batches_of_a_campaign_are_called_by_their_own_plans(desk: Desk) -> None:
    document = json.loads(read("calllist_100.json"))
    for batch_id, plan in (("B-30", {"attempts": 2, "gap_minutes": 30}), ("B-90", {"attempts": 4, "gap_minutes": 90})):
        await desk.take(
            json.dumps(document | {"batch_id": batch_id, "mailing": plan}).encode(), None, format_=Format.JSON
        )

    plans = {lane.batch_id: (lane.rules.per_number, lane.rules.spacing) for lane, _ in await desk.store.lanes()}
    assert plans == {"B-30": (2, timedelta(minutes=30)), "B-90": (4, timedelta(minutes=90))}


async def test_a_batch_beyond_the_ceiling_of_its_campaign_changes_nothing(desk: Desk) -> None:
    document = json.loads(read("calllist_100.json"))
    document["mailing"]["windows"] = {"7": [["08:00", "21:00"]]}

    with pytest.raises(
        FileProblem, match=r"mailing\.windows: 08:00-21:00 on weekday 7: profile pl-zdp-ceiling permits"
    ):
        await desk.take(json.dumps(document).encode(), None, format_=Format.JSON)
    assert await desk.contacts() == 0


async def test_lines_of_json_are_those_of_the_campaigns_client(desk: Desk) -> None:
    document = json.loads(read("calllist_100.json"))
    body = "\n".join(map(json.dumps, document["cases"])).encode()
    whole = await desk.take(read("calllist_100.json"), None, format_=Format.JSON)

    lines = await desk.take(body, "B-2", format_=Format.NDJSON, campaign_id=document["campaign_id"])

    assert lines.counts == whole.counts
    assert lines.counts["accepted"] > 0


async def test_cases_of_another_client_are_refused(desk: Desk) -> None:
    batch = await desk.take(short_list("EN/1"), client_id="CL-TELKO")

    [row] = await desk.verdicts(batch)
    assert row.codes == [Code.E_CLIENT_FORBIDDEN]
    assert await desk.contacts() == 0


# ---- lists that cannot be taken -------------------------------------------------------------------------

MALFORMED = {
    "nothing": (b"", Format.CSV, Code.F_EMPTY),
    "no header": (b"1;2;3\n", Format.CSV, Code.F_HEADER),
    "a column too few": (b"case_id,client_id\nEN/1,CL-ENERGIA\n", Format.CSV, Code.F_HEADER_MISSING),
    "a quote that never ends": (short_list("EN/1", "EN/2") + b'\n"EN/3', Format.CSV, Code.F_CSV_QUOTE),
    "another encoding": (short_list("EN/1") + "\nZażółć".encode("cp1250"), Format.CSV, Code.F_ENCODING),
    "half a document": (read("calllist_100.json")[:5000], Format.JSON, Code.F_JSON),
    "another document": (b'{"schema": "calllist/9"}', Format.JSON, Code.F_SCHEMA),
}


@pytest.mark.parametrize(("body", "format_", "code"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_list_changes_nothing(desk: Desk, body: bytes, format_: Format, code: Code) -> None:
    with pytest.raises(FileProblem) as problem:
        await desk.take(body, "B-1", format_=format_)

    assert problem.value.code == code
    assert await desk.store.batch(None, "B-1") is None
    assert await desk.contacts() == 0


async def test_a_list_for_an_unknown_campaign_is_refused_as_a_whole(desk: Desk) -> None:
    unknown = read("calllist_100.json").replace(b'"EN-OVERDUE"', b'"XX"')

    for body, format_ in ((unknown, Format.JSON), (b"{}", Format.NDJSON)):
        with pytest.raises(FileProblem, match="put it first"):
            await desk.take(body, "B-1", format_=format_, campaign_id="XX")


async def test_a_list_without_a_name_is_refused(desk: Desk) -> None:
    with pytest.raises(FileProblem, match="batch_id"):
        await desk.take(short_list("EN/1"), None)


async def test_a_batch_that_would_call_too_often_is_refused(desk: Desk) -> None:
    document = json.loads(read("calllist_100.json"))
    document["mailing"]["gap_minutes"] = 4

    with pytest.raises(FileProblem, match="below 5 minutes"):
        await desk.take(json.dumps(document).encode(), None, format_=Format.JSON)


# ---- the same list, another list ------------------------------------------------------------------------


async def test_the_same_list_again_changes_nothing(desk: Desk) -> None:
    first = await desk.take(read("dirty_rows.csv"))
    before = await desk.store.contacts(ContactFilter(campaign_id="EN-OVERDUE"), 0, 100)

    assert await desk.take(read("dirty_rows.csv")) == first
    assert await desk.store.contacts(ContactFilter(campaign_id="EN-OVERDUE"), 0, 100) == before


async def test_a_changed_list_needs_a_name_of_its_own(desk: Desk) -> None:
    await desk.take(short_list("EN/1"))

    with pytest.raises(Conflict):
        await desk.take(short_list("EN/2"))


async def test_two_lists_may_come_in_at_the_same_time(desk: Desk) -> None:
    other = rewritten(
        read("calllist_2000.csv"),
        lambda row: row.update(case_id=row["case_id"] + "x", debtor_id=row["debtor_id"] + "x"),
    )

    one, two = await asyncio.gather(desk.take(read("calllist_2000.csv"), "B-1"), desk.take(other, "B-2"))

    assert one.counts["accepted"] == two.counts["accepted"] == SUMMARY["status"]["accepted"]
    assert await desk.contacts() == 2 * len({key(row) for row in callable_rows()})


def callable_rows() -> list[dict[str, str]]:
    with (CALLLISTS / "calllist_2000.csv").open(encoding="utf-8", newline="") as file:
        sent = list(csv.DictReader(file))
    judged = expected("calllist_2000.expected.csv")
    return [row for row, verdict in zip(sent, judged, strict=True) if verdict["status"] == "accepted"]


def key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["client_id"], row["campaign_id"], row["debtor_id"]


async def test_a_list_that_is_being_taken_is_not_taken_twice(desk: Desk) -> None:
    results = await asyncio.gather(*(desk.take(read("calllist_2000.csv")) for _ in range(2)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Batch", "Conflict"]


# ---- broken off -----------------------------------------------------------------------------------------


class Interrupted(ReadHere):
    """Reads a list until a portion is kept, then something happens."""

    def __init__(self, store: SqlStore, happens: Callable[[], Any]) -> None:
        super().__init__(store)
        self._happens = happens

    async def judge(self, batch: int, offer: Offer, rules: Rules, now: datetime, parts: Sequence[Part]) -> list[BadRow]:
        bad = await super().judge(batch, offer, rules, now, parts)
        await self._happens()
        return bad


class DeafStore(SqlStore):
    """A store that for a while cannot be told that a batch failed, as with a full disk."""

    is_deaf = True

    async def fail_batch(self, batch: int, problem: str) -> bool:
        if self.is_deaf:
            raise StoreFailed("database or disk is full")
        return await super().fail_batch(batch, problem)


async def full() -> None:
    raise StoreFailed("database or disk is full")


async def test_a_list_that_is_broken_off_may_be_sent_again(desk: Desk) -> None:
    breaking = Intake(desk.store, desk.lanes, Noon(), NumberingPlan.TEST, 5.0, PROFILES, Interrupted(desk.store, full))
    with pytest.raises(StoreFailed):
        await breaking.take(desk.offer(short_list("EN/1")))
    failed = await desk.store.batch(None, "B-1")
    assert failed is not None
    assert failed.state == "failed"

    assert (await desk.take(short_list("EN/1"))).counts == {"rows": 1, "accepted": 1}


async def test_a_list_whose_sender_goes_away_may_be_sent_again(desk: Desk) -> None:
    reached = asyncio.Event()

    async def wait() -> None:
        reached.set()
        await asyncio.Event().wait()

    slow = Intake(desk.store, desk.lanes, Noon(), NumberingPlan.TEST, 5.0, PROFILES, Interrupted(desk.store, wait))
    taking = asyncio.create_task(slow.take(desk.offer(short_list("EN/1"))))
    async with asyncio.timeout(10):
        await reached.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking

    assert (await desk.take(short_list("EN/1"))).state == "done"


async def test_a_failure_that_could_not_be_written_down_is_written_later(desk: Desk, database: Database) -> None:
    store = DeafStore(database)
    breaking = Intake(store, desk.lanes, Noon(), NumberingPlan.TEST, 5.0, PROFILES, Interrupted(store, full))
    with pytest.raises(StoreFailed):
        await breaking.take(desk.offer(short_list("EN/1")))
    store.is_deaf = False

    with pytest.raises(StoreFailed):  # the disk is still full, but the list is not refused as being received
        await breaking.take(desk.offer(short_list("EN/1")))
    assert (await desk.take(short_list("EN/1"))).state == "done"


# ---- what is not kept -----------------------------------------------------------------------------------


async def test_nobody_is_named_in_the_log(desk: Desk) -> None:
    with structlog.testing.capture_logs() as lines:
        await desk.take(read("calllist_2000.csv"))

    assert [line["event"] for line in lines] == ["batch_taken"]
    for word in ("Kowalczyk", "285211545"):
        assert word not in str(lines)
