"""How do events come into one order without gaps, and how are they read?

They are written in the transaction whose change they tell of. The numbers come from one row, which stays locked until
that transaction is over: whoever sees a number sees all smaller ones.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk, Prepared
from dialer.adapters.store.database import Database, ring_when_committed
from dialer.adapters.store.event_tables import event_counter, events
from dialer.core.feed import EventType, FeedEvent
from dialer.ports.store import FeedEntry

ELSEWHERE = timedelta(seconds=1)  # how often events of other processes are looked for

_OF_EVENT = tuple(field.name for field in fields(FeedEvent))
_COUNTER = event_counter.c.id == 1
_LAST = sa.select(event_counter.c.last).where(_COUNTER)
_TAKE = (
    event_counter.update()
    .where(_COUNTER)
    .values(last=event_counter.c.last + sa.bindparam("how_many"))
    .returning(event_counter.c.last)
)
_EVENTS = Bulk(events.columns.keys(), lambda _: events.insert())


def append(connection: sa.Connection, happened: Sequence[FeedEvent]) -> None:
    """Add events to the feed, in order. To be called last in its transaction: it makes others wait for the commit."""
    append_prepared(connection, prepare(connection, happened))


def prepare(connection: sa.Connection, happened: Iterable[FeedEvent]) -> list[Prepared]:
    """Events as the database takes them, but for their numbers; may be done before the transaction."""
    return _EVENTS.prepare(
        connection, [{"seq": None, **{name: getattr(event, name) for name in _OF_EVENT}} for event in happened]
    )


def append_prepared(connection: sa.Connection, prepared: Sequence[Prepared]) -> None:
    """To be called last, as ``append``."""
    if not prepared:
        return
    last: int = connection.execute(_TAKE, {"how_many": len(prepared)}).scalar_one()
    numbers = range(last - len(prepared) + 1, last + 1)
    _EVENTS.run_prepared(connection, _EVENTS.put(connection, prepared, "seq", numbers))
    ring_when_committed(connection)


def inserting(query: sa.Select[Any], order: Sequence[sa.ColumnElement[Any]]) -> sa.Insert:
    """An INSERT for ``append_chosen``: an event for each row of the query, whose columns are named like an event's."""
    seq = sa.bindparam("last", type_=events.c.seq.type) + sa.func.row_number().over(order_by=order)
    names = [*query.selected_columns.keys(), "seq"]
    return events.insert().from_select(names, query.add_columns(seq), include_defaults=False)


def append_chosen(connection: sa.Connection, insert: sa.Insert, chosen: Iterable[Mapping[str, Any]]) -> None:
    """Add events without bringing them here, once for each set of parameters. To be called last, as ``append``."""
    before = last = connection.execute(_LAST.with_for_update()).scalar_one()
    for parameters in chosen:
        made = connection.execute(insert, {**parameters, "last": last}, execution_options={"preserve_rowcount": True})
        last += made.rowcount
    if last > before:
        connection.execute(_TAKE, {"how_many": last - before})
        ring_when_committed(connection)


# ---- reading --------------------------------------------------------------------------------------------


class SqlFeed:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def events(
        self,
        after: int,
        limit: int,
        client_id: str | None = None,
        case_id: str | None = None,
        types: Collection[EventType] | None = None,
    ) -> Sequence[FeedEntry]:
        chosen = [
            events.c.seq > after,
            *_seen_by(events, client_id),
            *([] if case_id is None else [events.c.case_id == case_id]),
            *([] if types is None else [events.c.type.in_(types)]),
        ]
        earlier = events.alias("earlier")
        previous = (
            sa.select(sa.func.coalesce(sa.func.max(earlier.c.seq), 0))
            .where(earlier.c.seq < events.c.seq, *_seen_by(earlier, client_id))
            .scalar_subquery()
        )
        columns = [*(events.c[name] for name in _OF_EVENT), events.c.seq, previous]
        query = sa.select(*columns).where(*chosen).order_by(events.c.seq).limit(limit)
        return await self._db.read(_entries, query)

    async def last_event(self, client_id: str | None = None) -> int:
        newest = sa.select(sa.func.coalesce(sa.func.max(events.c.seq), 0)).where(*_seen_by(events, client_id))
        return await self._db.read(_number, _LAST if client_id is None else newest)

    async def event_after(self, seq: int, client_id: str | None = None) -> int:
        while True:
            news = self._db.news.next  # taken before looking, so that nothing slips through in between
            if (last := await self.last_event(client_id)) > seq:
                return last
            with suppress(TimeoutError):
                async with asyncio.timeout(ELSEWHERE.total_seconds()):
                    await news.wait()


def _seen_by(table: sa.FromClause, client_id: str | None) -> list[sa.ColumnElement[bool]]:
    return [] if client_id is None else [table.c.client_id == client_id]


def _number(connection: sa.Connection, query: sa.Select[Any]) -> int:
    number: int = connection.execute(query).scalar_one()
    return number


def _entries(connection: sa.Connection, query: sa.Select[Any]) -> list[FeedEntry]:
    return [
        FeedEntry(seq, previous, FeedEvent(EventType(type_), *rest))
        for type_, *rest, seq, previous in connection.execute(query)
    ]
