"""How do balances that are sent change cases?

Rows are judged outside the one writer, against the cases as they stand then. Inside it they are only written, and only
if every case still stands so; if one does not, all are judged again, inside. All is taken or nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store import settled_contacts
from dialer.adapters.store.bulk import Bulk, portions
from dialer.adapters.store.calloffs import ContactKey, called_off
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.feed import append
from dialer.adapters.store.settled_contacts import Contacts
from dialer.adapters.store.tables import balances, cases
from dialer.adapters.store.telling import tell_finished
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict, KnownBalance, judge, state_after
from dialer.core.cases import Currency
from dialer.core.feed import EventType, FeedEvent
from dialer.model import FinishReason
from dialer.ports.store import Settled

CaseKey = tuple[str, str]  # client, the client's own id of the case

_KNOWN = sa.select(
    cases.c.id, cases.c.case_id, cases.c.campaign_id, cases.c.debtor_id, cases.c.state, cases.c.amount,
    cases.c.currency, cases.c.balance_version,
).where(
    cases.c.client_id == sa.bindparam("client"), cases.c.case_id.in_(sa.bindparam("ids", expanding=True))
)  # fmt: skip

_STANDS = {"campaign_id": "campaign", "debtor_id": "debtor", "state": "state_before", "amount": "amount_before"}
_KEEPS_STATE = cases.c.state == sa.bindparam("new_state")
_CHANGE = Bulk(
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
            closed_at=sa.case((_KEEPS_STATE, cases.c.closed_at), else_=sa.bindparam("closed")),
        )
    ),
)
_KEEP = Bulk(balances.columns.keys(), lambda _: balances.insert())
_TOLD_AS = {
    BalanceStatus.CLOSED_PAID: EventType.CASE_SETTLED,
    BalanceStatus.REOPENED: EventType.CASE_REOPENED,
    BalanceStatus.UPDATED_PARTIAL: EventType.BALANCE_CHANGED,
    BalanceStatus.UPDATED_INCREASED: EventType.BALANCE_CHANGED,
}


class _Overtaken(Exception):
    """A case has changed since the rows were judged."""


class SqlBalances:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def settle(self, rows: Sequence[BalanceRow], actor: str, now: datetime) -> Settled:
        judged = await self._db.read(_judge, rows)
        try:
            return await self._db.write(_settle, judged, actor, now)
        except _Overtaken:
            return await self._db.write(_judge_and_settle, rows, actor, now)


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
        for row in connection.execute(_KNOWN, {"client": client, "ids": portion})
    }


def _case(row: Any) -> _Case:
    owed = KnownBalance(row.state, Decimal(row.amount).scaleb(-2), Currency(row.currency), row.balance_version)
    return _Case(row.id, (row.campaign_id, row.debtor_id), owed, owed)


def _judge_and_settle(connection: sa.Connection, rows: Sequence[BalanceRow], actor: str, now: datetime) -> Settled:
    change_cases_one_by_one(connection)
    return _settle(connection, _judge(connection, rows), actor, now)


def _settle(connection: sa.Connection, judged: _Judged, actor: str, now: datetime) -> Settled:
    change_cases_one_by_one(connection)
    changing = judged.cases
    if _CHANGE.run(connection, [_changed(case, now) for case in changing]) != len(changing):
        raise _Overtaken
    _KEEP.run(connection, [_kept(taken, actor, now) for taken in judged.taken])
    contacts = settled_contacts.follow(connection, judged.contacts, now)
    ending = called_off(connection, judged.contacts | judged.named_again)
    append(connection, list(_told(judged.taken, contacts, actor, now)))
    tell_finished(connection, {FinishReason.SETTLED: contacts.ended}, now, actor)
    return Settled(
        judged.verdicts,
        contacts.finished,
        contacts.changed,
        contacts.reopened,
        contacts.already_finished,
        contacts.calls_before,
        ending,
    )


def _changed(case: _Case, now: datetime) -> dict[str, Any]:
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


def _told(taken: Iterable[_Taken], contacts: Contacts, actor: str, now: datetime) -> Iterator[FeedEvent]:
    for each in taken:
        told_as = _TOLD_AS.get(each.status)
        if told_as is not None:
            sent, key = each.sent, each.case.contact
            yield FeedEvent(
                told_as, now, sent.client_id, sent.case_id, actor, key[0], contacts.ids.get(key), body=_body(each)
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
