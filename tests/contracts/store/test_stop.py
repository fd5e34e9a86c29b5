"""Does the order to stop hold for everybody on the database, until somebody resumes?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.event_tables import events
from dialer.ports.store import StopOrder, Stopped
from tests.support.stores import HORIZON, NOW, calls, contact_of, lease, ready_all, row, settings, take

LATER = NOW + timedelta(minutes=5)


async def told(database: Database) -> list[tuple[Any, ...]]:
    """The feed: type, actor and body of each event, in order."""
    query = sa.select(events.c.type, events.c.actor, events.c.body).order_by(events.c.seq)
    return await database.read(lambda connection: [tuple(row) for row in connection.execute(query)])


async def test_unless_somebody_ordered_it_nothing_is_stopped(store: SqlStore) -> None:
    assert await store.stop_order() == StopOrder()
    assert not (await store.stop_order()).is_stopped


async def test_an_order_says_who_gave_it_when_and_why(store: SqlStore, other_store: SqlStore) -> None:
    given = await store.order_stop("key:dz1", "wrong amounts", NOW, hangs_up=True)

    assert given == StopOrder(1, True, True, "wrong amounts", "key:dz1", NOW)
    assert await other_store.stop_order() == given


async def test_after_a_resume_nothing_is_stopped(store: SqlStore) -> None:
    await store.order_stop("cli", "a test", NOW, hangs_up=True)

    given = await store.order_resume("key:dz1", None, LATER)

    assert given == StopOrder(2, False, False, None, "key:dz1", LATER)
    assert await store.stop_order() == given


async def test_an_order_that_is_repeated_changes_nothing_and_is_not_told_twice(
    store: SqlStore, database: Database
) -> None:
    first = await store.order_stop("cli", "first", NOW, hangs_up=False)
    assert await store.order_stop("key:dz1", "second", LATER, hangs_up=False) == first
    resumed = await store.order_resume("cli", None, LATER)
    assert await store.order_resume("key:dz1", "again", LATER) == resumed

    assert [type_ for type_, _, _ in await told(database)] == ["engine.stopped", "engine.resumed"]


async def test_whoever_is_stopped_can_be_told_to_hang_up_too(store: SqlStore) -> None:
    await store.order_stop("cli", None, NOW, hangs_up=False)

    given = await store.order_stop("cli", "at once", LATER, hangs_up=True)

    assert (given.revision, given.hangs_up, given.reason) == (2, True, "at once")
    assert await store.order_stop("cli", None, LATER, hangs_up=False) == given


async def test_every_order_is_told_to_the_feed(store: SqlStore, database: Database) -> None:
    await store.order_stop("cli", "wrong amounts", NOW, hangs_up=False)
    await store.order_resume("key:dz1", None, LATER)

    assert await told(database) == [
        ("engine.stopped", "cli", {"revision": 1, "reason": "wrong amounts", "hang_up": False}),
        ("engine.resumed", "key:dz1", {"revision": 2, "reason": None}),
    ]


async def test_while_stopped_nothing_can_be_leased_whoever_ordered_it(store: SqlStore, other_store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await ready_all(store)
    await other_store.order_stop("cli", None, NOW, hangs_up=False)

    with pytest.raises(Stopped):
        await store.lease(1, 10, calls(), NOW, HORIZON)

    assert await store.open_attempts() == []
    assert (await contact_of(store)).state == "ready"
    await other_store.order_resume("cli", None, NOW)
    assert len(await lease(store)) == 1


async def test_an_engine_notes_that_it_has_obeyed(store: SqlStore, other_store: SqlStore) -> None:
    given = await other_store.order_stop("cli", None, NOW, hangs_up=False)
    assert not given.is_obeyed

    noted = await store.stop_order_obeyed(given.revision, LATER)

    assert (noted.is_obeyed, noted.obeyed, noted.obeyed_at) == (True, 1, LATER)
    assert await other_store.stop_order() == noted


async def test_who_obeyed_an_older_order_has_not_obeyed_the_newer_one(store: SqlStore) -> None:
    await store.order_stop("cli", None, NOW, hangs_up=False)
    await store.order_resume("cli", None, NOW)

    assert not (await store.stop_order_obeyed(1, NOW)).is_obeyed
    assert (await store.stop_order_obeyed(2, NOW)).is_obeyed
    assert (await store.stop_order_obeyed(1, LATER)).obeyed == 2


async def test_of_orders_given_at_once_each_has_its_number(store: SqlStore, other_store: SqlStore) -> None:
    async def order(mine: SqlStore) -> None:
        for _ in range(10):
            await mine.order_stop("cli", None, NOW, hangs_up=False)
            await mine.order_resume("cli", None, NOW)

    await asyncio.gather(order(store), order(other_store), order(store))

    in_force = await store.stop_order()
    assert not in_force.is_stopped
    assert 20 <= in_force.revision <= 60
    assert in_force.revision % 2 == 0
