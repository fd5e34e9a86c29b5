"""How is written down that somebody called us, and what follows from what they told?"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import replied, suppressions
from dialer.adapters.store.call_tables import inbound_calls
from dialer.adapters.store.contact_tables import contacts, debtors, numbers
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.schema import insert
from dialer.core.feed import CALLEE, EventType, FeedEvent
from dialer.core.inbound import InboundCall, wish
from dialer.core.numbers import masked
from dialer.model import ContactState
from dialer.ports.store.inbound import Rest

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


class SqlInboundCalls:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def take_inbound(self, call: InboundCall, rest: Rest) -> int:
        return await self._db.write(_take, call, rest)


def _take(connection: sa.Connection, call: InboundCall, rest: Rest) -> int:
    change_cases_one_by_one(connection)
    found = connection.execute(_DEBTORS, {"client": call.client_id, "caller": call.caller}).all()
    debtor = found[0] if len(found) == 1 else None
    if not _is_new(connection, call, debtor, len(found)):
        return len(found)
    spoken_of = [] if debtor is None else connection.execute(replied.OF_DEBTOR, {"debtor": debtor.id}).all()
    at = call.ended_at or call.began_at
    follows = replied.Follows(events=_events(call, spoken_of, len(found)))
    replied.follow(connection, replied.Said(call.client_id, call.answers, at), spoken_of, follows)
    if asked := wish(call, debtor and debtor.ref):
        follows.kept.append((suppressions.keep(connection, asked, CALLEE, at), at))
    if debtor is not None and call.answers.replies:
        _let_rest(connection, debtor.id, rest)
    replied.tell(connection, follows)
    return len(found)


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
    }
    told = [(row.case_id, row.campaign_id, row.contact_id) for row in spoken_of] or [(None, None, None)]
    return [FeedEvent(EventType.INBOUND_CALL, call.began_at, call.client_id, each[0], CALLEE, *each[1:], body=body)
            for each in told]  # fmt: skip


def _let_rest(connection: sa.Connection, debtor: int, rest: Rest) -> None:
    """Nobody is called about what was just told; what messages say of it may have changed, too."""
    for row in connection.execute(_CONTACTS, {"debtor": debtor}).all():
        this = contacts.c.id == row.id
        if (until := rest(row.lane_id)) is not None:
            later = sa.case((contacts.c.due_at < until, until), else_=contacts.c.due_at)
            connection.execute(contacts.update().where(this, _WAITING).values(due_at=later, waits_for=None))
        render_anew(connection, this & _WAITING)
