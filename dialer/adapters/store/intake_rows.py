"""How do the rows of a call list become debtors, cases, contacts and numbers?

A newer list updates what it names and keeps the history: a contact that is still being called goes on with its
attempts; one that is finished begins anew, at the earliest when the spacing after its last attempt has passed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.tables import (
    batch_rows,
    batches,
    campaigns,
    cases,
    contacts,
    debtors,
    insert,
    lanes,
    numbers,
)
from dialer.core.cases import CaseRow
from dialer.model import ContactState, FinishReason
from dialer.ports.store import TakenRow

_OPEN = (ContactState.WAITING, ContactState.READY)
_NOT_LISTED = "not_listed"

DebtorKey = tuple[str, str]  # client, the client's own id of the debtor
ContactKey = tuple[str, int]  # campaign, debtor


def add(connection: sa.Connection, batch: int, rows: Sequence[TakenRow], now: datetime) -> None:
    """Keep one portion of a list."""
    connection.execute(
        batch_rows.insert(),
        [
            {
                "batch": batch,
                "row": taken.verdict.row,
                "case_id": taken.verdict.case_id,
                "status": taken.verdict.status,
                "codes": " ".join(taken.verdict.codes),
                "phones": " ".join(f"{number.e164}:{number.type}" for number in taken.verdict.numbers),
            }
            for taken in rows
        ],
    )
    kept = [(taken, case) for taken in rows if (case := taken.verdict.case) is not None]
    if not kept:
        return
    debtor_ids = _keep_debtors(connection, [case for _, case in kept])
    _keep_cases(connection, batch, kept, debtor_ids)
    called = [(taken, case) for taken, case in kept if taken.timezone is not None]
    if called:
        contact_ids = _keep_contacts(connection, batch, called, debtor_ids, now)
        _keep_numbers(connection, batch, called, debtor_ids, contact_ids)


def _upsert(
    connection: sa.Connection,
    table: sa.Table,
    key: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    update: Iterable[str],
) -> None:
    statement = insert(connection, table)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in update}
        ),
        list(rows),
    )


def _keep_debtors(connection: sa.Connection, rows: Sequence[CaseRow]) -> dict[DebtorKey, int]:
    latest = {(case.client_id, case.debtor.id): case.debtor for case in rows}
    named = (
        "type", "first_name", "last_name", "company_name", "sex", "name_genitive", "name_instrumental", "language",
        "email",
    )  # fmt: skip
    _upsert(
        connection,
        debtors,
        ("client_id", "ref"),
        [
            {"client_id": client, "ref": ref} | {name: getattr(debtor, name) for name in named}
            for (client, ref), debtor in latest.items()
        ],
        named,
    )
    refs = defaultdict(list)
    for client, ref in latest:
        refs[client].append(ref)
    return {
        (client, ref): key
        for client in refs
        for key, ref in connection.execute(
            sa.select(debtors.c.id, debtors.c.ref).where(debtors.c.client_id == client, debtors.c.ref.in_(refs[client]))
        )
    }


def _keep_cases(
    connection: sa.Connection,
    batch: int,
    kept: Sequence[tuple[TakenRow, CaseRow]],
    debtor_ids: Mapping[DebtorKey, int],
) -> None:
    rows = {}
    for taken, case in kept:
        owed, hours = case.receivable, case.preferred_hours
        rows[case.client_id, case.case_id] = {
            "client_id": case.client_id,
            "case_id": case.case_id,
            "campaign_id": case.campaign_id,
            "debtor_id": debtor_ids[case.client_id, case.debtor.id],
            "batch": batch,
            "blocked": " ".join(code for code in taken.verdict.codes if code.blocks),
            "amount": int(owed.amount * 100),
            "currency": owed.currency,
            "invoice_no": owed.invoice_no,
            "issue_date": owed.issue_date,
            "due_date": owed.due_date,
            "stage": owed.stage,
            "account_last4": owed.account_last4,
            "case_no_spoken": case.case_no_spoken,
            "callback_number": case.callback_number,
            "timezone": case.timezone,
            "preferred_hours": f"{hours.opens:%H:%M}-{hours.closes:%H:%M}" if hours else None,
            "flags": " ".join(sorted(case.flags)),
            "limitation_date": owed.limitation_date,
            "balance_version": owed.balance_version,
            "balance_as_of": owed.balance_as_of,
        }
    values = list(rows.values())
    _upsert(connection, cases, ("client_id", "case_id"), values, [name for name in values[0] if name != "case_id"])


def _keep_contacts(
    connection: sa.Connection,
    batch: int,
    called: Sequence[tuple[TakenRow, CaseRow]],
    debtor_ids: Mapping[DebtorKey, int],
    now: datetime,
) -> dict[ContactKey, int]:
    lane_of = _lanes(connection, batch)
    priorities = _priorities(connection, {case.campaign_id for _, case in called})
    rows = {}
    for taken, case in called:
        debtor = debtor_ids[case.client_id, case.debtor.id]
        rows[case.campaign_id, debtor] = {
            "campaign_id": case.campaign_id,
            "debtor_id": debtor,
            "lane_id": lane_of(case.campaign_id, str(taken.timezone)),
            "state": ContactState.WAITING,
            "due_at": now,
            "priority": priorities[case.campaign_id],
            "attempts": 0,
            "uncounted": 0,
            "batch": batch,
        }
    _reopen_finished(connection, rows, batch, now)
    statement = insert(connection, contacts)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "debtor_id"],
            set_={
                "lane_id": statement.excluded.lane_id,
                "batch": statement.excluded.batch,
                "priority": statement.excluded.priority,
                "message_key": None,  # what it says may have changed
                "message_text": None,
                "held_because": None,
                "held_until": None,
                "state": sa.case(
                    (contacts.c.state == ContactState.READY, ContactState.WAITING), else_=contacts.c.state
                ),
            },
        ),
        list(rows.values()),
    )
    return _contact_ids(connection, rows)


def _contact_ids(connection: sa.Connection, keys: Iterable[ContactKey]) -> dict[ContactKey, int]:
    debtors_of = defaultdict(list)
    for campaign, debtor in keys:
        debtors_of[campaign].append(debtor)
    return {
        (campaign, row.debtor_id): row.id
        for campaign, ids in debtors_of.items()
        for row in connection.execute(
            sa.select(contacts.c.id, contacts.c.debtor_id).where(
                contacts.c.campaign_id == campaign, contacts.c.debtor_id.in_(ids)
            )
        )
    }


def _reopen_finished(connection: sa.Connection, keys: Iterable[ContactKey], batch: int, now: datetime) -> None:
    """A finished contact named by a newer list begins anew, not before the moment its last attempt left it due."""
    ids = list(_contact_ids(connection, keys).values())
    reopened = connection.execute(
        contacts.update()
        .where(contacts.c.id.in_(ids), contacts.c.state == ContactState.FINISHED, contacts.c.batch != batch)
        .values(
            state=ContactState.WAITING,
            finished=None,
            uncounted=0,
            due_at=sa.case((contacts.c.due_at > now, contacts.c.due_at), else_=now),
        )
        .returning(contacts.c.id)
    ).scalars()
    connection.execute(numbers.update().where(numbers.c.contact_id.in_(list(reopened))).values(attempts=0))


def _keep_numbers(
    connection: sa.Connection,
    batch: int,
    called: Sequence[tuple[TakenRow, CaseRow]],
    debtor_ids: Mapping[DebtorKey, int],
    contact_ids: Mapping[ContactKey, int],
) -> None:
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for taken, case in called:
        contact = contact_ids[case.campaign_id, debtor_ids[case.client_id, case.debtor.id]]
        for position, number in enumerate(taken.verdict.numbers, 1):
            rows.setdefault(
                (contact, number.e164),
                {
                    "contact_id": contact,
                    "e164": number.e164,
                    "position": position,
                    "type": number.type,
                    "attempts": 0,
                    "batch": batch,
                },
            )
    statement = insert(connection, numbers)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["contact_id", "e164"],
            set_={
                "position": statement.excluded.position,
                "type": statement.excluded.type,
                "batch": statement.excluded.batch,
                "retired": sa.case((numbers.c.retired == _NOT_LISTED, None), else_=numbers.c.retired),
            },
        ),
        list(rows.values()),
    )


def _priorities(connection: sa.Connection, campaign_ids: Iterable[str]) -> dict[str, int]:
    query = sa.select(campaigns.c.id, campaigns.c.settings).where(campaigns.c.id.in_(list(campaign_ids)))
    return {row.id: row.settings["priority"] for row in connection.execute(query)}


def _lanes(connection: sa.Connection, batch: int) -> Callable[[str, str], int]:
    """Finds or makes the lane of a campaign and time zone; a batch with settings of its own has its own lanes."""
    mailing = connection.execute(sa.select(batches.c.mailing).where(batches.c.id == batch)).scalar_one()
    of_batch = batch if mailing else 0
    known: dict[tuple[str, str], int] = {}

    def lane(campaign: str, timezone: str) -> int:
        key = (campaign, timezone)
        if key not in known:
            values = {"campaign_id": campaign, "batch": of_batch, "timezone": timezone}
            connection.execute(insert(connection, lanes).on_conflict_do_nothing(), values)
            known[key] = connection.execute(sa.select(lanes.c.id).filter_by(**values)).scalar_one()
        return known[key]

    return lane


def leave_out_unnamed(connection: sa.Connection, batch: int, *, replace: bool) -> None:
    """When the list is wholly in: what it no longer names, or now blocks, is called no more."""
    named = sa.select(contacts.c.id).where(contacts.c.batch == batch)
    connection.execute(
        numbers.update()
        .where(numbers.c.contact_id.in_(named), numbers.c.batch != batch, numbers.c.retired.is_(None))
        .values(retired=_NOT_LISTED)
    )
    callable_case = sa.exists().where(
        cases.c.debtor_id == contacts.c.debtor_id, cases.c.campaign_id == contacts.c.campaign_id, cases.c.blocked == ""
    )
    touched = sa.select(cases.c.debtor_id).where(cases.c.batch == batch)
    _finish(connection, contacts.c.debtor_id.in_(touched) & ~callable_case, FinishReason.BLOCKED)
    if replace:
        served = sa.select(cases.c.campaign_id).where(cases.c.batch == batch).distinct()
        unnamed = contacts.c.campaign_id.in_(served) & (contacts.c.batch != batch)
        _finish(connection, unnamed, FinishReason.REPLACED)


def _finish(connection: sa.Connection, which: sa.ColumnElement[bool], reason: FinishReason) -> None:
    connection.execute(
        contacts.update().where(which, contacts.c.state.in_(_OPEN)).values(state=ContactState.FINISHED, finished=reason)
    )
