"""What says who a debtor was, and what is left of it?

Left are lines without a name: attempts with their moments and outcomes (what is billed), cases with their sums under
the client's own ids, and wishes under pseudonyms.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import audit, audit_opened, requests
from dialer.adapters.store.bulk import portions
from dialer.adapters.store.call_tables import attempts, inbound_calls
from dialer.adapters.store.campaign_tables import batch_rows, batches
from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.erased import REFUSED
from dialer.adapters.store.event_tables import events
from dialer.adapters.store.pseudonyms import Pseudonyms
from dialer.adapters.store.refusal_tables import suppressions
from dialer.core.codes import Code
from dialer.core.feed import EventType
from dialer.core.pseudonyms import is_pseudonym
from dialer.core.suppressions import SuppressionReason

_PERSONAL = frozenset({"number", "debtor_id", "note"})  # of what events and the audit log tell
_OF_WISHES = (EventType.SUPPRESSION_ADDED, EventType.SUPPRESSION_LIFTED)
_COUNTED = ("identified", "replies", "announced")
_NOBODY = dict.fromkeys(
    ["first_name", "last_name", "company_name", "sex", "name_genitive", "name_instrumental", "email"]
)
_NO_MESSAGE = dict.fromkeys(
    [
        "message_key",
        "message_text",
        "message_day",
        "held_because",
        "last_number",
        "appointment_at",
        "appointment_number",
    ]
)
_NOTHING_OF_CASE = dict.fromkeys(
    [
        "invoice_no", "account_last4", "case_no_spoken", "callback_number", "preferred_hours", "hold_note",
        "promised_by", "promised_amount", "promised_at", "promised_in", "promise_state", "promise_reminded",
        "paid_claimed_at",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doomed:
    """Whose data is removed, and by which words it is found."""

    key: int  # our debtor
    client_id: str
    ref: str
    names: frozenset[str]
    contacts: Sequence[int]
    cases: Sequence[Any]  # id, case_id, campaign_id
    numbers: frozenset[str]

    @property
    def words(self) -> list[bytes]:
        return [word.encode() for word in (*self.names, *self.numbers, self.ref) if word]


def doomed(connection: sa.Connection, client_id: str, ref: str) -> Doomed | None:
    row = connection.execute(
        sa.select(debtors).where(debtors.c.client_id == client_id, debtors.c.ref == ref)
    ).one_or_none()
    if row is None:
        return None
    theirs = connection.execute(sa.select(contacts.c.id).where(contacts.c.debtor_id == row.id)).scalars().all()
    about = connection.execute(
        sa.select(cases.c.id, cases.c.case_id, cases.c.campaign_id)
        .where(cases.c.debtor_id == row.id)
        .order_by(cases.c.id)
    ).all()
    listed = sa.select(numbers.c.e164).where(numbers.c.contact_id.in_(theirs))
    called = sa.select(attempts.c.number).where(attempts.c.debtor_id == row.id)
    found = {number for query in (listed, called) for number in connection.execute(query).scalars()}
    e164 = {number for number in found if not is_pseudonym(number)}
    spoken = {getattr(row, name) for name in ("last_name", "company_name", "name_genitive", "email")} - {None, ""}
    return Doomed(row.id, client_id, ref, frozenset(spoken), theirs, about, frozenset(e164))


def wipe(connection: sa.Connection, who: Doomed, names: Pseudonyms, actor: str, now: datetime) -> Mapping[str, int]:
    """Remove it everywhere in the database; how much of each kind."""
    removed = {
        "list_rows": _list_rows(connection, who),
        "answers": _kept_answers(connection, who),
        "attempts": _attempts(connection, who, names),
        "inbound_calls": _inbound_calls(connection, who),
        "numbers": _numbers(connection, who),
        "wishes": _wishes(connection, who, names, actor, now),
        "events": _events(connection, who),
        "contacts": _rows(connection, contacts.update().where(contacts.c.id.in_(who.contacts)).values(_NO_MESSAGE)),
        "cases": _cases(connection, who, now),
    }
    itself = debtors.update().where(debtors.c.id == who.key)
    connection.execute(itself.values(ref=names.debtor(who.client_id, who.ref), **_NOBODY))
    return removed


def _list_rows(connection: sa.Connection, who: Doomed) -> int:
    """What lists said of the numbers; of rows that were refused, those that name one of them."""
    theirs = sa.select(batches.c.id).where(batches.c.owner.in_([who.client_id, ""]))
    is_case = batch_rows.c.case_id.in_([row.case_id for row in who.cases])
    names_one = sa.or_(*(batch_rows.c.phones.contains(number) for number in who.numbers), sa.false())
    is_meant = is_case | ((batch_rows.c.status == REFUSED) & names_one)
    return _rows(
        connection,
        batch_rows.update()
        .where(batch_rows.c.batch.in_(theirs), is_meant, batch_rows.c.phones != "")
        .values(phones=""),
    )


def _kept_answers(connection: sa.Connection, who: Doomed) -> int:
    """Answers to named requests; such a request is known from then on, and its answer is not."""
    gone = 0
    for row in connection.execute(sa.select(requests).where(requests.c.body.is_not(None))).all():
        if _mentions(zlib.decompress(row.body), who.words):
            this = (requests.c.owner == row.owner) & (requests.c.name == row.name)
            gone += _rows(connection, requests.update().where(this).values(body=None))
    return gone


def _mentions(text: bytes, words: Iterable[bytes]) -> bool:
    return any(word in text for word in words)


def _attempts(connection: sa.Connection, who: Doomed, names: Pseudonyms) -> int:
    """Their lines stay, with a pseudonym for the number."""
    theirs = attempts.c.debtor_id == who.key
    for number in who.numbers:
        as_named = attempts.update().where(theirs, attempts.c.number == number)
        connection.execute(as_named.values(number=names.number(number)))
    for row in connection.execute(sa.select(attempts.c.id, attempts.c.answers).where(theirs)).all():
        kept = counted_answers(row.answers)
        connection.execute(attempts.update().where(attempts.c.id == row.id).values(answers=kept))
    return _rows(connection, attempts.update().where(theirs).values(heard_text=None, wrap_up=sa.null()))


def counted_answers(answers: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Of what a callee told, what reports count; not the keys."""
    return {name: answers.get(name) for name in _COUNTED} if answers else None


