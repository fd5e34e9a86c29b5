"""Which callers asked to be called back, and has somebody done so?"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts, call_backs, inbound_calls
from dialer.adapters.store.contact_tables import contacts, debtors, numbers
from dialer.adapters.store.database import Database
from dialer.core.audit import Action, Change
from dialer.core.inbound import InboundCall
from dialer.model import ContactState, Disposition
from dialer.ports.store import CallBack, Conflict
from dialer.ports.store.inbound import Served

_WAITING = contacts.c.state.in_([ContactState.WAITING, ContactState.READY])
_IS_CALLED = (contacts.c.state == ContactState.DIALING) | (_WAITING & contacts.c.appointment_at.is_not(None))
_again = inbound_calls.alias("again")
_HAS_SPOKEN = sa.exists().where(
    attempts.c.contact_id == call_backs.c.contact_id,
    attempts.c.disposition == Disposition.CONNECTED,
    attempts.c.saved_at >= call_backs.c.asked_at,
) | sa.exists().where(
    _again.c.client_id == inbound_calls.c.client_id,
    _again.c.caller == inbound_calls.c.caller,
    _again.c.began_at > inbound_calls.c.began_at,
    _again.c.joined_at.is_not(None),
)
_OPEN = (
    sa.select(
        call_backs.c.call_id,
        call_backs.c.client_id,
        inbound_calls.c.brand_id,
        inbound_calls.c.caller,
        call_backs.c.asked_at,
        debtors.c.ref,
        sa.case((_IS_CALLED, call_backs.c.contact_id)).label("contact_id"),
    )
    .join(inbound_calls, inbound_calls.c.id == call_backs.c.call_id)
    .outerjoin(debtors, debtors.c.id == inbound_calls.c.debtor_id)
    .outerjoin(contacts, contacts.c.id == call_backs.c.contact_id)
    .where(sa.text("call_backs.done_at IS NULL"), inbound_calls.c.caller.is_not(None), ~_HAS_SPOKEN)
    .order_by(call_backs.c.call_id)
)
_CALLABLE = (
    sa.select(contacts.c.id, contacts.c.lane_id)
    .join(numbers, numbers.c.contact_id == contacts.c.id)
    .where(
        contacts.c.debtor_id == sa.bindparam("debtor"),
        _WAITING,
        numbers.c.e164 == sa.bindparam("number"),
        numbers.c.retired.is_(None),
    )
    .order_by(contacts.c.due_at, contacts.c.id)
)


class SqlCallBacks:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def call_backs(self, after: str, limit: int) -> Sequence[CallBack]:
        query = _OPEN.where(call_backs.c.call_id > after).limit(limit)
        return await self._db.read(lambda connection: [CallBack(*row) for row in connection.execute(query)])

    async def call_back_made(self, call_id: str, now: datetime, actor: str) -> bool:
        return await self._db.write(_made, call_id, now, actor)


def ask(connection: sa.Connection, call: InboundCall, debtor: int | None, at: datetime, served: Served) -> None:
    """The caller wants to be called by somebody, as soon as somebody is free and a call is permitted."""
    contact = None if debtor is None else _agree(connection, debtor, call.caller, at, None, served)
    asked = {"call_id": call.id, "client_id": call.client_id, "contact_id": contact, "asked_at": at}
    connection.execute(call_backs.insert(), asked)


def agree(
    connection: sa.Connection, debtor: int, number: str | None, at: datetime, agent_id: str | None, served: Served
) -> None:
    """Call the debtor at that moment on that number; windows and limits are asked when it is due.

    Raises:
        Conflict: no campaign that calls them has agents.
    """
    if _agree(connection, debtor, number, at, agent_id, served) is None:
        raise Conflict(
            "no campaign with agents calls this debtor on that number now: note whom to call, with another outcome"
        )


def _agree(
    connection: sa.Connection, debtor: int, number: str | None, at: datetime, agent_id: str | None, served: Served
) -> int | None:
    """One contact, though several campaigns may call the debtor; None: there is none whose calls agents take."""
    found = connection.execute(_CALLABLE, {"debtor": debtor, "number": number})
    contact: int | None = next((row.id for row in found.all() if served(row.lane_id)), None)
    agreed = {"appointment_at": at, "appointment_agent": agent_id, "appointment_number": number}
    this = contacts.update().where(contacts.c.id == contact, _WAITING)
    connection.execute(this.values(due_at=at, waits_for=None, **agreed))
    return contact


def _made(connection: sa.Connection, call_id: str, now: datetime, actor: str) -> bool:
    this = call_backs.c.call_id == call_id
    row = connection.execute(sa.select(call_backs.c.client_id, call_backs.c.done_at).where(this)).one_or_none()
    if row is None:
        return False
    if row.done_at is None:
        connection.execute(call_backs.update().where(this).values(done_at=now, done_by=actor))
        note(connection, Change(Action.CALL_BACK_MADE, now, actor, row.client_id, call_id))
    return True
