"""How is written down that somebody called us, and what follows from what they told?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import call_backs, replied, suppressions
from dialer.adapters.store.call_tables import inbound_calls
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.messages import case_of, render_anew
from dialer.adapters.store.schema import insert
from dialer.adapters.store.telling import words_of, wrapped_up_by
from dialer.core.answers import Reply
from dialer.core.cases import CaseRow, CaseState
from dialer.core.feed import CALLEE, EventType, FeedEvent
from dialer.core.inbound import InboundCall, wish
from dialer.core.numbers import masked
from dialer.core.wrap_up import WrapUp
from dialer.model import ContactState
from dialer.ports.store import Conflict
from dialer.ports.store.inbound import Rest, Served

_DEBTORS = (
    sa.select(debtors.c.id, debtors.c.ref)
    .distinct()
    .join(contacts, contacts.c.debtor_id == debtors.c.id)
    .join(numbers, numbers.c.contact_id == contacts.c.id)
    .where(debtors.c.client_id == sa.bindparam("client"), numbers.c.e164 == sa.bindparam("caller"))
)
_CONTACTS = sa.select(contacts.c.id, contacts.c.lane_id).where(
    contacts.c.debtor_id == sa.bindparam("debtor"), contacts.c.state != ContactState.FINISHED
)
_WAITING = contacts.c.state.in_([ContactState.WAITING, ContactState.READY])


_TALK = sa.select(inbound_calls).where(inbound_calls.c.id == sa.bindparam("call")).with_for_update()


class SqlInboundCalls:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def take_inbound(self, call: InboundCall, rest: Rest, served: Served) -> int:
        return await self._db.write(_take, call, rest, served)

    async def cases_of_caller(self, client_id: str, number: str) -> Sequence[CaseRow]:
        return await self._db.read(_cases_of_caller, client_id, number)

    async def wrap_up_inbound(self, said: WrapUp, rest: Rest, served: Served) -> None:
        await self._db.write(_wrap_up, said, rest, served)


def _take(connection: sa.Connection, call: InboundCall, rest: Rest, served: Served) -> int:
    change_cases_one_by_one(connection)
    found = connection.execute(_DEBTORS, {"client": call.client_id, "caller": call.caller}).all()
    debtor = found[0] if len(found) == 1 else None
    if not _is_new(connection, call, debtor, len(found)):
        return len(found)
    spoken_of = [] if debtor is None else connection.execute(replied.OF_DEBTOR, {"debtor": debtor.id}).all()
    at = call.ended_at or call.began_at
    follows = replied.Follows(events=_events(call, spoken_of, len(found)))
    heard = replied.Said(call.client_id, call.answers, at, is_served=call.agent_id is not None)
    replied.follow(connection, heard, spoken_of, follows)
    if asked := wish(call, debtor and debtor.ref):
        follows.kept.append((suppressions.keep(connection, asked, CALLEE, at), at))
    if debtor is not None and call.answers.replies:
        _let_rest(connection, debtor.id, rest)
    if Reply.CALL_BACK in call.answers.replies and call.caller is not None and call.agent_id is None:
        call_backs.ask(connection, call, debtor and debtor.id, at, served)
    replied.tell(connection, follows)
    return len(found)


def _cases_of_caller(connection: sa.Connection, client_id: str, number: str) -> list[CaseRow]:
    found = connection.execute(_DEBTORS, {"client": client_id, "caller": number}).all()
    if len(found) != 1:
        return []
    owed = (cases.c.debtor_id == found[0].id) & (cases.c.state == CaseState.OPEN)
    query = sa.select(cases, debtors).join(debtors, debtors.c.id == cases.c.debtor_id).where(owed)
    return [case_of(row) for row in connection.execute(query.order_by(cases.c.due_date, cases.c.id))]


def _is_new(connection: sa.Connection, call: InboundCall, debtor: Any, matched: int) -> bool:
    row = {
        "id": call.id,
        "client_id": call.client_id,
        "brand_id": call.brand_id,
        "dialled": call.dialled,
        "caller": call.caller,
        "debtor_id": debtor and debtor.id,
        "matched": matched,
        "began_at": call.began_at,
        "ended_at": call.ended_at,
        "heard_ms": call.heard // timedelta(milliseconds=1),
        "flow": call.flow,
        "answers": replied.written(call.answers),
        "has_told": bool(call.answers.replies),
        "agent_id": call.agent_id,
        "joined_at": call.joined_at,
    }
    made = insert(connection, inbound_calls).on_conflict_do_nothing().returning(inbound_calls.c.id)
    return connection.execute(made, row).one_or_none() is not None


def _events(call: InboundCall, spoken_of: Sequence[Any], matched: int) -> list[FeedEvent]:
    """One for each case that it is about; one without a case, if it is not known which is meant."""
    said = replied.written(call.answers) or {}
    body = {
        "brand_id": call.brand_id,
        "number": masked(call.caller) if call.caller else None,
        "debtors": matched,
        "replies": said.get("replies", []),
        "promised": said.get("promised"),
        "heard_ms": call.heard // timedelta(milliseconds=1),
        "agent": call.agent_id,
    }
    event = FeedEvent(EventType.INBOUND_CALL, call.began_at, call.client_id, None, CALLEE, body=body)
    return _of_each(event, spoken_of)


def _of_each(event: FeedEvent, spoken_of: Sequence[Any]) -> list[FeedEvent]:
    of = [(row.case_id, row.campaign_id, row.contact_id) for row in spoken_of] or [(None, None, None)]
    return [replace(event, case_id=case, campaign_id=campaign, contact_id=contact) for case, campaign, contact in of]


def _wrap_up(connection: sa.Connection, said: WrapUp, rest: Rest, served: Served) -> None:
    change_cases_one_by_one(connection)
    call = connection.execute(_TALK, {"call": said.attempt_id}).one_or_none()
    if call is None or call.agent_id is None:
        raise Conflict(f"call {said.attempt_id} was no talk, or is not over")
    if call.outcome is not None:
        raise Conflict(f"call {said.attempt_id} is wrapped up already: {call.outcome}")
    if said.call_back_at is not None and call.debtor_id is None:
        raise Conflict(
            "the caller's number is no debtor's, or several debtors': note whom to call, with another outcome"
        )
    connection.execute(
        inbound_calls.update().where(inbound_calls.c.id == call.id).values(outcome=said.outcome, wrapped_up_at=said.at)
    )
    debtor = {"debtor": call.debtor_id}
    spoken_of = [] if call.debtor_id is None else connection.execute(replied.OF_DEBTOR, debtor).all()
    event = FeedEvent(
        EventType.CALL_WRAPPED_UP, said.at, call.client_id, None, wrapped_up_by(said), body=words_of(said)
    )
    follows = replied.Follows(events=_of_each(event, spoken_of))
    heard = replied.Said(call.client_id, said.answers, said.at, is_served=True)
    replied.follow(connection, heard, spoken_of, follows)
    talk = InboundCall(call.id, "", call.client_id, "", call.caller, said.at, answers=said.answers)
    ref = connection.execute(sa.select(debtors.c.ref).where(debtors.c.id == call.debtor_id)).scalar()
    if asked := wish(talk, ref):
        follows.kept.append((suppressions.keep(connection, asked, CALLEE, said.at), said.at))
    if call.debtor_id is not None:
        _let_rest(connection, call.debtor_id, rest)
        if said.call_back_at is not None:
            own = said.agent_id if said.is_own else None
            call_backs.agree(connection, call.debtor_id, call.caller, said.call_back_at, own, served)
    replied.tell(connection, follows)


def _let_rest(connection: sa.Connection, debtor: int, rest: Rest) -> None:
    """Nobody is called about what was just told; what messages say of it may have changed, too."""
    for row in connection.execute(_CONTACTS, {"debtor": debtor}).all():
        this = contacts.c.id == row.id
        if (until := rest(row.lane_id)) is not None:
            later = sa.case((contacts.c.due_at < until, until), else_=contacts.c.due_at)
            connection.execute(contacts.update().where(this, _WAITING).values(due_at=later, waits_for=None))
        render_anew(connection, this & _WAITING)
