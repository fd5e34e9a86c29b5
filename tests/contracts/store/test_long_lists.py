"""What is seen of a list that is kept in several transactions, and what if it breaks off between two of them?"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.intake_rows import PORTION
from dialer.adapters.store.staged import Portion
from dialer.adapters.store.staging import Staging
from dialer.adapters.store.taking import FEWEST, FIRST, LONGEST, rows_of_next
from dialer.core.codes import Code
from dialer.model import Disposition, FinishReason
from dialer.ports.store import Batch, StoreFailed, TakenRow
from tests.support.balances import balance, numbered
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    add,
    call_all,
    contact_of,
    order,
    refused_row,
    row,
    take,
    voice_all,
)

LATER = NOW + timedelta(hours=3)


class Breaking(Database):
    """A database that takes one portion of a list, and then none."""

    is_whole = True

    async def write_beside(
        self,
        begin: Callable[[sa.Engine], AbstractContextManager[sa.Connection]],
        work: Callable[..., Any],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if not self.is_whole:
            raise StoreFailed("database or disk is full")
        self.is_whole = False
        return await super().write_beside(begin, work, *args, **kwargs)


pytestmark = pytest.mark.usefixtures("rent")


@pytest.fixture
async def breaking(url: str) -> AsyncIterator[SqlStore]:
    database = Breaking(url)
    yield SqlStore(database)
    await database.close()


def long_list(first: TakenRow, last: TakenRow) -> list[TakenRow]:
    """A list of two portions: one row in each, and others that nobody minds."""
    return [first, *(refused_row() for _ in range(PORTION - 1)), last]


async def break_off(breaking: SqlStore, *rows: TakenRow, **changes: Any) -> Batch:
    """A list of which one portion is kept."""
    batch, _ = await breaking.begin_batch(order("B-9", **changes))
    await add(breaking, batch, *rows)
    with pytest.raises(StoreFailed):
        await breaking.finish_batch(batch.key, NOW)
    return batch


async def test_a_long_list_is_taken_as_a_short_one_would_be(store: SqlStore) -> None:
    rows = [row(f"D{n}", numbers=[f"+4828{n:07d}", f"+48384{n:06d}"]) for n in range(PORTION + 10)]
    for name in ("B-1", "B-2"):  # as new rows, then as known ones
        batch = await take(store, name, *rows)
        assert batch.counts == {"rows": len(rows), "accepted": len(rows)}
    assert (await store.campaign_figures("RENT")).contacts == {"waiting": len(rows)}


class Slow(Database):
    """A database in which each portion takes ten seconds, as it says itself."""

    portions: list[Portion]

    async def write_beside(
        self,
        begin: Callable[[sa.Engine], AbstractContextManager[sa.Connection]],
        work: Callable[..., Any],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        done, _ = await super().write_beside(begin, work, *args, **kwargs)
        self.portions.append(args[0])
        return done, timedelta(seconds=10)


async def test_on_a_busy_machine_a_long_list_is_kept_in_small_portions(url: str, store: SqlStore) -> None:
    slow = Slow(url)
    slow.portions = []
    batch = await take(SqlStore(slow), "B-1", *long_list(row("D1"), row("D2")))
    await slow.close()

    assert batch.counts == {"rows": PORTION + 1, "accepted": 2, "rejected": PORTION - 1}
    rows = [each.last - each.first + 1 for each in slow.portions]
    assert rows == [FIRST, *([FEWEST] * 17), 51]


@pytest.mark.parametrize(
    ("rows", "took", "rows_of_the_next"),
    [
        (FIRST, timedelta(), 2 * FIRST),
        (FIRST, LONGEST / 10, 2 * FIRST),  # not ten times as many at once
        (PORTION, LONGEST / 10, PORTION),
        (PORTION, LONGEST * 2, PORTION // 2),
        (PORTION, LONGEST * 1000, FEWEST),
        (1, LONGEST, FEWEST),
    ],
)
def test_a_portion_is_as_long_as_others_may_wait(rows: int, took: timedelta, rows_of_the_next: int) -> None:
    assert rows_of_next(Portion(1, 11, 10 + rows), took) == rows_of_the_next


async def test_a_list_that_broke_off_half_way_is_taken_to_its_end(breaking: SqlStore, store: SqlStore) -> None:
    batch = await break_off(breaking, *long_list(row("D1"), row("D2")))

    assert not await store.fail_batch(batch.key, "too late")
    assert await store.fail_interrupted_batches() == 0
    assert await store.half_taken_batches() == [batch.key]
    done = await store.finish_batch(batch.key, LATER)

    assert done.counts == {"rows": PORTION + 1, "accepted": 2, "rejected": PORTION - 1}
    assert await store.half_taken_batches() == []
    assert {(await contact_of(store, debtor)).state for debtor in ("D1", "D2")} == {"waiting"}


async def test_a_half_taken_list_whose_rows_are_lost_has_failed(
    breaking: SqlStore, store: SqlStore, database: Database
) -> None:
    batch = await break_off(breaking, *long_list(row("D1"), row("D2")))
    Staging(database).drop(batch.key)

    assert await store.fail_interrupted_batches() == 1
    assert await store.half_taken_batches() == []
    assert (await store.begin_batch(order("B-9")))[1]


async def test_the_cases_of_a_debtor_may_lie_portions_apart(breaking: SqlStore, store: SqlStore) -> None:
    first, last = row("D1", case="RENT/1", numbers=[MOBILE]), row("D1", case="RENT/2", numbers=[FIXED])
    batch = await break_off(breaking, *long_list(first, last))
    await voice_all(store)
    await store.finish_batch(batch.key, NOW)

    contact = await contact_of(store)

    assert contact.cases == ["RENT/1", "RENT/2"]
    assert [number.retired for number in contact.numbers] == [None, None]
    assert await voice_all(store) == 1  # what was said before spoke of one case only


async def test_the_same_list_does_not_begin_a_contact_anew(breaking: SqlStore, store: SqlStore) -> None:
    batch = await break_off(breaking, *long_list(row("D1", case="RENT/1"), row("D1", case="RENT/2")))
    await call_all(store, Disposition.DELIVERED)
    await store.finish_batch(batch.key, NOW)

    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", "delivered")


async def test_a_payment_between_two_portions_holds(breaking: SqlStore, store: SqlStore) -> None:
    batch = await break_off(breaking, *long_list(row("D1", case="RENT/1"), row("D1", case="RENT/2")))
    await store.settle(numbered(balance("RENT/1")), "key:test", NOW)
    assert (await contact_of(store)).finished == FinishReason.SETTLED

    await store.finish_batch(batch.key, NOW)

    contact = await contact_of(store)
    assert (contact.state, contact.cases) == ("waiting", ["RENT/2"])


async def test_what_a_long_list_leaves_out_or_blocks_is_called_no_more(store: SqlStore) -> None:
    await take(store, "B-1", row("D0"), row("D1", numbers=[MOBILE, FIXED]), row("D2"), row("D3"))

    blocked = row("D2", blocked=Code.B_DECEASED)
    await take(store, "B-2", *long_list(row("D1", numbers=[FIXED]), blocked), row("D3"), mode="replace")

    assert {n.e164: n.retired for n in (await contact_of(store, "D1")).numbers} == {MOBILE: "not_listed", FIXED: None}
    ends = {debtor: (await contact_of(store, debtor)).finished for debtor in ("D0", "D1", "D2", "D3")}
    assert ends == {"D0": "replaced", "D1": None, "D2": "blocked", "D3": None}


async def test_a_half_taken_list_leaves_out_what_it_should_when_it_is_finished(
    breaking: SqlStore, store: SqlStore
) -> None:
    await take(store, "B-1", row("D0"), row("D1", numbers=[MOBILE, FIXED]))
    batch = await break_off(breaking, *long_list(row("D1", numbers=[FIXED]), row("D2")), mode="replace")

    await store.finish_batch(batch.key, NOW)

    assert {n.e164: n.retired for n in (await contact_of(store, "D1")).numbers} == {MOBILE: "not_listed", FIXED: None}
    assert (await contact_of(store, "D0")).finished == "replaced"
