"""Which promises to pay are open, and how is written down what has become of them?"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.contact_tables import balances, cases, contacts
from dialer.adapters.store.database import Database
from dialer.adapters.store.feed import append
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.rounds import begin_anew
from dialer.core.cases import CaseState, Dispute, Promise, PromiseState
from dialer.core.feed import EventType, FeedEvent
from dialer.model import ContactState, FinishReason
from dialer.ports.store import JudgedPromise, OpenPromise

_IS_OPEN = sa.text("cases.promise_state = 'open'")
_MAY_BE_JUDGED = (cases.c.promised_by <= sa.bindparam("by")) | (cases.c.amount != cases.c.promised_amount)
_OPEN: sa.Select[Any] = (
    sa.select(cases, contacts.c.id.label("contact_id"), contacts.c.lane_id)
    .join(contacts, (contacts.c.debtor_id == cases.c.debtor_id) & (contacts.c.campaign_id == cases.c.campaign_id))
    .where(_IS_OPEN, cases.c.id > sa.bindparam("after"), _MAY_BE_JUDGED | (cases.c.state != CaseState.OPEN))
    .order_by(cases.c.id)
    .limit(sa.bindparam("most"))
)
_BALANCES = (
    sa.select(balances.c.case, balances.c.amount)
    .join(cases, cases.c.id == balances.c.case)
    .where(balances.c.case.in_(sa.bindparam("cases", expanding=True)), balances.c.received_at >= cases.c.promised_at)
    .order_by(balances.c.case, balances.c.version)
)
_STANDS_AS_READ = (
    cases.update()
    .where(
        _IS_OPEN,
        cases.c.id == sa.bindparam("case"),
        cases.c.balance_version == sa.bindparam("version"),
        cases.c.amount == sa.bindparam("owed"),
        cases.c.dispute.is_not_distinct_from(sa.bindparam("disputed")),
        cases.c.promised_by == sa.bindparam("by"),
        cases.c.promise_reminded.is_distinct_from(cases.c.promised_by) | (sa.bindparam("becomes") != PromiseState.OPEN),
    )
    .values(
        promise_state=sa.bindparam("becomes"),
        changed_at=sa.bindparam("changed"),
        promise_reminded=sa.case(
            (sa.bindparam("becomes") == PromiseState.OPEN, cases.c.promised_by), else_=cases.c.promise_reminded
        ),
    )
    .returning(cases.c.client_id, cases.c.case_id, cases.c.currency, cases.c.promised_in)
)
_TOLD_AS = {PromiseState.KEPT: EventType.PROMISE_KEPT, PromiseState.BROKEN: EventType.PROMISE_BROKEN}
# Whoever was called to the end of the plan; nobody else's reason has passed with the promise.
_CALLED_AGAIN = (FinishReason.DELIVERED, FinishReason.REPLIED, FinishReason.HANDLED, FinishReason.EXHAUSTED)


class SqlPromises:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def open_promises(self, by: date, after: int, limit: int) -> Sequence[OpenPromise]:
        return await self._db.read(_open, by, after, limit)

    async def judge_promises(self, judged: Sequence[JudgedPromise], now: datetime) -> int:
        return await self._db.write(_judge, judged, now)


def _open(connection: sa.Connection, by: date, after: int, limit: int) -> list[OpenPromise]:
    rows = connection.execute(_OPEN, {"by": by, "after": after, "most": limit}).all()
    since = defaultdict(list)
    for row in connection.execute(_BALANCES, {"cases": [row.id for row in rows]}):
        since[row.case].append(row.amount)
    return [_promise(row, [row.promised_amount, *since[row.id], row.amount]) for row in rows]


def _promise(row: Any, hundredths: Sequence[int]) -> OpenPromise:
    return OpenPromise(
        key=row.id,
        campaign_id=row.campaign_id,
        contact_id=row.contact_id,
        lane_id=row.lane_id,
        promise=Promise(row.promised_by, Decimal(row.promised_amount).scaleb(-2)),
        balances=[Decimal(each).scaleb(-2) for each in hundredths],
        balance_version=row.balance_version,
        stand=CaseState(row.state),
        dispute=Dispute(row.dispute) if row.dispute else None,
        is_reminded=row.promise_reminded == row.promised_by,
    )


def _judge(connection: sa.Connection, judged: Sequence[JudgedPromise], now: datetime) -> int:
    changed_at = changing_at(connection, now)
    told, calling, changed = list[FeedEvent](), list[int](), 0
    for each in judged:
        row = connection.execute(_STANDS_AS_READ, {**_as_read(each), "changed": changed_at}).one_or_none()
        if row is None:
            continue
        changed += 1
        if each.calls_again:
            calling.append(each.of.contact_id)
        if each.state in _TOLD_AS:
            told.append(_event(each, row, now))
    _call_again(connection, calling, now)
    append(connection, told)
    return changed


def _as_read(each: JudgedPromise) -> dict[str, Any]:
    return {
        "case": each.of.key,
        "version": each.of.balance_version,
        "owed": int(each.of.balances[-1].scaleb(2)),
        "disputed": each.of.dispute,
        "by": each.of.promise.by,
        "becomes": each.state,
    }


def _event(each: JudgedPromise, row: Any, now: datetime) -> FeedEvent:
    promise = each.of.promise
    return FeedEvent(
        _TOLD_AS[each.state],
        now,
        row.client_id,
        row.case_id,
        campaign_id=each.of.campaign_id,
        contact_id=each.of.contact_id,
        attempt_id=row.promised_in,
        body={
            "by": promise.by.isoformat(),
            "amount": str(promise.amount),
            "balance": str(each.of.balances[-1]),
            "currency": row.currency,
        },
    )


def _call_again(connection: sa.Connection, contact_ids: Sequence[int], now: datetime) -> None:
    these = contacts.c.id.in_(contact_ids)
    begin_anew(connection, these & contacts.c.finished.in_(_CALLED_AGAIN), due_at=now, waits_for=None)
    waiting = contacts.c.state.in_([ContactState.WAITING, ContactState.READY])
    connection.execute(contacts.update().where(these, waiting).values(due_at=now, waits_for=None))
    render_anew(connection, these & waiting)
