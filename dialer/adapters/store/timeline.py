"""How is told, in order, what has happened to a contact or a case?

list rows · balances · wishes · attempts with every state of their calls · events

Of one contact there are hundreds at most: they are read together, on one picture of the data, and sorted here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import batch_rows, batches
from dialer.adapters.store.contact_tables import balances, cases, contacts, debtors, numbers
from dialer.adapters.store.database import Database
from dialer.adapters.store.event_tables import events
from dialer.adapters.store.refusal_tables import suppressions
from dialer.core.numbers import masked
from dialer.ports.store import TimelineEntry

# In the order of a call; of the same moment, too.
_STATES = ("saved", "placed", "started", "rang", "answered", "waiting", "joined", "message", "ended", "wrapped_up")
_OF_END = (
    "disposition", "counted", "heard_ms", "heard_text", "answers", "platform_code", "trunk", "flow",
)  # fmt: skip
_OTHERS = cases.alias("others")


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom a timeline is about."""

    client_id: str
    debtor_ref: str
    contact_id: int | None
    case_keys: Sequence[int]
    case_ids: Sequence[str]


class SqlTimelines:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def contact_timeline(self, contact_id: int, after: str, limit: int) -> Sequence[TimelineEntry]:
        return await self._db.read(_page, lambda connection: _of_contact(connection, contact_id), after, limit)

    async def case_timeline(self, client_id: str, case_id: str, after: str, limit: int) -> Sequence[TimelineEntry]:
        return await self._db.read(_page, lambda connection: _of_case(connection, client_id, case_id), after, limit)


def _page(
    connection: sa.Connection, find: Callable[[sa.Connection], _Subject | None], after: str, limit: int
) -> list[TimelineEntry]:
    subject = find(connection)
    if subject is None:
        return []
    found = [entry for source in _SOURCES for entry in source(connection, subject)]
    found.sort(key=lambda entry: entry.place)
    return list(islice((entry for entry in found if entry.place > after), limit))


def _of_contact(connection: sa.Connection, contact_id: int) -> _Subject | None:
    found = connection.execute(
        sa.select(contacts.c.campaign_id, contacts.c.debtor_id, debtors.c.client_id, debtors.c.ref)
        .join(debtors, debtors.c.id == contacts.c.debtor_id)
        .where(contacts.c.id == contact_id)
    ).one_or_none()
    if found is None:
        return None
    about = connection.execute(
        sa.select(cases.c.id, cases.c.case_id).where(
            cases.c.debtor_id == found.debtor_id, cases.c.campaign_id == found.campaign_id
        )
    ).all()
    return _Subject(found.client_id, found.ref, contact_id, [row.id for row in about], [row.case_id for row in about])


def _of_case(connection: sa.Connection, client_id: str, case_id: str) -> _Subject | None:
    is_its = (contacts.c.debtor_id == cases.c.debtor_id) & (contacts.c.campaign_id == cases.c.campaign_id)
    found = connection.execute(
        sa.select(cases.c.id, debtors.c.ref, contacts.c.id.label("contact_id"))
        .join(debtors, debtors.c.id == cases.c.debtor_id)
        .outerjoin(contacts, is_its)
        .where(cases.c.client_id == client_id, cases.c.case_id == case_id)
    ).one_or_none()
    return None if found is None else _Subject(client_id, found.ref, found.contact_id, [found.id], [case_id])


# ---- the sources ----------------------------------------------------------------------------------------


def _listed(connection: sa.Connection, of: _Subject) -> Iterator[TimelineEntry]:
    another = sa.exists().where(_OTHERS.c.case_id == batch_rows.c.case_id, _OTHERS.c.client_id != of.client_id)
    # The operator's lists may name several clients' cases: a name that two of them use says nothing of this one.
    is_its = (batches.c.owner == of.client_id) | ((batches.c.owner == "") & ~another)
    query = (
        sa.select(batch_rows, batches.c.batch_id, batches.c.received_at, batches.c.actor)
        .join(batches, batches.c.id == batch_rows.c.batch)
        .where(batch_rows.c.case_id.in_(of.case_ids), is_its)
    )
    for row in connection.execute(query):
        said = {"batch_id": row.batch_id, "row": row.row, "status": row.status, "codes": row.codes.split()}
        yield _entry(row.received_at, 0, f"{row.batch:012}.{row.row:09}", "listed", said, row.case_id, actor=row.actor)


