"""How do the rows of a call list become debtors and cases, and what becomes of those it leaves out?

A newer list updates what it names and keeps the history. What is said to a debtor follows the newest list at once;
who is called no more is known when the list is wholly in.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import contact_rows
from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.case_events import CaseKey, owes_otherwise, told_of_cases
from dialer.adapters.store.contact_rows import Called, DebtorKey, Kept
from dialer.adapters.store.database import change_cases_one_by_one
from dialer.adapters.store.feed import append
from dialer.adapters.store.finishing import finish
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.opted_out import finish_opted_out, opted_out
from dialer.adapters.store.tables import batch_rows, batches, cases, contacts, debtors, insert
from dialer.adapters.store.telling import tell_finished
from dialer.core.blocks import with_dispute
from dialer.core.cases import CaseRow, CaseState, Dispute
from dialer.core.codes import Code
from dialer.model import FinishReason
from dialer.ports.store import TakenRow

_OF_DEBTOR = (
    "type", "first_name", "last_name", "company_name", "sex", "name_genitive", "name_instrumental", "language", "email",
)  # fmt: skip

_OF_BALANCE = ("amount", "currency", "balance_version", "balance_as_of")
_NOT_LISTED = ("id", "state", "closed_at", "dispute", "promised_by", "paid_claimed_at")  # of a case: what no list says
_LISTED = [column.name for column in cases.columns if column.name not in _NOT_LISTED]
_NOT_SPOKEN = ("batch", "email", *_OF_BALANCE)  # a change of these alone changes no message
_SPOKEN_OF_CASE = [name for name in _LISTED if name not in _NOT_SPOKEN]
_SPOKEN_OF_DEBTOR = [name for name in _OF_DEBTOR if name not in _NOT_SPOKEN]


def _upsert_debtors(connection: sa.Connection) -> sa.Insert:
    statement = insert(connection, debtors)
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=["client_id", "ref"], set_={name: statement.excluded[name] for name in _OF_DEBTOR}
    )
    return upsert


def _upsert_cases(connection: sa.Connection) -> sa.Insert:
    """A case becomes what the list says of it, but for a balance of which something newer is known."""
    statement = insert(connection, cases)
    listed = statement.excluded
    is_newer = listed.balance_version > cases.c.balance_version
    is_believed = is_newer | ((listed.balance_version == cases.c.balance_version) & (cases.c.state == CaseState.OPEN))
    opens_again = is_newer & (cases.c.state == CaseState.CLOSED_PAID)
    changed = {name: listed[name] for name in _LISTED if name not in ("client_id", "case_id")}
    changed |= {name: sa.case((is_believed, listed[name]), else_=cases.c[name]) for name in _OF_BALANCE}
    changed["state"] = sa.case((opens_again, CaseState.OPEN), else_=cases.c.state)
    changed["closed_at"] = sa.case((opens_again, None), else_=cases.c.closed_at)
    upsert: sa.Insert = statement.on_conflict_do_update(index_elements=["client_id", "case_id"], set_=changed)
    return upsert


_VERDICTS = Bulk(batch_rows.columns.keys(), lambda _: batch_rows.insert())
_DEBTORS = Bulk(("client_id", "ref", *_OF_DEBTOR), _upsert_debtors)
_CASES = Bulk(_LISTED, _upsert_cases)


def add(connection: sa.Connection, batch: int, rows: Sequence[TakenRow], now: datetime) -> None:
    """Keep one portion of a list."""
    if not rows:
        return
    kept = [(taken, case) for taken in rows if (case := taken.verdict.case) is not None]
    change_cases_one_by_one(connection)
    debtor_ids, renamed = _keep_debtors(connection, [case for _, case in kept])
    shunned = opted_out(connection, kept, debtor_ids)
    _VERDICTS.run(connection, [_verdict(batch, taken, shunned.codes.get(taken.verdict.row, ())) for taken in rows])
    if not kept:
        return
    known = _known_cases(connection, kept)
    losing = _losing_a_case(kept, known, debtor_ids)
    listed = _keep_cases(connection, batch, kept, known, debtor_ids)
    told_otherwise = {row["debtor_id"] for key, row in listed.items() if _says_otherwise(row, known.get(key))}
    are_held = contacts.c.debtor_id.in_(debtor_ids.values()) & contacts.c.held_because.is_not(None)
    render_anew(connection, contacts.c.debtor_id.in_(renamed | losing | told_otherwise) | are_held)
    open_cases = _open_of(connection, listed)
    called = [
        Called(case, taken.verdict.numbers, taken.timezone)
        for taken, case in kept
        if taken.timezone is not None and (case.client_id, case.case_id) in open_cases
        if not listed[case.client_id, case.case_id]["blocked"]
    ]
    if called:
        contact_rows.keep(connection, batch, called, debtor_ids, now)
    lost = finish(connection, contacts.c.debtor_id.in_(losing) & ~HAS_CALLABLE_CASE, FinishReason.BLOCKED)
    ended = finish_opted_out(connection, shunned, now)
    ended[FinishReason.BLOCKED] += lost
    actor: str = connection.execute(sa.select(batches.c.actor).where(batches.c.id == batch)).scalar_one()
    append(connection, list(told_of_cases(listed, known, open_cases, now, actor)))
    tell_finished(connection, ended, now, actor)


def leave_out_unnamed(connection: sa.Connection, batch: int, now: datetime, actor: str, *, replace: bool) -> None:
    """When the list is wholly in: what it no longer names, or now blocks, is called no more."""
    contact_rows.retire_unnamed(connection, batch)
    named = sa.select(cases.c.debtor_id).where(cases.c.batch == batch)
    blocked = finish(connection, contacts.c.debtor_id.in_(named) & ~HAS_CALLABLE_CASE, FinishReason.BLOCKED)
    served = sa.select(cases.c.campaign_id).where(cases.c.batch == batch).distinct()
    unnamed = contacts.c.campaign_id.in_(served) & (contacts.c.batch != batch)
    replaced = finish(connection, unnamed, FinishReason.REPLACED) if replace else []
    tell_finished(connection, {FinishReason.BLOCKED: blocked, FinishReason.REPLACED: replaced}, now, actor)


def _verdict(batch: int, taken: TakenRow, noted: Sequence[Code]) -> dict[str, Any]:
    verdict = taken.verdict.noting(noted) if noted else taken.verdict
    return {
        "batch": batch,
        "row": verdict.row,
        "case_id": verdict.case_id.replace("\0", "�"),  # of a refused row; PostgreSQL keeps no NUL
        "status": verdict.status,
        "codes": " ".join(verdict.codes),
        "phones": " ".join(f"{number.e164}:{number.type}" for number in verdict.numbers),
    }


def _keep_debtors(connection: sa.Connection, rows: Sequence[CaseRow]) -> tuple[dict[DebtorKey, int], set[int]]:
    """The ids of all, and of those who are called otherwise than before."""
    latest = {(case.client_id, case.debtor.id): case.debtor for case in rows}
    known = _known_debtors(connection, latest)
    renamed = {
        row.id
        for key, row in known.items()
        if any(getattr(row, name) != getattr(latest[key], name) for name in _SPOKEN_OF_DEBTOR)
    }
    _DEBTORS.run(
        connection,
        [
            {"client_id": client, "ref": ref} | {name: getattr(debtor, name) for name in _OF_DEBTOR}
            for (client, ref), debtor in latest.items()
        ],
    )
    everybody = known | _known_debtors(connection, latest.keys() - known.keys())
    return {key: row.id for key, row in everybody.items()}, renamed


def _known_debtors(connection: sa.Connection, keys: Iterable[DebtorKey]) -> dict[DebtorKey, Any]:
    return {
        (client, row.ref): row
        for client, refs in _by_client(keys)
        for row in connection.execute(sa.select(debtors).where(debtors.c.client_id == client, debtors.c.ref.in_(refs)))
    }


def _says_otherwise(listed: Mapping[str, Any], known: Any) -> bool:
    """Whether messages that speak of the case are not true any more."""
    if known is None or any(listed[name] != getattr(known, name) for name in _SPOKEN_OF_CASE):
        return True
    return owes_otherwise(listed, known)


def _known_cases(connection: sa.Connection, kept: Sequence[Kept]) -> dict[CaseKey, Any]:
    """The cases of these that were listed before, as they stand."""
    as_known = sa.select(*(cases.c[name] for name in (*_LISTED, "state", "dispute")))
    return {
        (client, row.case_id): row
        for client, ids in _by_client((case.client_id, case.case_id) for _, case in kept)
        for row in connection.execute(as_known.where(cases.c.client_id == client, cases.c.case_id.in_(ids)))
    }


def _losing_a_case(kept: Sequence[Kept], known: Mapping[CaseKey, Any], debtor_ids: Mapping[DebtorKey, int]) -> set[int]:
    """The debtors of whom a case is known that now is another debtor's, or another campaign's."""
    now_of = {
        (case.client_id, case.case_id): (debtor_ids[case.client_id, case.debtor.id], case.campaign_id)
        for _, case in kept
    }
    return {row.debtor_id for key, row in known.items() if now_of[key] != (row.debtor_id, row.campaign_id)}


def _keep_cases(
    connection: sa.Connection,
    batch: int,
    kept: Sequence[Kept],
    known: Mapping[CaseKey, Any],
    debtor_ids: Mapping[DebtorKey, int],
) -> Mapping[CaseKey, Mapping[str, Any]]:
    rows = {}
    for taken, case in kept:
        key = (case.client_id, case.case_id)
        blocked = with_dispute(filter(_blocks, taken.verdict.codes), _dispute(known.get(key)))
        rows[key] = _case(batch, case, debtor_ids[case.client_id, case.debtor.id]) | {"blocked": " ".join(blocked)}
    _CASES.run(connection, list(rows.values()))
    return rows


def _blocks(code: Code) -> bool:
    return code.blocks


def _dispute(known: Any) -> Dispute | None:
    return Dispute(known.dispute) if known is not None and known.dispute else None


def _open_of(connection: sa.Connection, keys: Iterable[CaseKey]) -> set[CaseKey]:
    """Which of these cases are open; one that is paid stays so until a newer balance says otherwise."""
    return {
        (client, case)
        for client, ids in _by_client(keys)
        for case in connection.execute(
            sa.select(cases.c.case_id).where(
                cases.c.client_id == client, cases.c.case_id.in_(ids), cases.c.state == CaseState.OPEN
            )
        ).scalars()
    }


def _case(batch: int, case: CaseRow, debtor_id: int) -> dict[str, Any]:
    owed, hours = case.receivable, case.preferred_hours
    return {
        "client_id": case.client_id,
        "case_id": case.case_id,
        "campaign_id": case.campaign_id,
        "debtor_id": debtor_id,
        "batch": batch,
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


def _by_client(keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for client, key in keys:
        found[client].append(key)
    yield from found.items()
