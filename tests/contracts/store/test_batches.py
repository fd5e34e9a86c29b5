"""Is every call list taken once, and is what was said of its rows kept?"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ParamSpec, TypeVar

import pytest

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.staging import Staging
from dialer.core.codes import Code
from dialer.core.plan import Mailing
from dialer.ports.store import Batch, BatchFilter, BatchRow, Conflict, ContactFilter, StoreFailed
from tests.support.stores import FIXED, MOBILE, NOW, add, contact_of, order, refused_row, row, settings, take

P = ParamSpec("P")
T = TypeVar("T")

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("rent")


async def test_a_list_is_received_then_done(store: SqlStore) -> None:
    batch, is_new = await store.begin_batch(order())
    assert (batch.state, is_new) == ("receiving", True)
    assert await store.batch("CL-CZYNSZ", "B-1") == batch

    await add(store, batch, row("D1"), row("D2", blocked=Code.B_DISPUTE), refused_row())
    done = await store.finish_batch(batch.key, LATER)

    assert done.state == "done"
    assert done.counts == {"rows": 3, "accepted": 1, "accepted_blocked": 1, "rejected": 1}
    assert await store.batch("CL-CZYNSZ", "B-1") == done


async def test_a_list_without_rows_is_done_too(store: SqlStore) -> None:
    assert (await take(store, "B-1")).counts == {"rows": 0}


async def test_the_same_list_again_is_not_taken_again(store: SqlStore) -> None:
    done = await take(store, "B-1", row())

    assert await store.begin_batch(order("B-1", received_at=LATER)) == (done, False)


async def test_another_list_under_the_same_name_is_refused(store: SqlStore) -> None:
    await take(store, "B-1", row())

    with pytest.raises(Conflict, match="new batch_id"):
        await store.begin_batch(order("B-1", digest="e"))


async def test_another_client_may_use_the_same_name(store: SqlStore) -> None:
    await take(store, "B-1", row())

    other, is_new = await store.begin_batch(order("B-1", digest="e", owner="CL-TELKO"))

    assert is_new
    assert await store.batch("CL-TELKO", "B-1") == other
    assert await store.batch(None, "B-1") == other  # the operator sees the newest


async def test_a_list_that_is_being_received_is_not_begun_again(store: SqlStore) -> None:
    await store.begin_batch(order())

    with pytest.raises(Conflict, match="at this moment"):
        await store.begin_batch(order())


async def test_of_two_senders_of_one_list_one_is_refused(store: SqlStore, other_store: SqlStore) -> None:
    results = await asyncio.gather(
        *(each.begin_batch(order()) for each in (store, other_store)), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["Conflict", "tuple"]


async def test_a_list_that_failed_may_be_sent_again_mended(store: SqlStore) -> None:
    batch, _ = await store.begin_batch(order())
    await add(store, batch, row("D1"), refused_row())
    await store.fail_batch(batch.key, "taking it was broken off")
    failed = await store.batch("CL-CZYNSZ", "B-1")
    assert failed is not None
    assert (failed.state, failed.problem) == ("failed", "taking it was broken off")

    mended = order("B-1", digest="e", mode="replace", mailing=Mailing(attempts=1), received_at=LATER)
    again, is_new = await store.begin_batch(mended)
    assert is_new
    assert (again.key, again.state, again.problem) == (batch.key, "receiving", None)
    assert (again.received_at, again.digest) == (LATER, "e")

    await add(store, again, row("D2"))
    done = await store.finish_batch(again.key, LATER)
    assert done.counts == {"rows": 1, "accepted": 1}
    assert [lane.rules.per_number for lane, _ in await store.lanes() if lane.batch_id] == [1]


async def test_a_mended_list_in_replace_mode_replaces(store: SqlStore) -> None:
    await take(store, "B-0", row("D0"))
    batch, _ = await store.begin_batch(order("B-1"))
    await store.fail_batch(batch.key, "broken off")
    again, _ = await store.begin_batch(order("B-1", digest="e", mode="replace"))
    await add(store, again, row("D1"))
    await store.finish_batch(again.key, NOW)

    assert (await contact_of(store, "D0")).finished == "replaced"


async def test_lists_that_a_crash_interrupted_may_be_sent_again(store: SqlStore) -> None:
    await take(store, "B-0", row())
    await store.begin_batch(order("B-1"))
    await store.begin_batch(order("B-2"))

    assert await store.fail_interrupted_batches() == 2
    assert await store.fail_interrupted_batches() == 0
    interrupted = await store.batch("CL-CZYNSZ", "B-1")
    assert interrupted is not None
    assert interrupted.state == "failed"
    assert "send it again" in (interrupted.problem or "")


async def test_an_unknown_list_is_not_there(store: SqlStore) -> None:
    assert await store.batch(None, "B-1") is None


async def test_verdicts_are_told_in_order_page_by_page(store: SqlStore) -> None:
    batch, _ = await store.begin_batch(order())
    await add(store, batch, row("D0", numbers=[MOBILE, FIXED]), *[refused_row(f"RENT/{n}") for n in range(1, 1500)])
    await store.finish_batch(batch.key, NOW)

    pages = [page async for page in store.batch_rows(batch.key)]

    told = [each for page in pages for each in page]
    assert len(pages) > 1
    assert [each.row for each in told] == list(range(1, 1501))
    assert told[0] == BatchRow(1, "RENT/D0", "accepted", [], [f"{MOBILE}:mobile", f"{FIXED}:mobile"])
    assert told[1] == BatchRow(2, "RENT/1", "rejected", ["E_REQUIRED"], [])


async def test_a_row_with_every_fault_at_once_is_kept(store: SqlStore) -> None:
    faults = tuple(code for code in Code if code.startswith("E_"))
    worst = refused_row("\0" + "x" * 39)
    batch, _ = await store.begin_batch(order())

    await add(store, batch, replace(worst, verdict=replace(worst.verdict, codes=faults)))
    await store.finish_batch(batch.key, NOW)

    [page] = [page async for page in store.batch_rows(batch.key)]
    assert page[0].codes == list(faults)
    assert page[0].case_id.endswith("x" * 39)


# ---- repeats --------------------------------------------------------------------------------------------


async def verdicts(store: SqlStore, batch: Batch) -> list[tuple[str, list[str], list[str]]]:
    return [
        (row.status, list(row.codes), list(row.phones)) async for page in store.batch_rows(batch.key) for row in page
    ]


async def test_the_first_row_of_a_case_wins(store: SqlStore) -> None:
    batch = await take(
        store, "B-1", row("D1", amount="10.00"), row("D1", amount="10.00"), row("D1", amount="11.00"),
        row("D1", numbers=[FIXED]), row("D2", case="RENT/D1"),
    )  # fmt: skip

    assert batch.counts == {"rows": 5, "accepted": 1, "duplicate": 1, "rejected": 3}
    contradicts: tuple[str, list[str], list[str]] = ("rejected", ["E_DUPLICATE_CONFLICT"], [])
    assert await verdicts(store, batch) == [
        ("accepted", [], [f"{MOBILE}:mobile"]),
        ("duplicate", ["D_IDENTICAL"], []),
        contradicts,
        contradicts,
        contradicts,
    ]
    assert [number.e164 for number in (await contact_of(store)).numbers] == [MOBILE]


async def test_a_refused_row_claims_no_case(store: SqlStore) -> None:
    batch = await take(store, "B-1", refused_row("RENT/D1"), row("D1"), row("D1"))

    assert [status for status, *_ in await verdicts(store, batch)] == ["rejected", "accepted", "duplicate"]


async def test_two_clients_may_use_the_same_case_number(store: SqlStore) -> None:
    await store.put_campaign("POWER", settings(client_id="CL-ENERGIA"), NOW, None)

    batch = await take(store, "B-1", row("D1", case="1"), row("D1", case="1", campaign="POWER", client="CL-ENERGIA"))

    assert batch.counts == {"rows": 2, "accepted": 2}


async def test_rows_may_be_added_in_any_order_from_several_processes(store: SqlStore, other_store: SqlStore) -> None:
    batch, _ = await store.begin_batch(order())
    await asyncio.gather(
        *(add(each, batch, row("D1", amount=f"{first}.00"), first=first) for first in (9, 5, 7) for each in (store,)),
        *(add(other_store, batch, row(f"D{first}"), first=first) for first in (8, 6, 10)),
    )
    await store.finish_batch(batch.key, NOW)

    told = [each async for page in store.batch_rows(batch.key) for each in page]
    assert [(each.row, each.status) for each in told] == [
        (5, "accepted"), (6, "accepted"), (7, "rejected"), (8, "accepted"), (9, "rejected"), (10, "accepted"),
    ]  # fmt: skip


class Roomless(Database):
    """A database beside which nothing can be put."""

    async def aside(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        raise StoreFailed("no space left on device")


async def test_a_list_for_which_there_is_no_room_may_be_sent_again(store: SqlStore, url: str) -> None:
    roomless = Roomless(url)
    with pytest.raises(StoreFailed):
        await SqlStore(roomless).begin_batch(order())
    await roomless.close()

    _, is_new = await store.begin_batch(order())
    assert is_new


# ---- nothing by half ------------------------------------------------------------------------------------


async def test_rows_that_are_added_change_nothing_until_the_list_is_finished(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    before = await store.contacts(ContactFilter(campaign_id="RENT"), 0, 10)
    batch, _ = await store.begin_batch(order("B-2"))

    await add(store, batch, row("D1", amount="1.00", blocked=Code.B_DISPUTE), row("D2"))

    assert await store.contacts(ContactFilter(campaign_id="RENT"), 0, 10) == before
    assert [page async for page in store.batch_rows(batch.key)] == []
    assert await store.fail_batch(batch.key, "broken off")
    assert await store.contacts(ContactFilter(campaign_id="RENT"), 0, 10) == before
    assert [page async for page in store.batch_rows(batch.key)] == []


async def test_what_was_added_to_a_list_that_failed_is_not_kept_with_the_mended_one(store: SqlStore) -> None:
    batch, _ = await store.begin_batch(order())
    await add(store, batch, row("D1"), row("D2"))
    await store.fail_batch(batch.key, "broken off")
    again, _ = await store.begin_batch(order())
    await add(store, again, row("D3"))

    assert (await store.finish_batch(again.key, NOW)).counts == {"rows": 1, "accepted": 1}


async def test_nothing_that_was_put_aside_stays_when_a_list_is_done_failed_or_forgotten(
    store: SqlStore, database: Database
) -> None:
    staging = Staging(database)
    done, failed, forgotten = [(await store.begin_batch(order(name)))[0] for name in ("B-1", "B-2", "B-3")]
    for each in (done, failed, forgotten):
        await add(store, each, row("D1"))
    assert set(staging.batches()) == {done.key, failed.key, forgotten.key}

    await store.finish_batch(done.key, NOW)
    await store.fail_batch(failed.key, "broken off")
    assert list(staging.batches()) == [forgotten.key]
    await store.fail_interrupted_batches()
    assert list(staging.batches()) == []


async def test_a_list_that_is_finished_is_finished_once(store: SqlStore) -> None:
    done = await take(store, "B-1", row("D1"))

    assert await store.finish_batch(done.key, LATER) == done
    assert not await store.fail_batch(done.key, "too late")
    assert await store.batch("CL-CZYNSZ", "B-1") == done


# ---- listed ---------------------------------------------------------------------------------------------


async def test_lists_come_in_pages_the_newest_first(store: SqlStore) -> None:
    for name in ("B-1", "B-2", "B-3"):
        await take(store, name, row())

    first = await store.batches(BatchFilter(), None, 2)
    second = await store.batches(BatchFilter(), first[-1].key, 2)

    assert [batch.batch_id for batch in (*first, *second)] == ["B-3", "B-2", "B-1"]
    assert await store.batches(BatchFilter(), second[-1].key, 2) == []


async def test_lists_are_found_by_their_sender_state_and_moment(store: SqlStore) -> None:
    await take(store, "B-1", row())
    await take(store, "B-2", now=LATER)
    failed, _ = await store.begin_batch(order("B-3", digest="e", owner="CL-TELKO", received_at=LATER))
    await store.fail_batch(failed.key, "its header is not known")

    for which, found in (
        (BatchFilter(owner="CL-CZYNSZ"), ["B-2", "B-1"]),
        (BatchFilter(owner=""), []),
        (BatchFilter(state="failed"), ["B-3"]),
        (BatchFilter(since=LATER), ["B-3", "B-2"]),
        (BatchFilter(until=LATER), ["B-1"]),
        (BatchFilter("CL-CZYNSZ", "done", NOW, LATER), ["B-1"]),
    ):
        assert [batch.batch_id for batch in await store.batches(which, None, 10)] == found, which


async def test_lists_are_found_by_the_campaigns_that_rows_were_taken_for(store: SqlStore) -> None:
    await store.put_campaign("FLATS", settings(), NOW, None)
    flat = row(case="FLATS/1", campaign="FLATS")
    await take(store, "B-1", row())
    await take(store, "B-2", flat, refused_row())
    await take(store, "B-3", row(), flat)
    await take(store, "B-4", refused_row())

    for campaign, found in (("RENT", ["B-3", "B-1"]), ("FLATS", ["B-3", "B-2"]), ("NONE", [])):
        asked = BatchFilter(campaign_id=campaign)
        assert [batch.batch_id for batch in await store.batches(asked, None, 10)] == found, campaign


async def test_a_listed_batch_is_the_one_that_is_shown(store: SqlStore) -> None:
    taken = await take(store, "B-1", row(), refused_row())

    assert await store.batches(BatchFilter(), None, 10) == [taken]
    assert taken.owner == "CL-CZYNSZ"
