"""How do events come into one order without gaps, and how are they read?

They are written in the transaction whose change they tell of. The numbers come from one row, which stays locked until
that transaction is over: whoever sees a number sees all smaller ones.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
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
_CLIENT: sa.BindParameter[str] = sa.bindparam("client")
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(events.c.seq), 0)).where(events.c.client_id == _CLIENT)
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
        return await self._db.read(_entries, _Wanted(after, limit, client_id, case_id, types))

    async def events_and_last(
        self, after: int, limit: int, client_id: str | None, case_id: str | None, types: Collection[EventType] | None
    ) -> tuple[Sequence[FeedEntry], int]:
        return await self._db.read(_entries_and_last, _Wanted(after, limit, client_id, case_id, types))

    async def last_event(self, client_id: str | None = None) -> int:
        return await self._db.read(_last, client_id)

    async def event_after(self, seq: int, client_id: str | None = None) -> int:
        while True:
            news = self._db.news.next  # taken before looking, so that nothing slips through in between
            if (last := await self.last_event(client_id)) > seq:
                return last
            with suppress(TimeoutError):
                async with asyncio.timeout(ELSEWHERE.total_seconds()):
                    await news.wait()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page of the feed."""

    after: int
    limit: int
    client: str | None
    case: str | None
    types: Collection[EventType] | None


def _entries(connection: sa.Connection, wanted: _Wanted) -> list[FeedEntry]:
    said = {each.name: value for each in fields(wanted) if (value := getattr(wanted, each.name)) is not None}
    query = _page(of_client="client" in said, of_case="case" in said, of_types="types" in said)
    return [
        FeedEntry(seq, previous, FeedEvent(EventType(type_), *rest))
        for type_, *rest, seq, previous in connection.execute(query, said)
    ]


def _entries_and_last(connection: sa.Connection, wanted: _Wanted) -> tuple[list[FeedEntry], int]:
    return _entries(connection, wanted), _last(connection, wanted.client)


def _last(connection: sa.Connection, client_id: str | None) -> int:
    query, said = (_LAST, {}) if client_id is None else (_NEWEST, {"client": client_id})
    last: int = connection.execute(query, said).scalar_one()
    return last


@cache
def _page(*, of_client: bool, of_case: bool, of_types: bool) -> sa.Select[Any]:
    """Building it takes longer than SQLite does to answer it."""
    earlier = events.alias("earlier")
    chosen, seen = [events.c.seq > sa.bindparam("after")], [earlier.c.seq < events.c.seq]
    if of_client:
        chosen.append(events.c.client_id == _CLIENT)
        seen.append(earlier.c.client_id == _CLIENT)
    if of_case:
        chosen.append(events.c.case_id == sa.bindparam("case"))
    if of_types:
        chosen.append(events.c.type.in_(sa.bindparam("types", expanding=True)))
    previous = sa.select(sa.func.coalesce(sa.func.max(earlier.c.seq), 0)).where(*seen).scalar_subquery()
    columns = [*(events.c[name] for name in _OF_EVENT), events.c.seq, previous]
    return sa.select(*columns).where(*chosen).order_by(events.c.seq).limit(sa.bindparam("limit", type_=sa.Integer))
