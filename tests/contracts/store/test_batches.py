"""Is every call list taken once, and is what was said of its rows kept?"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.codes import Code
from dialer.core.plan import Mailing
from dialer.intake import PORTION
from dialer.ports.store import BatchRow, Conflict
from tests.support.stores import FIXED, MOBILE, NOW, add, contact_of, order, refused_row, row, settings, take

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
async def campaign(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)


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

    [page] = [page async for page in store.batch_rows(batch.key)]
    assert page[0].codes == list(faults)
    assert page[0].case_id.endswith("x" * 39)


async def test_a_portion_as_intake_makes_them_is_kept(store: SqlStore) -> None:
    rows = [row(f"D{n}", numbers=[f"+4828{n:07d}", f"+48384{n:06d}"]) for n in range(PORTION)]
    for list_id in ("B-1", "B-2"):  # as new rows, then as known ones
        batch = await take(store, list_id, *rows)
        assert batch.counts == {"rows": PORTION, "accepted": PORTION}
