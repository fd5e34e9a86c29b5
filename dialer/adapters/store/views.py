"""How do contacts look to those who ask?"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from operator import eq
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.callable import IS_CALLABLE
from dialer.adapters.store.campaign_tables import campaigns
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.database import Database
from dialer.adapters.store.holds import HELD, held_of
from dialer.adapters.store.leasing import CANDIDATE, candidate
from dialer.adapters.store.narrowing import narrowed
from dialer.adapters.store.standing import numbers_of, standing
from dialer.core.rules import Rule
from dialer.ports.store import CaseStand, ContactFilter, ContactView, Known

_CONTACT = sa.select(
    contacts.c.id, contacts.c.campaign_id, debtors.c.client_id, debtors.c.ref.label("debtor_ref"), contacts.c.state,
    contacts.c.finished, contacts.c.due_at, contacts.c.attempts, contacts.c.held_because, contacts.c.message_text,
    contacts.c.debtor_id,
).join(debtors, debtors.c.id == contacts.c.debtor_id)  # fmt: skip
_ONE = _CONTACT.where(contacts.c.id == sa.bindparam("contact"))
_SPOKEN_OF = (
    sa.select(cases.c.debtor_id, cases.c.campaign_id, cases.c.case_id)
    .where(cases.c.debtor_id.in_(sa.bindparam("debtors", expanding=True)), IS_CALLABLE)
    .order_by(cases.c.id)
)


class SqlViews:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def contact(self, contact_id: int) -> ContactView | None:
        found = await self._db.read(_contacts, _ONE, {"contact": contact_id})
        return found[0] if found else None

    async def known(self, contact_id: int, now: datetime, horizon: timedelta) -> Known | None:
        return await self._db.read(_known, contact_id, now, horizon)

    async def contacts(self, which: ContactFilter, after: int, limit: int) -> Sequence[ContactView]:
        query = narrowed(
            _CONTACT.where(contacts.c.id > after),
            (eq, debtors.c.client_id, which.client_id),
            (eq, contacts.c.campaign_id, which.campaign_id),
            (_is_of, contacts.c.debtor_id, which.debtor_id),
            (eq, contacts.c.state, which.state),
            (_has_number, contacts.c.id, which.number),
            (_is_about, contacts.c.id, which.case_id),
        )
        return await self._db.read(_contacts, query.order_by(contacts.c.id).limit(limit))


_EACH_CLIENT = sa.select(campaigns.c.client_id)  # there are few: what is each one's own is found client by client


def _is_of(debtor: sa.ColumnElement[Any], ref: Any) -> sa.ColumnElement[bool]:
    named = debtors.alias("named")
    return debtor.in_(sa.select(named.c.id).where(named.c.client_id.in_(_EACH_CLIENT), named.c.ref == ref))


def _has_number(contact: sa.ColumnElement[Any], number: Any) -> sa.ColumnElement[bool]:
    return contact.in_(sa.select(numbers.c.contact_id).where(numbers.c.e164 == number))


def _is_about(contact: sa.ColumnElement[Any], case_id: Any) -> sa.ColumnElement[bool]:
    theirs = contacts.alias("theirs")
    its = (theirs.c.debtor_id == cases.c.debtor_id) & (theirs.c.campaign_id == cases.c.campaign_id)
    is_it = cases.c.client_id.in_(_EACH_CLIENT) & (cases.c.case_id == case_id)
    return contact.in_(sa.select(theirs.c.id).select_from(cases.join(theirs, its)).where(is_it))


def _known(connection: sa.Connection, contact_id: int, now: datetime, horizon: timedelta) -> Known | None:
    query = sa.select(*CANDIDATE, contacts.c.lane_id, contacts.c.campaign_id, contacts.c.waits_for, debtors.c.client_id)
    row = connection.execute(
        query.join(debtors, debtors.c.id == contacts.c.debtor_id).where(contacts.c.id == contact_id)
    ).one_or_none()
    if row is None:
        return None
    listed = numbers_of(connection, [contact_id])[contact_id]
    e164 = [number.e164 for number in listed]
    stands = standing(connection, row.client_id, [row.debtor_id], e164, now - horizon)
    spoken_of = (
        sa.select(cases.c.case_id, cases.c.state, cases.c.blocked, *HELD)
        .where(cases.c.debtor_id == row.debtor_id, cases.c.campaign_id == row.campaign_id)
        .order_by(cases.c.id)
    )
    of_cases = [
        CaseStand(case.case_id, case.state, case.blocked.split(), held_of(case))
        for case in connection.execute(spoken_of)
    ]
    rule = Rule(row.waits_for) if row.waits_for else None
    return Known(candidate(row, listed, stands), row.lane_id, rule, of_cases)


def _contacts(
    connection: sa.Connection, query: sa.Select[Any], said: Mapping[str, Any] | None = None
) -> list[ContactView]:
    rows = connection.execute(query, said).all()
    of = numbers_of(connection, (row.id for row in rows))
    case_ids: dict[tuple[int, str], list[str]] = {}
    for debtor, campaign, case in connection.execute(_SPOKEN_OF, {"debtors": [row.debtor_id for row in rows]}):
        case_ids.setdefault((debtor, campaign), []).append(case)
    return [
        ContactView(
            **{field.name: getattr(row, field.name) for field in fields(ContactView)[:-2]},
            numbers=of[row.id],
            cases=case_ids.get((row.debtor_id, row.campaign_id), []),
        )
        for row in rows
    ]
