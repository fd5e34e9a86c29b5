"""In which transactions does a staged list become what is called?

A short list in one. A long one in many that are bounded, so that calls are saved and concluded in between: once its
first rows are kept it is taken to its end, after a crash by the next start (docs/decisions/0014). How many rows are
kept at once is found out by how long the last ones took: on a busy machine a row takes twenty times as long.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.campaign_tables import batch_rows, batches
from dialer.adapters.store.contact_tables import debtors
from dialer.adapters.store.database import Database
from dialer.adapters.store.feed import append
from dialer.adapters.store.intake_rows import PORTION, keep, leave_out_unnamed, replace_unnamed
from dialer.adapters.store.staged import Portion
from dialer.adapters.store.staging import Staging
from dialer.core.audit import Action, Change
from dialer.core.feed import EventType, FeedEvent
from dialer.lists.collection import postponed

P = ParamSpec("P")
T = TypeVar("T")

FIRST = 250  # rows of a long list's first portion
FEWEST = 100  # beginning and ending a transaction takes as long as keeping some of them
LONGEST = timedelta(milliseconds=100)  # that others are to wait for a portion


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch as it is taken."""

    key: int
    owner: str
    batch_id: str
    mode: str
    actor: str
    last: int  # its last row; 0: it has none

    @property
    def whole(self) -> Portion:
        return Portion(self.key, 1, self.last)


class Taking:
    """Takes one list; may be asked again for one of which some rows are kept already."""

    def __init__(self, database: Database, staging: Staging, batch: int, now: datetime) -> None:
        self._db = database
        self._staging = staging
        self._batch = batch
        self._now = now

    async def run(self, last: int) -> None:
        """``last``: the last of the rows that are staged."""
        listed = await self._db.read(_listed, self._batch, last)
        if last <= PORTION:
            await self._write(_take_whole, listed, self._now)
            return
        begun_at, newest = await self._db.read(_stand, self._batch)
        is_any_known = begun_at > 0  # who was there before the first try is not known any more
        async for oldest in self._in_portions(listed, begun_at, keep, listed.actor, self._now):
            is_any_known = is_any_known or (oldest is not None and oldest <= newest)
        if is_any_known:
            async for _ in self._in_portions(listed, 0, leave_out_unnamed, self._now, listed.actor):
                pass
        while listed.mode == "replace" and await self._write(replace_unnamed, self._batch, self._now, listed.actor):
            pass
        counts = await self._db.read(_counts, self._batch)
        await self._db.write(_finish, listed, counts, self._now)

    async def _in_portions(
        self,
        listed: Listed,
        after: int,
        work: Callable[Concatenate[sa.Connection, Portion, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> AsyncIterator[T]:
        """What comes of the work on each portion behind that row."""
        rows = FIRST
        while after < listed.last:
            portion = Portion(listed.key, after + 1, min(after + rows, listed.last))
            done, took = await self._write(_timed(work), portion, *args, **kwargs)
            yield done
            after, rows = portion.last, rows_of_next(portion, took)

    async def _write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with postponed():
            return await self._db.write_beside(partial(self._staging.beside, self._batch), work, *args, **kwargs)


def rows_of_next(portion: Portion, took: timedelta) -> int:
    """As many as are kept in the time that others are to wait; not many more than of the portion that took so long."""
    rows = portion.last - portion.first + 1
    fitting = int(rows * (LONGEST / took)) if took else PORTION
    return max(FEWEST, min(fitting, 2 * rows, PORTION))


def _timed(
    work: Callable[Concatenate[sa.Connection, P], T],
) -> Callable[Concatenate[sa.Connection, P], tuple[T, timedelta]]:
    @wraps(work)
    def timed(connection: sa.Connection, /, *args: P.args, **kwargs: P.kwargs) -> tuple[T, timedelta]:
        began = monotonic()
        done = work(connection, *args, **kwargs)
        return done, timedelta(seconds=monotonic() - began)

    return timed


def _listed(connection: sa.Connection, batch: int, last: int) -> Listed:
    row = connection.execute(sa.select(batches).where(batches.c.id == batch)).one()
    return Listed(batch, row.owner, row.batch_id, row.mode, row.actor, last)


def _stand(connection: sa.Connection, batch: int) -> tuple[int, int]:
    """The last row that is kept, and the newest debtor."""
    last = sa.select(sa.func.max(batch_rows.c.row)).where(batch_rows.c.batch == batch).scalar_subquery()
    newest = sa.select(sa.func.max(debtors.c.id)).scalar_subquery()
    row = connection.execute(sa.select(sa.func.coalesce(last, 0), sa.func.coalesce(newest, 0))).one()
    return row[0], row[1]


def _take_whole(connection: sa.Connection, listed: Listed, now: datetime) -> None:
    if listed.last and keep(connection, listed.whole, listed.actor, now) is not None:
        leave_out_unnamed(connection, listed.whole, now, listed.actor)
    while listed.mode == "replace" and replace_unnamed(connection, listed.key, now, listed.actor):
        pass
    _finish(connection, listed, _counts(connection, listed.key), now)


def _counts(connection: sa.Connection, batch: int) -> dict[str, int]:
    by_status = sa.select(batch_rows.c.status, sa.func.count().label("rows")).where(batch_rows.c.batch == batch)
    return {row.status: row.rows for row in connection.execute(by_status.group_by(batch_rows.c.status))}


def _finish(connection: sa.Connection, listed: Listed, by_status: dict[str, int], now: datetime) -> None:
    counts = by_status | {"rows": sum(by_status.values())}
    connection.execute(batches.update().where(batches.c.id == listed.key).values(state="done", counts=counts))
    taken = Change(Action.BATCH_TAKEN, now, listed.actor, listed.owner, listed.batch_id, after={"counts": counts})
    note(connection, taken)
    told = {"batch_id": listed.batch_id, "counts": counts}
    append(connection, [FeedEvent(EventType.BATCH_FINISHED, now, listed.owner, actor=listed.actor, body=told)])
