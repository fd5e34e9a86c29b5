"""What came of the talks with agents, and whose contacts wait to hear of it?"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import replied
from dialer.adapters.store.call_tables import agents, attempts
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.feed import append
from dialer.adapters.store.rounds import begin_next_round
from dialer.adapters.store.standing import STAND, numbers_of, stand_of
from dialer.adapters.store.telling import of_wrap_up, tell_finished
from dialer.core.call import Call, MessageEnded
from dialer.core.retry import Again, Done, Stand
from dialer.core.rules import Rule
from dialer.core.wrap_up import WrapUp
from dialer.model import Attempt, ContactState, Disposition, FinishReason
from dialer.ports.store import Conclusion, Conflict

DecideWrapUp = Callable[[Attempt, Stand, datetime], Again | Done]

_NAMES = ("id", "contact_id", "campaign_id", "lane_id", "ordinal", "number", "message_key", "saved_at")
_ATTEMPT = [attempts.c[name] for name in _NAMES]
_TALK: sa.Select[Any] = (
    sa.select(*_ATTEMPT, attempts.c.ended_at, attempts.c.disposition, attempts.c.outcome)
    .where(attempts.c.id == sa.bindparam("attempt"))
    .with_for_update()
)
_OF_AGENTS: sa.Select[Any] = sa.select(*_ATTEMPT).join(agents, agents.c.attempt_id == attempts.c.id)
_CONTACT = (
    sa.select(contacts.c.id, contacts.c.state, contacts.c.waits_for, *STAND)
    .where(contacts.c.id == sa.bindparam("contact"))
    .with_for_update()
)
_WAITING = sa.select(attempts.c.id).where(
    attempts.c.disposition == Disposition.CONNECTED,
    attempts.c.outcome.is_(None),
    attempts.c.ended_at < sa.bindparam("before"),
)


class SqlWrapUps:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def wrap_up(self, said: WrapUp, decide: DecideWrapUp) -> None:
        await self._db.write(_wrap_up, said, decide)

    async def calls_of_agents(self) -> Sequence[Attempt]:
        return await self._db.read(lambda connection: [Attempt(*row) for row in connection.execute(_OF_AGENTS)])

    async def talks_to_wrap_up(self, before: datetime) -> Sequence[str]:
        return await self._db.read(lambda connection: list(connection.execute(_WAITING, {"before": before}).scalars()))


def _wrap_up(connection: sa.Connection, said: WrapUp, decide: DecideWrapUp) -> None:
    change_cases_one_by_one(connection)
    talk = connection.execute(_TALK, {"attempt": said.attempt_id}).one_or_none()
    if talk is None or talk.disposition != Disposition.CONNECTED:
        raise Conflict(f"attempt {said.attempt_id} was no talk, or is not over")
    if talk.outcome is not None:
        raise Conflict(f"attempt {said.attempt_id} is wrapped up already: {talk.outcome}")
    attempt = Attempt(*talk[: len(_ATTEMPT)])
    connection.execute(attempts.update().where(attempts.c.id == attempt.id).values(_said(said)))
    contact = connection.execute(_CONTACT, {"contact": attempt.contact_id}).one()
    ended = None
    # What a list, a payment or a wish has made of it meanwhile stays.
    if contact.state == ContactState.WAITING and contact.waits_for == Rule.WRAP_UP:
        stand = stand_of(contact, numbers_of(connection, [contact.id])[contact.id])
        ended = _go_on(connection, contact.id, said, decide(attempt, stand, talk.ended_at))
    message = MessageEnded(attempt.id, said.at, timedelta(), whole=False, answers=said.answers)
    call = Call(attempt.id, attempt.started_at, ended_at=talk.ended_at, message=message)
    follows = replied.carry_out(connection, [Conclusion(attempt, call, Disposition.CONNECTED)])
    append(connection, of_wrap_up(connection, attempt, said))
    replied.tell(connection, follows)
    if ended is not None:
        tell_finished(connection, {ended: [contact.id]}, said.at)


def _go_on(connection: sa.Connection, contact_id: int, said: WrapUp, step: Again | Done) -> FinishReason | None:
    """The reason of its end, unless it is called again."""
    this = contacts.update().where(contacts.c.id == contact_id)
    if isinstance(step, Again):
        agreed = {"appointment_at": said.call_back_at, "appointment_agent": said.agent_id if said.is_own else None}
        connection.execute(this.values(due_at=step.due_at, waits_for=None, appointment_number=None, **agreed))
        return None
    connection.execute(this.values(state=ContactState.FINISHED, finished=step.reason, waits_for=None))
    return None if begin_next_round(connection, [contact_id]) else step.reason


def _said(said: WrapUp) -> dict[str, Any]:
    details = {
        "delay": said.delay,
        "promised": said.promised and said.promised.isoformat(),
        "call_back_at": said.call_back_at and said.call_back_at.isoformat(),
        "own": said.is_own or None,
        "note": said.note or None,
    }
    return {
        "outcome": said.outcome,
        "wrapped_up_at": said.at,
        "wrap_up": {name: value for name, value in details.items() if value is not None} or None,
    }
