"""What will balances change, as the cases stand now?

All of it is worked out before the transaction that writes it, so that nobody waits for more than the writing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import feed
from dialer.adapters.store.bulk import Bulk, Prepared, is_among, portions
from dialer.adapters.store.calloffs import ContactKey
from dialer.adapters.store.contact_tables import balances, cases, contacts
from dialer.adapters.store.database import urgent
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict, KnownBalance, judge, state_after
from dialer.core.cases import Currency
from dialer.core.feed import EventType, FeedEvent

CaseKey = tuple[str, str]  # client, the client's own id of the case

_KNOWN = sa.select(
    cases.c.id, cases.c.case_id, cases.c.campaign_id, cases.c.debtor_id, cases.c.state, cases.c.amount,
    cases.c.currency, cases.c.balance_version,
)  # fmt: skip
_CONTACT_IDS = sa.select(contacts.c.id, contacts.c.campaign_id, contacts.c.debtor_id)

_STANDS = {"campaign_id": "campaign", "debtor_id": "debtor", "state": "state_before", "amount": "amount_before"}
_KEEPS_STATE = cases.c.state == sa.bindparam("new_state")
CHANGE = Bulk(
    (),
    lambda _: (
        cases.update()
        .where(
            cases.c.id == sa.bindparam("case"),
            cases.c.balance_version == sa.bindparam("version_before"),
            *(cases.c[name] == sa.bindparam(bound) for name, bound in _STANDS.items()),
        )
        .values(
            state=sa.bindparam("new_state"),
            amount=sa.bindparam("new_amount"),
            balance_version=sa.bindparam("new_version"),
            balance_as_of=sa.bindparam("new_as_of"),
            changed_at=sa.bindparam("changed"),
            closed_at=sa.case((_KEEPS_STATE, cases.c.closed_at), else_=sa.bindparam("closed")),
        )
    ),
)
KEEP = Bulk(balances.columns.keys(), lambda _: balances.insert())
_TOLD_AS = {
    BalanceStatus.CLOSED_PAID: EventType.CASE_SETTLED,
    BalanceStatus.REOPENED: EventType.CASE_REOPENED,
    BalanceStatus.UPDATED_PARTIAL: EventType.BALANCE_CHANGED,
    BalanceStatus.UPDATED_INCREASED: EventType.BALANCE_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Plan:
    changed_at: datetime
    verdicts: Sequence[BalanceVerdict]  # one for each row
    cases: Sequence[Prepared]  # for CHANGE; each names how the case must still stand
    kept: Sequence[Prepared]  # for KEEP
    events: Sequence[Prepared]
    contacts: set[ContactKey]  # those who owe another sum than before
    named_again: set[ContactKey]  # by rows that were taken before
    counts: Mapping[str, Mapping[str, int]]  # rows by verdict, for each client


@urgent
def plan(
    connection: sa.Connection, rows: Sequence[BalanceRow], actor: str, now: datetime, changed_at: datetime
) -> Plan:
    judged = _judge(connection, rows)
    contact_ids = _contact_ids(connection, judged.contacts)
    return Plan(
        changed_at,
        judged.verdicts,
        CHANGE.prepare(connection, [_changed(case, now, changed_at) for case in judged.cases]),
        KEEP.prepare(connection, [_kept(taken, actor, now) for taken in judged.taken]),
        feed.prepare(connection, _told(judged.taken, contact_ids, actor, now)),
        judged.contacts,
        judged.named_again,
        _counts(rows, judged.verdicts),
    )


def _counts(rows: Sequence[BalanceRow], verdicts: Sequence[BalanceVerdict]) -> Mapping[str, Mapping[str, int]]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row, verdict in zip(rows, verdicts, strict=True):
        counted[row.client_id][verdict.status.value] += 1
    return counted


@dataclass(slots=True)
class _Case:
    id: int
    contact: ContactKey
    before: KnownBalance
    now: KnownBalance
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Taken:
    case: _Case
    sent: BalanceRow
    status: BalanceStatus
    owed_before: Decimal


@dataclass(frozen=True, slots=True)
class _Judged:
    verdicts: list[BalanceVerdict] = field(default_factory=list)
    taken: list[_Taken] = field(default_factory=list)
    named_again: set[ContactKey] = field(default_factory=set)  # by rows that were taken before

    @property
    def cases(self) -> list[_Case]:
        """Those that change, each once."""
        return list({taken.case.id: taken.case for taken in self.taken}.values())

    @property
    def contacts(self) -> set[ContactKey]:
        """Those who owe another sum than before."""
        return {taken.case.contact for taken in self.taken if taken.status.changes_sum}


def _judge(connection: sa.Connection, rows: Sequence[BalanceRow]) -> _Judged:
    known, judged = _known(connection, rows), _Judged()
    for sent in rows:
        case = known.get((sent.client_id, sent.case_id))
        verdict = judge(sent, case.now if case else None)
        judged.verdicts.append(verdict)
        if case is None:
            continue
        if verdict.status.is_taken:
            judged.taken.append(_Taken(case, sent, verdict.status, case.now.amount))
            state = state_after(verdict.status, case.now.state)
            case.now, case.as_of = KnownBalance(state, sent.amount, sent.currency, sent.version), sent.as_of
        elif verdict.status is BalanceStatus.DUPLICATE:
            judged.named_again.add(case.contact)
    return judged


def _known(connection: sa.Connection, rows: Iterable[BalanceRow]) -> dict[CaseKey, _Case]:
    ids_of: dict[str, dict[str, None]] = defaultdict(dict)
    for sent in rows:
        ids_of[sent.client_id][sent.case_id] = None
    return {
        (client, row.case_id): _case(row)
        for client, ids in ids_of.items()
        for portion in portions(list(ids))
        for row in connection.execute(
            _KNOWN.where(cases.c.client_id == client, is_among(connection, cases.c.case_id, portion))
        ).all()
    }


def _case(row: Any) -> _Case:
    owed = KnownBalance(row.state, Decimal(row.amount).scaleb(-2), Currency(row.currency), row.balance_version)
    return _Case(row.id, (row.campaign_id, row.debtor_id), owed, owed)


def _contact_ids(connection: sa.Connection, keys: Iterable[ContactKey]) -> dict[ContactKey, int]:
    return {
        (row.campaign_id, row.debtor_id): row.id
        for debtors in portions(list({debtor for _, debtor in keys}))
        for row in connection.execute(_CONTACT_IDS.where(is_among(connection, contacts.c.debtor_id, debtors))).all()
    }


def _changed(case: _Case, now: datetime, changed_at: datetime) -> dict[str, Any]:
    return {
        "case": case.id,
        "campaign": case.contact[0],
        "debtor": case.contact[1],
        "state_before": case.before.state,
        "amount_before": _hundredths(case.before.amount),
        "version_before": case.before.version,
        "new_state": case.now.state,
        "new_amount": _hundredths(case.now.amount),
        "new_version": case.now.version,
        "new_as_of": case.as_of,
        "closed": None if case.now.amount else now,
        "changed": changed_at,
    }


def _kept(taken: _Taken, actor: str, now: datetime) -> dict[str, Any]:
    sent = taken.sent
    return {
        "case": taken.case.id,
        "version": sent.version,
        "amount": _hundredths(sent.amount),
        "as_of": sent.as_of,
        "reason": sent.reason,
        "paid_amount": None if sent.paid_amount is None else _hundredths(sent.paid_amount),
        "paid_at": sent.paid_at,
        "actor": actor,
        "received_at": now,
    }


def _hundredths(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _told(
    taken: Iterable[_Taken], contact_ids: Mapping[ContactKey, int], actor: str, now: datetime
) -> Iterator[FeedEvent]:
    for each in taken:
        told_as = _TOLD_AS.get(each.status)
        if told_as is not None:
            sent, key = each.sent, each.case.contact
            yield FeedEvent(
                told_as, now, sent.client_id, sent.case_id, actor, key[0], contact_ids.get(key), body=_body(each)
            )


def _body(taken: _Taken) -> dict[str, Any]:
    sent = taken.sent
    said = {
        "as_of": sent.as_of and sent.as_of.isoformat(),
        "reason": sent.reason,
        "paid_amount": None if sent.paid_amount is None else str(sent.paid_amount),
        "paid_at": sent.paid_at and sent.paid_at.isoformat(),
    }
    return {
        "balance": str(sent.amount),
        "balance_before": str(taken.owed_before),
        "currency": sent.currency,
        "version": sent.version,
    } | {name: value for name, value in said.items() if value is not None}
