"""Does anybody wait who could be called? Asked of the database and of the carrier's log, not of the engine."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database
from dialer.core import gate
from dialer.model import ContactState, Lane
from dialer.ports import Clock

EVERY = timedelta(seconds=10)
WHILE_CLOSED = timedelta(minutes=1)

Look = Callable[[datetime, CarrierLog], None]  # told at every look

_NOW = sa.bindparam("now", type_=contacts.c.due_at.type)
# Those whose message cannot be made for now wait for it, not for a call.
_IS_PAST_DUE = (contacts.c.due_at <= _NOW) & (contacts.c.held_until.is_(None) | (contacts.c.held_until <= _NOW))
# Each state as it stands in a partial index: this is asked every few seconds of a simulated day.
_PAST_DUE = sa.union_all(
    *(
        sa.select(contacts.c.lane_id, contacts.c.due_at).where(sa.text(state), _IS_PAST_DUE)
        for state in (
            "contacts.state = 'ready'",
            "contacts.state = 'waiting' AND contacts.message_key IS NOT NULL",
            "contacts.state = 'waiting' AND contacts.message_key IS NULL",
        )
    )
).subquery()
_OLDEST_DUE = sa.select(_PAST_DUE.c.lane_id, sa.func.min(_PAST_DUE.c.due_at)).group_by(_PAST_DUE.c.lane_id)
_IS_LEFT = sa.select(sa.exists().where(contacts.c.state != ContactState.FINISHED))


class Watch:
    """Looks every few seconds; ``longest_wait``: how long somebody was past due while a call could have been placed."""

    def __init__(
        self, database: Database, lanes: Sequence[Lane], log: CarrierLog, clock: Clock, look: Look = lambda *_: None
    ) -> None:
        self._db = database
        self._lanes = lanes
        self._log = log
        self._clock = clock
        self._tell = look
        self._open_since: dict[int, datetime] = {}
        self._looked_at = clock.now()
        self.longest_wait = timedelta()
        self.waited_in = ""  # the campaign
        self.ended_at: datetime | None = None  # when we stopped looking: what went on then was broken off

    async def until_nobody_is_left(self, end: datetime) -> None:
        """Look on until every contact is finished, or the end has come."""
        while self._clock.now() < end and await self._db.read(_is_anybody_left):
            await self._look()
            self._tell(self._clock.now(), self._log)
            await asyncio.sleep((EVERY if self._open_since else WHILE_CLOSED).total_seconds())
        self.ended_at = self._clock.now()

    async def _look(self) -> None:
        now = self._clock.now()
        # Windows open on whole minutes; where a span begins within one, this is rather too strict than too lenient.
        opened = max(self._looked_at, now.replace(second=0, microsecond=0))
        self._open_since = {
            lane.id: self._open_since.get(lane.id, opened) for lane in self._lanes if gate.closed_by(lane, now) is None
        }
        self._looked_at = now
        if not self._open_since:
            return
        campaign_of = {lane.id: lane.campaign_id for lane in self._lanes}
        for lane, due_at in await self._db.read(_oldest_due, now):
            if lane in self._open_since:
                waited = now - max(due_at, self._open_since[lane], self._log.filled_at)
                if waited > self.longest_wait:
                    self.longest_wait, self.waited_in = waited, campaign_of[lane]


def _is_anybody_left(connection: sa.Connection) -> bool:
    return bool(connection.execute(_IS_LEFT).scalar_one())


def _oldest_due(connection: sa.Connection, now: datetime) -> list[tuple[int, datetime]]:
    return [(lane, due_at) for lane, due_at in connection.execute(_OLDEST_DUE, {"now": now})]
