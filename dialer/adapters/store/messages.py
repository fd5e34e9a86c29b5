"""Which contacts still need their message rendered, and of what is it to speak?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.callable import IS_CALLABLE
from dialer.adapters.store.contact_tables import cases, contacts, debtors
from dialer.adapters.store.database import Database
from dialer.core.cases import (
    CaseRow,
    Currency,
    Debtor,
    DebtorType,
    Flag,
    Language,
    PreferredHours,
    Promise,
    PromiseState,
    Receivable,
    Sex,
    Stage,
)
from dialer.core.reminders import HEARD, Reminded
from dialer.core.rules import Rule
from dialer.model import ContactState
from dialer.ports.store import Unvoiced, Voiced

_NEEDS_MESSAGE = sa.text("contacts.state = 'waiting' AND contacts.message_key IS NULL")
_UNVOICED = (
    sa.select(contacts.c.id, contacts.c.campaign_id, contacts.c.lane_id, contacts.c.debtor_id, contacts.c.revision)
    .where(
        _NEEDS_MESSAGE,
        contacts.c.lane_id.in_(sa.bindparam("lanes", expanding=True)),
        contacts.c.due_at <= sa.bindparam("due_before"),
        contacts.c.held_until.is_(None) | (contacts.c.held_until <= sa.bindparam("now")),
    )
    .order_by(contacts.c.due_at, contacts.c.id)
    .limit(sa.bindparam("most"))
)
_REMINDED = (
    sa.select(
        contacts.c.id,
        sa.func.sum(sa.case((attempts.c.disposition.in_(HEARD), 1), else_=0)).label("heard"),
        sa.func.count().label("tried"),
    )
    .join(attempts, attempts.c.debtor_id == contacts.c.debtor_id)
    .where(
        contacts.c.id.in_(sa.bindparam("contacts", expanding=True)),
        attempts.c.campaign_id != contacts.c.campaign_id,
        attempts.c.counted,
    )
    .group_by(contacts.c.id)
)
_VOICE = (
    contacts.update()
    .where(contacts.c.id == sa.bindparam("contact"), contacts.c.revision == sa.bindparam("asked"), _NEEDS_MESSAGE)
    .values(
        message_key=sa.bindparam("key"),
        message_text=sa.bindparam("text"),
        message_day=sa.bindparam("day"),
        next_round=sa.bindparam("round"),
        waits_for=None,
        held_because=None,
        held_until=None,
    )
)


class SqlMessages:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def unvoiced(
        self, lane_ids: Sequence[int], due_before: datetime, now: datetime, limit: int
    ) -> Sequence[Unvoiced]:
        return await self._db.read(_unvoiced, lane_ids, due_before, now, limit)

    async def cases_of(self, contact_id: int) -> Sequence[CaseRow]:
        return await self._db.read(_cases_of, contact_id)

    async def reminded(self, contact_ids: Sequence[int]) -> Mapping[int, Reminded]:
        return await self._db.read(_reminded, contact_ids)

    async def voice(self, asked: Sequence[Unvoiced], voiced: Sequence[Voiced]) -> None:
        await self._db.write(_voice, asked, voiced)

    async def hold(self, contact_ids: Sequence[int], because: str, until: datetime) -> None:
        await self._db.write(_hold, contact_ids, because, until)

    async def postpone(self, contact_ids: Sequence[int], because: str, until: datetime) -> None:
        await self._db.write(_postpone, contact_ids, because, until)

    async def unvoice(self, contact_ids: Sequence[int]) -> None:
        await self._db.write(_unvoice, contact_ids)

    async def unvoice_outdated(self, days: Mapping[int, date]) -> int:
        return await self._db.write(_unvoice_outdated, days)


def _unvoiced(
    connection: sa.Connection, lane_ids: Sequence[int], due_before: datetime, now: datetime, limit: int
) -> list[Unvoiced]:
    asked = {"lanes": list(lane_ids), "due_before": due_before, "now": now, "most": limit}
    found = connection.execute(_UNVOICED, asked).all()
    if not found:
        return []
    spoken_of = _callable_cases(connection, [row.debtor_id for row in found])
    return [
        Unvoiced(row.id, row.revision, row.campaign_id, row.lane_id, spoken_of[row.campaign_id, row.debtor_id])
        for row in found
    ]


def _cases_of(connection: sa.Connection, contact_id: int) -> list[CaseRow]:
    contact = connection.execute(
        sa.select(contacts.c.campaign_id, contacts.c.debtor_id).where(contacts.c.id == contact_id)
    ).one()
    return _callable_cases(connection, [contact.debtor_id])[contact.campaign_id, contact.debtor_id]


def _reminded(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, Reminded]:
    found = connection.execute(_REMINDED, {"contacts": list(contact_ids)})
    return {row.id: Reminded(row.heard, row.tried) for row in found}


def _callable_cases(connection: sa.Connection, debtor_ids: Sequence[int]) -> dict[tuple[str, int], list[CaseRow]]:
    query = (
        sa.select(cases, debtors)
        .join(debtors, debtors.c.id == cases.c.debtor_id)
        .where(cases.c.debtor_id.in_(debtor_ids), IS_CALLABLE)
        .order_by(cases.c.debtor_id, cases.c.due_date, cases.c.id)
    )
    found: dict[tuple[str, int], list[CaseRow]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.campaign_id, row.debtor_id].append(case_of(row))
    return found


def case_of(row: Any) -> CaseRow:
    """``row`` has the columns of a case and of its debtor."""
    return CaseRow(
        case_id=row.case_id,
        client_id=row.client_id,
        campaign_id=row.campaign_id,
        debtor=Debtor(
            id=row.ref,
            type=DebtorType(row.type),
            first_name=row.first_name,
            last_name=row.last_name,
            company_name=row.company_name,
            sex=Sex(row.sex) if row.sex else None,
            name_genitive=row.name_genitive,
            name_instrumental=row.name_instrumental,
            language=Language(row.language),
            email=row.email,
        ),
        receivable=Receivable(
            amount=Decimal(row.amount) / 100,
            currency=Currency(row.currency),
            invoice_no=row.invoice_no,
            issue_date=row.issue_date,
            due_date=row.due_date,
            stage=Stage(row.stage),
            account_last4=row.account_last4,
            balance_version=row.balance_version,
            balance_as_of=row.balance_as_of,
            limitation_date=row.limitation_date,
            block_date=row.block_date,
            letter_date=row.letter_date,
        ),
        flags=frozenset(Flag(flag) for flag in row.flags.split()),
        case_no_spoken=row.case_no_spoken,
        callback_number=row.callback_number,
        timezone=row.timezone,
        preferred_hours=_hours(row.preferred_hours),
        promise=promise_of(row),
    )


def promise_of(row: Any) -> Promise | None:
    """``row`` has the columns of a case."""
    if row.promise_state is None:
        return None
    return Promise(row.promised_by, Decimal(row.promised_amount) / 100, PromiseState(row.promise_state))


def _hours(text: str | None) -> PreferredHours | None:
    if not text:
        return None
    opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    return PreferredHours(opens, closes)


def _voice(connection: sa.Connection, asked: Sequence[Unvoiced], voiced: Sequence[Voiced]) -> None:
    revisions = {each.contact_id: each.revision for each in asked}
    if voiced:
        connection.execute(
            _VOICE,
            [
                {
                    "contact": each.contact_id,
                    "asked": revisions[each.contact_id],
                    "key": each.message_key,
                    "text": each.text,
                    "day": each.day,
                    "round": each.next_round,
                }
                for each in voiced
            ],
        )


def _hold(connection: sa.Connection, contact_ids: Sequence[int], because: str, until: datetime) -> None:
    connection.execute(
        contacts.update()
        .where(contacts.c.id.in_(contact_ids), _NEEDS_MESSAGE)
        .values(held_because=because[:300], held_until=until)
    )


def _postpone(connection: sa.Connection, contact_ids: Sequence[int], because: str, until: datetime) -> None:
    connection.execute(
        contacts.update()
        .where(contacts.c.id.in_(contact_ids), _NEEDS_MESSAGE)
        .values(held_because=because[:300], held_until=until, due_at=until, waits_for=Rule.NO_CASE_TODAY)
    )


def _unvoice(connection: sa.Connection, contact_ids: Sequence[int]) -> None:
    render_anew(connection, contacts.c.id.in_(contact_ids))


def _unvoice_outdated(connection: sa.Connection, days: Mapping[int, date]) -> int:
    lanes_of = defaultdict(list)
    for lane, day in days.items():
        lanes_of[day].append(lane)
    return sum(
        render_anew(
            connection,
            contacts.c.lane_id.in_(lanes) & contacts.c.message_key.is_not(None) & (contacts.c.message_day != day),
        )
        for day, lanes in lanes_of.items()
    )


def render_anew(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """What their messages say is not true any more, or is lost; a message that is just being made is dropped too."""
    return connection.execute(
        contacts.update()
        .where(which, contacts.c.state != ContactState.FINISHED)
        .values(
            revision=contacts.c.revision + 1,
            message_key=None,
            message_text=None,
            held_because=None,
            held_until=None,
            # One that listens to its message at this moment goes on listening.
            state=sa.case((contacts.c.state == ContactState.READY, ContactState.WAITING), else_=contacts.c.state),
        )
    ).rowcount