def _inbound_calls(connection: sa.Connection, who: Doomed) -> int:
    """That somebody called stays, without who."""
    theirs = (inbound_calls.c.debtor_id == who.key) | inbound_calls.c.caller.in_(who.numbers)
    ours = inbound_calls.c.client_id == who.client_id
    return _rows(connection, inbound_calls.update().where(ours, theirs).values(caller=None, answers=sa.null()))


def _numbers(connection: sa.Connection, who: Doomed) -> int:
    return _rows(connection, numbers.delete().where(numbers.c.contact_id.in_(who.contacts)))


def _wishes(connection: sa.Connection, who: Doomed, names: Pseudonyms, actor: str, now: datetime) -> int:
    """Those there are go on under pseudonyms; whoever has one of the numbers is called by this client no more."""
    theirs = (suppressions.c.client_id == who.client_id) & (suppressions.c.debtor_ref == who.ref)
    on_number = suppressions.c.client_id.in_([who.client_id, ""]) & suppressions.c.number.in_(who.numbers)
    meant = connection.execute(sa.select(suppressions).where(theirs | on_number)).all()
    for row in meant:
        connection.execute(
            suppressions.update()
            .where(suppressions.c.id == row.id)
            .values(
                number=row.number and names.number(row.number),
                debtor_ref=row.debtor_ref and names.debtor(row.client_id, row.debtor_ref),
                note=None,
            )
        )
    _scrub_told_wishes(connection, who, {row.id for row in meant})
    for number in sorted(who.numbers):
        kept = {"client_id": who.client_id, "number": names.number(number), "reason": SuppressionReason.ERASED}
        connection.execute(suppressions.insert(), {**kept, "actor": actor[:40], "created_at": now})
    return len(meant)


def _scrub_told_wishes(connection: sa.Connection, who: Doomed, ids: set[int]) -> None:
    if not ids:
        return
    told = sa.select(events.c.seq, events.c.body).where(
        events.c.client_id.in_([who.client_id, ""]), events.c.type.in_(_OF_WISHES)
    )
    _scrub(connection, [row for row in connection.execute(told) if row.body.get("suppression_id") in ids])
    connection.execute(audit_opened.insert(), {"id": 1})
    written = sa.select(audit.c.seq, audit.c.before, audit.c.after).where(
        audit.c.subject.in_([str(each) for each in ids]), audit.c.action.like("suppression.%")
    )
    for row in connection.execute(written).all():
        blanked = {"before": _impersonal(row.before), "after": _impersonal(row.after)}
        connection.execute(audit.update().where(audit.c.seq == row.seq).values(blanked))
    connection.execute(audit_opened.delete())


def _events(connection: sa.Connection, who: Doomed) -> int:
    """The feed, and with it what webhooks have yet to tell: they read it from there."""
    found = 0
    for portion in portions([row.case_id for row in who.cases]):
        query = sa.select(events.c.seq, events.c.body).where(
            events.c.client_id == who.client_id, events.c.case_id.in_(portion)
        )
        found += _scrub(connection, connection.execute(query).all())
    return found


def _scrub(connection: sa.Connection, rows: Sequence[Any]) -> int:
    personal = [row for row in rows if _PERSONAL & row.body.keys()]
    for row in personal:
        connection.execute(events.update().where(events.c.seq == row.seq).values(body=_impersonal(row.body)))
    return len(personal)


def _impersonal(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _PERSONAL}


def _cases(connection: sa.Connection, who: Doomed, now: datetime) -> int:
    blocked = {"blocked": Code.B_ERASED, "flags": "", "changed_at": changing_at(connection, now)}
    ids = [row.id for row in who.cases]
    return _rows(connection, cases.update().where(cases.c.id.in_(ids)).values(**_NOTHING_OF_CASE, **blocked))


def _rows(connection: sa.Connection, statement: sa.Update | sa.Delete) -> int:
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
