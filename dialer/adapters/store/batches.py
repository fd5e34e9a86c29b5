"""Which call lists came in, what was said of each row, and when is one wholly taken?"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from operator import eq, ge, lt
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.campaign_tables import batch_campaigns, batch_rows, batches
from dialer.adapters.store.database import Database
from dialer.adapters.store.narrowing import narrowed
from dialer.adapters.store.schema import insert
from dialer.adapters.store.staging import Staging
from dialer.adapters.store.taking import Taking
from dialer.core.audit import Action, Change
from dialer.ports.store import Batch, BatchFilter, BatchOrder, BatchRow, Conflict, StoreFailed, TakenRow

_PAGE = 1000
_CAMPAIGNS = sa.select(batch_campaigns.c.campaign_id).where(batch_campaigns.c.batch == batches.c.id)
_HAS_ROWS = sa.exists().where(batch_rows.c.batch == batches.c.id)


class SqlBatches:
    def __init__(self, database: Database) -> None:
        self._db = database

    @property
    def _staging(self) -> Staging:
        return Staging(self._db)

    async def begin_batch(self, order: BatchOrder) -> tuple[Batch, bool]:
        batch, is_new = await self._db.write(_begin, order)
        if is_new:
            try:
                await self._db.aside(self._staging.open, batch.key)
            except StoreFailed as failure:
                await self.fail_batch(batch.key, f"its rows cannot be put aside ({failure}): send it again")
                raise
        return batch, is_new

    async def add_rows(self, batch: int, rows: Sequence[TakenRow]) -> None:
        await self._db.aside(self._staging.add, batch, rows)

    async def finish_batch(self, batch: int, now: datetime) -> Batch:
        known = await self._db.read(_known, batch)
        if known.state != "done":
            last = await self._db.aside(self._staging.settle, batch)
            await Taking(self._db, self._staging, batch, now).run(last)
        await self._db.aside(self._staging.drop, batch)
        return await self._db.read(_known, batch)

    async def add_notices(self, batch: int, notices: Sequence[tuple[str, str]]) -> None:
        await self._db.write(_add_notices, batch, notices)

    async def fail_batch(self, batch: int, problem: str) -> bool:
        is_failed = await self._db.write(_fail, (batches.c.id == batch) & ~_HAS_ROWS, problem) > 0
        if is_failed:
            await self._db.aside(self._staging.drop, batch)
        return is_failed

    async def fail_interrupted_batches(self) -> int:
        staged = await self._db.aside(self._staging.batches)
        failed = await self._db.write(
            _fail,
            batches.c.id.not_in(staged) | ~_HAS_ROWS,
            "the engine was stopped while the list was being taken: send it again",
        )
        for batch in set(staged) - set(await self.half_taken_batches()):
            await self._db.aside(self._staging.drop, batch)
        return failed

    async def half_taken_batches(self) -> Sequence[int]:
        return await self._db.read(_half_taken)

    async def batch(self, owner: str | None, batch_id: str) -> Batch | None:
        return await self._db.read(_find, owner, batch_id)

    async def batches(self, which: BatchFilter, after: int | None, limit: int) -> Sequence[Batch]:
        return await self._db.read(_page, which, after, limit)

    async def batch_rows(self, batch: int) -> AsyncIterator[Sequence[BatchRow]]:
        after = 0
        while page := await self._db.read(_rows, batch, after):
            yield page
            after = page[-1].row


def _batch(row: Any) -> Batch:
    notices = [(code, detail) for code, detail in row.notices]
    return Batch(
        row.id, row.batch_id, row.state, row.problem, row.counts, row.received_at, row.digest, notices, row.owner
    )


def _page(connection: sa.Connection, which: BatchFilter, after: int | None, limit: int) -> list[Batch]:
    query = narrowed(
        sa.select(batches),
        (eq, batches.c.owner, which.owner),
        (eq, batches.c.state, which.state),
        (ge, batches.c.received_at, which.since),
        (lt, batches.c.received_at, which.until),
        (lt, batches.c.id, after),
    )
    if which.campaign_id is not None:
        query = query.where(_CAMPAIGNS.where(batch_campaigns.c.campaign_id == which.campaign_id).exists())
    return [_batch(row) for row in connection.execute(query.order_by(batches.c.id.desc()).limit(limit))]


def _find(connection: sa.Connection, owner: str | None, batch_id: str, *, for_update: bool = False) -> Batch | None:
    query = sa.select(batches).where(batches.c.batch_id == batch_id).order_by(batches.c.id.desc()).limit(1)
    if owner is not None:
        query = query.where(batches.c.owner == owner)
    if for_update:
        query = query.with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else _batch(row)


def _known(connection: sa.Connection, batch: int) -> Batch:
    return _batch(connection.execute(sa.select(batches).where(batches.c.id == batch)).one())


def _begin(connection: sa.Connection, order: BatchOrder) -> tuple[Batch, bool]:
    known = _find(connection, order.owner, order.batch_id, for_update=True)
    now = {
        "state": "receiving",
        "problem": None,
        "counts": {},
        "notices": [list(notice) for notice in order.notices],
        "digest": order.digest,
        "mode": order.mode,
        "mailing": order.mailing.model_dump(mode="json", exclude_none=True) if order.mailing else None,
        "as_of": order.as_of,
        "received_at": order.received_at,
        "actor": order.actor,
    }
    if known is None:
        name = {"owner": order.owner, "batch_id": order.batch_id}
        begun = insert(connection, batches).on_conflict_do_nothing().returning(*batches.c)
        row = connection.execute(begun, name | now).one_or_none()
        if row is None:  # another engine was quicker
            raise _being_received(order)
        return _begun(connection, row), True
    if known.state == "receiving":
        raise _being_received(order)
    if known.state == "done":
        if known.digest != order.digest:
            raise Conflict(f"batch {order.batch_id} was taken with another content: give a changed list a new batch_id")
        return known, False
    # A list that failed as a whole may be sent again, mended.
    connection.execute(batch_rows.delete().where(batch_rows.c.batch == known.key))
    again = batches.update().where(batches.c.id == known.key).returning(*batches.c)
    return _begun(connection, connection.execute(again, now).one()), True


def _begun(connection: sa.Connection, row: Any) -> Batch:
    said = {"digest": row.digest, "mode": row.mode, "mailing": row.mailing}
    note(connection, Change(Action.BATCH_BEGUN, row.received_at, row.actor, row.owner, row.batch_id, after=said))
    return _batch(row)


def _add_notices(connection: sa.Connection, batch: int, notices: Sequence[tuple[str, str]]) -> None:
    this = batches.c.id == batch
    known = connection.execute(sa.select(batches.c.notices).where(this).with_for_update()).scalar_one()
    connection.execute(batches.update().where(this).values(notices=[*known, *map(list, notices)]))


def _being_received(order: BatchOrder) -> Conflict:
    return Conflict(f"batch {order.batch_id} is being received at this moment")


def _fail(connection: sa.Connection, which: sa.ColumnElement[bool], problem: str) -> int:
    receiving = batches.update().where(batches.c.state == "receiving", which)
    return connection.execute(receiving.values(state="failed", problem=problem[:500])).rowcount


def _half_taken(connection: sa.Connection) -> Sequence[int]:
    query = sa.select(batches.c.id).where(batches.c.state == "receiving", _HAS_ROWS).order_by(batches.c.id)
    return connection.execute(query).scalars().all()


def _rows(connection: sa.Connection, batch: int, after: int) -> list[BatchRow]:
    query = (
        sa.select(batch_rows)
        .where(batch_rows.c.batch == batch, batch_rows.c.row > after)
        .order_by(batch_rows.c.row)
        .limit(_PAGE)
    )
    return [
        BatchRow(row.row, row.case_id, row.status, row.codes.split(), row.phones.split())
        for row in connection.execute(query)
    ]
