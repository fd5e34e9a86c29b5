"""In which transactions does a staged list become what is called?

A short list in one. A long one in many that are bounded, so that calls are saved and concluded in between: once its
first rows are kept it is taken to its end, after a crash by the next start (docs/decisions/0014).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
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
from dialer.collection import postponed
from dialer.core.audit import Action, Change
from dialer.core.feed import EventType, FeedEvent

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch as it is taken."""

    key: int
    owner: str
    batch_id: str
    mode: str
    actor: str
    last: int  # its last row; 0: it has none

    def portions(self, after: int = 0) -> Iterator[Portion]:
        for first in range(after + 1, self.last + 1, PORTION):
            yield Portion(self.key, first, min(first + PORTION - 1, self.last))


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
        for portion in listed.portions(begun_at):
            oldest = await self._write(keep, portion, listed.actor, self._now)
            is_any_known = is_any_known or (oldest is not None and oldest <= newest)
        for portion in listed.portions() if is_any_known else ():
            await self._write(leave_out_unnamed, portion, self._now, listed.actor)
        while listed.mode == "replace" and await self._write(replace_unnamed, self._batch, self._now, listed.actor):
            pass
        counts = await self._db.read(_counts, self._batch)
        await self._db.write(_finish, listed, counts, self._now)

    async def _write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with postponed():
            return await self._db.write_beside(partial(self._staging.beside, self._batch), work, *args, **kwargs)


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
    for portion in listed.portions():
        if keep(connection, portion, listed.actor, now) is not None:
            leave_out_unnamed(connection, portion, now, listed.actor)
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
