"""How do balances that are sent change cases?

Many rows are judged outside the one writer, against the cases as they stand then. Inside it they are only written, and
only if every case still stands so; if one does not, all are judged again, inside. So few rows that nobody would wait
for them are judged inside at once. All is taken or nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from dialer.adapters.store import settled_contacts
from dialer.adapters.store.audit import note
from dialer.adapters.store.balance_plan import CHANGE, KEEP, Plan, plan
from dialer.adapters.store.calloffs import called_off
from dialer.adapters.store.case_stamps import changing_at
from dialer.adapters.store.contact_tables import balances
from dialer.adapters.store.database import Database, urgent
from dialer.adapters.store.feed import append_prepared
from dialer.adapters.store.telling import tell_finished
from dialer.core.audit import Action, Change
from dialer.core.balances import BalanceRow
from dialer.model import FinishReason
from dialer.ports.store import BalanceView, Settled

FEW = 20  # rows; judging them takes less than a second transaction would


class _Overtaken(Exception):
    """A case has changed since the rows were judged."""


class SqlBalances:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def balances(self, case: int, after: int, limit: int) -> Sequence[BalanceView]:
        return await self._db.read(_page, case, after, limit)

    async def settle(self, rows: Sequence[BalanceRow], actor: str, now: datetime) -> Settled:
        if len(rows) <= FEW:
            return await self._db.write(_settle, rows, actor, now)
        planned = await self._db.read(plan, rows, actor, now, now)
        try:
            return await self._db.write(_settle_planned, planned, actor, now)
        except _Overtaken:
            return await self._db.write(_settle, rows, actor, now)


def _page(connection: sa.Connection, case: int, after: int, limit: int) -> list[BalanceView]:
    query = sa.select(balances).where(balances.c.case == case, balances.c.version > after)
    return [
        BalanceView(
            version=row.version,
            amount=Decimal(row.amount).scaleb(-2),
            as_of=row.as_of,
            reason=row.reason,
            paid_amount=None if row.paid_amount is None else Decimal(row.paid_amount).scaleb(-2),
            paid_at=row.paid_at,
            actor=row.actor,
            received_at=row.received_at,
        )
        for row in connection.execute(query.order_by(balances.c.version).limit(limit))
    ]


@urgent
def _settle(connection: sa.Connection, rows: Sequence[BalanceRow], actor: str, now: datetime) -> Settled:
    return _take(connection, plan(connection, rows, actor, now, changing_at(connection, now)), actor, now)


@urgent
def _settle_planned(connection: sa.Connection, planned: Plan, actor: str, now: datetime) -> Settled:
    if planned.changed_at != changing_at(connection, now):
        raise _Overtaken
    return _take(connection, planned, actor, now)


def _take(connection: sa.Connection, planned: Plan, actor: str, now: datetime) -> Settled:
    if CHANGE.run_prepared(connection, planned.cases) != len(planned.cases):
        raise _Overtaken
    KEEP.run_prepared(connection, planned.kept)
    contacts = settled_contacts.follow(connection, planned.contacts, now)
    ending = called_off(connection, planned.contacts | planned.named_again)
    for client_id, counts in planned.counts.items():
        note(connection, Change(Action.BALANCES_TAKEN, now, actor, client_id, "", after={"counts": counts}))
    append_prepared(connection, planned.events)
    tell_finished(connection, {FinishReason.SETTLED: contacts.ended}, now, actor)
    return Settled(
        planned.verdicts,
        contacts.finished,
        contacts.changed,
        contacts.reopened,
        contacts.already_finished,
        contacts.calls_before,
        ending,
    )
