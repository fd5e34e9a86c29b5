"""Does whoever asks for the cases that have changed since come to know of every change?"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.blocks import CaseChange, Ordered
from dialer.core.cases import CaseOrder, Dispute, HoldReason
from dialer.core.codes import Code
from dialer.ports.store import CaseFilter, CaseView
from tests.contracts.store.test_promises import look, promises
from tests.support.balances import balance, numbered
from tests.support.stores import NOW, row, take

CLIENT = "CL-CZYNSZ"
LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("rent")


async def changed_since(store: SqlStore, moment: datetime | None, after: int = 0, limit: int = 100) -> list[CaseView]:
    return list(await store.cases(CaseFilter(CLIENT, changed_since=moment), after, limit))


async def names_since(store: SqlStore, moment: datetime) -> list[str]:
    return [each.case_id for each in await changed_since(store, moment)]


async def change(store: SqlStore, case: str, change: CaseChange, now: datetime = LATER) -> None:
    await store.change_case(CLIENT, case, change, "key:test", now)


async def disputed(store: SqlStore) -> None:
    await change(store, "RENT/D1", CaseChange(dispute=Dispute.OPEN))


async def paused(store: SqlStore) -> None:
    await change(store, "RENT/D1", CaseChange(ordered=Ordered(CaseOrder.PAUSE, HoldReason.OTHER)))


async def paid(store: SqlStore) -> None:
    await store.settle(numbered(balance("RENT/D1")), "key:test", LATER)


async def listed_otherwise(store: SqlStore) -> None:
    await take(store, "B-2", row("D1", amount="99.00", version=2), now=LATER)


async def blocked_by_a_list(store: SqlStore) -> None:
    await take(store, "B-2", row("D1", blocked=Code.B_ATTORNEY), now=LATER)


async def promised(store: SqlStore) -> None:
    await promises(store, now=LATER)


async def erased(store: SqlStore) -> None:
    begun = await store.begin_erasure(CLIENT, "D1", "key:test", LATER)
    assert begun is not None
    assert await store.wipe(begun.erasure.id, 0, LATER)


@pytest.mark.parametrize(
    "happens", [disputed, paused, paid, listed_otherwise, blocked_by_a_list, promised, erased], ids=lambda f: f.__name__
)
async def test_whatever_becomes_otherwise_is_found(
    store: SqlStore, happens: Callable[[SqlStore], Awaitable[None]]
) -> None:
    await take(store, "B-1", row("D1"), row("D2", blocked=Code.B_ATTORNEY))
    assert await names_since(store, LATER) == []

    await happens(store)

    assert await names_since(store, LATER) == ["RENT/D1"]


async def test_a_promise_that_is_broken_is_a_change(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await promises(store, now=NOW)
    [before] = await changed_since(store, NOW)

    await look(store, NOW + 30 * DAY)

    [after] = await changed_since(store, NOW + DAY)
    assert (before.promise, after.promise) == ("open", "broken")


async def test_a_list_that_says_the_same_again_changes_nothing(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    await disputed(store)
    await change(store, "RENT/D2", CaseChange(ordered=Ordered(CaseOrder.PAUSE, HoldReason.OTHER)))

    await take(store, "B-2", row("D1"), row("D2"), row("D3"), row("D4"), now=LATER + DAY)

    assert await names_since(store, LATER + DAY) == ["RENT/D4"]


async def test_an_older_sum_is_no_change(store: SqlStore) -> None:
    await take(store, "B-1", row("D1", version=5))
    await take(store, "B-2", row("D1", amount="1.00", version=4), now=LATER)

    assert await names_since(store, LATER) == []


async def test_changes_come_in_pages_in_the_order_in_which_they_were_made(store: SqlStore) -> None:
    await take(store, "B-1", *(row(f"D{n}") for n in range(1, 6)))
    await change(store, "RENT/D2", CaseChange(dispute=Dispute.OPEN))

    seen, moment, after = list[str](), NOW, 0
    while page := await changed_since(store, moment, after, 2):
        seen += [each.case_id for each in page]
        assert page[-1].changed_at is not None
        moment, after = page[-1].changed_at, page[-1].key

    assert seen == ["RENT/D1", "RENT/D3", "RENT/D4", "RENT/D5", "RENT/D2"]


async def test_what_is_written_later_is_dated_later_whatever_the_clock_said_when_it_began(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await disputed(store)
    [read] = await changed_since(store, LATER)

    await store.settle(numbered(balance("RENT/D2", "1.00")), "key:test", NOW)  # begun before, and kept up

    assert read.changed_at is not None
    assert [each.case_id for each in await changed_since(store, read.changed_at, read.key)] == ["RENT/D2"]
    [settled] = await changed_since(store, read.changed_at, read.key)
    assert settled.amount == Decimal("1.00")
