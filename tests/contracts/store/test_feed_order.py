"""Is everything told in the order in which it happened, without a gap, to whoever reads or waits?"""

import asyncio
from collections.abc import Sequence
from functools import partial
from random import Random

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.codes import Code
from dialer.core.feed import EventType, FeedEvent
from dialer.model import Attempt, Disposition, FinishReason
from tests.support.ear import PATIENCE
from tests.support.feed import disagreements, whole_feed
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    RULES,
    conclusion,
    follow,
    insist,
    lease,
    order,
    row,
    take,
)

pytestmark = pytest.mark.usefixtures("rent")


def happened(case_id: str = "RENT/1", client: str = "CL-CZYNSZ") -> FeedEvent:
    return FeedEvent(EventType.WRONG_NUMBER, NOW, client, case_id, actor="callee")


def add_and_fail(connection: sa.Connection) -> None:
    append(connection, [happened(), happened()])
    raise ZeroDivisionError


# ---- order and gaps -------------------------------------------------------------------------------------


async def test_what_is_undone_leaves_no_gap(store: SqlStore, database: Database) -> None:
    await database.write(append, [happened("RENT/1")])
    with pytest.raises(ZeroDivisionError):
        await database.write(add_and_fail)
    await database.write(append, [happened("RENT/2")])

    assert [(each.seq, each.previous, each.event.case_id) for each in await store.events(0, 10)] == [
        (1, 0, "RENT/1"),
        (2, 1, "RENT/2"),
    ]


async def test_whoever_reads_while_others_write_never_sees_a_gap(
    store: SqlStore, other_store: SqlStore, database: Database
) -> None:
    contacts = 60
    await take(store, "B-1", *(row(f"D{n}", numbers=[MOBILE, FIXED]) for n in range(contacts)))
    attempts = await lease(store)
    gaps = []

    async def work(mine: SqlStore, order: Sequence[Attempt]) -> None:
        for start in range(0, len(order), 5):
            portion = [conclusion(attempt) for attempt in order[start : start + 5]]
            await insist(partial(mine.conclude, portion, follow))

    async def list_meanwhile() -> None:
        rows = [row(f"D{n}", blocked=Code.B_DISPUTE) for n in range(0, contacts, 3)]
        batch, _ = await store.begin_batch(order("B-2", mode="replace"))
        await insist(partial(other_store.add_rows, batch.key, rows[:1]))
        await insist(partial(other_store.finish_batch, batch.key, NOW))

    async def read() -> None:
        seen = 0
        while True:
            for entry in await store.events(seen, 1000):
                if entry.seq != seen + 1:
                    gaps.append((seen, entry.seq))
                seen = entry.seq

    reading = asyncio.create_task(read())
    await asyncio.gather(work(store, attempts[::2]), work(other_store, attempts[1::2][::-1]), list_meanwhile())
    reading.cancel()
    assert gaps == []
    assert await disagreements(store, "RENT") == []


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_outcomes_the_feed_tells_what_the_tables_say(store: SqlStore, seed: int) -> None:
    chance = Random(seed)
    debtors = [f"D{n}" for n in range(12)]
    rows = [row(d, case=f"{d}/{n}", numbers=[MOBILE, FIXED]) for d in debtors for n in range(chance.randint(1, 3))]
    await take(store, "B-1", *rows)
    for turn in range(12):
        at = NOW + turn * 2 * RULES.spacing
        attempts = sorted(await lease(store, at), key=lambda each: each.contact_id)  # due at once: in any order
        outcomes = [(each, chance.choice(list(Disposition))) for each in attempts]
        ended = [conclusion(each, outcome) for each, outcome in outcomes]
        chance.shuffle(ended)
        await store.conclude(ended, follow)
        await store.conclude(chance.sample(ended, len(ended) // 2), follow)
        if turn == 3:
            await store.finish_lane(1, FinishReason.EXPIRED, at, 2)

    assert len(await whole_feed(store)) > 100
    assert await disagreements(store, "RENT") == []


# ---- reading --------------------------------------------------------------------------------------------


@pytest.fixture
async def mixed(store: SqlStore, database: Database) -> SqlStore:
    """Events 1 to 6: two clients' in turn, of three cases each."""
    for n in range(6):
        await database.write(append, [happened(f"CASE/{n // 2}", ("CL-ONE", "CL-TWO")[n % 2])])
    return store


async def test_a_page_goes_on_behind_the_one_before(mixed: SqlStore) -> None:
    assert [each.seq for each in await mixed.events(0, 4)] == [1, 2, 3, 4]
    assert [each.seq for each in await mixed.events(4, 4)] == [5, 6]
    assert list(await mixed.events(6, 4)) == []


async def test_a_client_sees_its_own_events_each_with_the_one_before_it(mixed: SqlStore) -> None:
    seen = await mixed.events(2, 10, client_id="CL-TWO")
    assert [(each.previous, each.seq) for each in seen] == [(2, 4), (4, 6)]
    assert [each.previous for each in await mixed.events(0, 1, client_id="CL-TWO")] == [0]
    assert (await mixed.last_event("CL-ONE"), await mixed.last_event("CL-THREE"), await mixed.last_event()) == (5, 0, 6)


async def test_a_filter_changes_what_is_shown_and_not_what_comes_before_it(mixed: SqlStore) -> None:
    [seen] = await mixed.events(0, 10, client_id="CL-TWO", case_id="CASE/2")
    assert (seen.previous, seen.seq) == (4, 6)
    assert list(await mixed.events(0, 10, types=[EventType.CASE_SETTLED])) == []


async def test_the_bell_rings_for_what_was_added_to_the_feed(store: SqlStore, database: Database) -> None:
    bell = database.news.next
    await database.write(append, [happened()])
    async with asyncio.timeout(PATIENCE):
        await bell.wait()


async def test_the_bell_is_silent_when_nothing_was_added(store: SqlStore, database: Database) -> None:
    bell = database.news.next
    await store.wake(NOW)
    with pytest.raises(ZeroDivisionError):
        await database.write(add_and_fail)
    await store.wake(NOW)
    await store.last_event()
    assert not bell.is_set()


async def test_whoever_waits_hears_of_another_processs_event(mixed: SqlStore, other_store: SqlStore) -> None:
    waiting = asyncio.create_task(mixed.event_after(6))
    batch, _ = await other_store.begin_batch(order("B-1"))
    async with asyncio.timeout(PATIENCE):
        await other_store.finish_batch(batch.key, NOW)
        assert await waiting == 7


async def test_whoever_waits_for_its_own_is_not_woken_by_anothers(mixed: SqlStore, database: Database) -> None:
    waiting = asyncio.create_task(mixed.event_after(5, "CL-ONE"))
    await database.write(append, [happened(client="CL-TWO")])
    await mixed.last_event()
    assert not waiting.done()
    async with asyncio.timeout(PATIENCE):
        await database.write(append, [happened(client="CL-ONE")])
        assert await waiting == 8