def _balances(connection: sa.Connection, of: _Subject) -> Iterator[TimelineEntry]:
    query = sa.select(balances, cases.c.case_id, cases.c.currency).join(cases, cases.c.id == balances.c.case)
    for row in connection.execute(query.where(balances.c.case.in_(of.case_keys))):
        said = {
            "version": row.version,
            "balance": str(Decimal(row.amount).scaleb(-2)),
            "currency": row.currency,
            "reason": row.reason,
            "paid_at": row.paid_at and row.paid_at.isoformat(),
        }
        key = f"{row.case:012}.{row.version:020}"
        yield _entry(row.received_at, 1, key, "balance.taken", said, row.case_id, actor=row.actor)


def _wishes(connection: sa.Connection, of: _Subject) -> Iterator[TimelineEntry]:
    theirs = sa.select(numbers.c.e164).where(numbers.c.contact_id == of.contact_id)
    is_meant = (suppressions.c.debtor_ref == of.debtor_ref) | (
        suppressions.c.debtor_ref.is_(None) & suppressions.c.number.in_(theirs)
    )
    for row in connection.execute(sa.select(suppressions).where(suppressions.c.client_id == of.client_id, is_meant)):
        number = row.number and masked(row.number)
        said = {"suppression_id": row.id, "reason": row.reason, "number": number, "note": row.note}
        yield _entry(row.created_at, 2, f"{row.id:012}", "wish.kept", said, actor=row.actor)
        if row.lifted_at is not None:
            yield _entry(row.lifted_at, 2, f"{row.id:012}", "wish.lifted", said, actor=row.lifted_by)


def _attempts(connection: sa.Connection, of: _Subject) -> Iterator[TimelineEntry]:
    told = sa.select(events.c.attempt_id).where(
        events.c.client_id == of.client_id, events.c.case_id.in_(of.case_ids), events.c.attempt_id.is_not(None)
    )
    for row in connection.execute(
        sa.select(attempts).where((attempts.c.contact_id == of.contact_id) | attempts.c.id.in_(told))
    ):
        for place, state in enumerate(_STATES):
            if (at := getattr(row, f"{state}_at")) is not None:
                key = f"{row.id}.{place}"
                yield _entry(at, 3, key, f"attempt.{state}", _noted(row, state), attempt_id=row.id, actor=row.agent_id)


def _noted(row: Any, state: str) -> Mapping[str, Any]:
    match state:
        case "saved":
            return {"ordinal": row.ordinal, "number": masked(row.number)}
        case "ended":
            return {name: getattr(row, name) for name in _OF_END}
        case "wrapped_up":
            return {"outcome": row.outcome, **(row.wrap_up or {})}
    return {}


def _events(connection: sa.Connection, of: _Subject) -> Iterator[TimelineEntry]:
    query = sa.select(events).where(events.c.client_id == of.client_id, events.c.case_id.in_(of.case_ids))
    for row in connection.execute(query):
        said = {"seq": row.seq, **row.body}
        yield _entry(row.at, 4, f"{row.seq:012}", row.type, said, row.case_id, row.attempt_id, row.actor)


_SOURCES = (_listed, _balances, _wishes, _attempts, _events)


def _entry(
    at: datetime,
    source: int,
    key: str,
    kind: str,
    said: Mapping[str, Any],
    case_id: str | None = None,
    attempt_id: str | None = None,
    actor: str | None = None,
) -> TimelineEntry:
    place = f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{source}-{key}"
    told = {name: value for name, value in said.items() if value is not None}
    return TimelineEntry(place, at, kind, case_id, attempt_id, actor, told)
