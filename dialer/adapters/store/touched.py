"""Of which cases of a list is more to be done than to write down what the list says?"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.case_events import told_of_case
from dialer.adapters.store.contact_tables import cases, debtors
from dialer.adapters.store.staged import IS_ITS_DEBTOR, KEPT, Portion, staged_rows
from dialer.core.blocks import blocked_for
from dialer.core.cases import CaseState, Dispute, Hold
from dialer.core.codes import Code
from dialer.core.feed import FeedEvent

_LISTED = (
    "client_id", "case_id", "campaign_id", "blocked", "amount", "currency", "balance_version", "balance_as_of",
)  # fmt: skip
_IS_ITS_CASE = (cases.c.client_id == staged_rows.c.client_id) & (cases.c.case_id == staged_rows.c.case_id)
WITH_CASE = staged_rows.join(debtors, IS_ITS_DEBTOR).outerjoin(cases, _IS_ITS_CASE)
_IS_NEWER = staged_rows.c.balance_version > cases.c.balance_version
_MENDS = (staged_rows.c.balance_version == cases.c.balance_version) & (cases.c.state == CaseState.OPEN)
# As ``case_events`` says of one case.
OWES_OTHERWISE = ((staged_rows.c.amount != cases.c.amount) | (staged_rows.c.currency != cases.c.currency)) & (
    _IS_NEWER | _MENDS
)
_CASES = (
    sa.select(
        staged_rows.c.row,
        *(staged_rows.c[name].label(f"listed_{name}") for name in _LISTED),
        staged_rows.c.zone,
        debtors.c.id.label("listed_debtor_id"),
        *(cases.c[name] for name in ("id", "debtor_id", "campaign_id", "state", "dispute", "hold", *_LISTED[3:])),
    )
    .select_from(WITH_CASE)
    .where(
        KEPT,
        sa.case(
            (cases.c.id.is_(None), staged_rows.c.blocked != ""),
            else_=(cases.c.debtor_id != debtors.c.id)
            | (cases.c.campaign_id != staged_rows.c.campaign_id)
            | (cases.c.blocked != staged_rows.c.blocked)
            | (cases.c.state != CaseState.OPEN)
            | cases.c.dispute.is_not(None)
            | cases.c.hold.is_not(None)
            | OWES_OTHERWISE,
        ),
    )
    .order_by(staged_rows.c.row)
)


class Touched:
    """The cases of staged rows of which more is to be done than to write what the list says; as they were before."""

    def __init__(self, connection: sa.Connection, portion: Portion) -> None:
        self._rows = connection.execute(_CASES, portion.told).all()
        self._known = [row for row in self._rows if row.id is not None]
        self._blocked = {row.row: _blocked(row.listed_blocked, row.dispute, row.hold) for row in self._rows}
        self._closed: set[int] = set()

    def settle(self, connection: sa.Connection, changed_at: datetime) -> None:
        """To be called when the cases are what the list says of them: a dispute and an order outlive the list."""
        for row in self._known:
            if (blocked := self._blocked[row.row]) != row.listed_blocked:
                stands = {"blocked": blocked} | ({} if blocked == row.blocked else {"changed_at": changed_at})
                connection.execute(cases.update().where(cases.c.id == row.id).values(stands))
        were_closed = [row.id for row in self._known if row.state != CaseState.OPEN]
        for some in portions(were_closed):
            still = sa.select(cases.c.id).where(cases.c.id.in_(some), cases.c.state != CaseState.OPEN)
            self._closed.update(connection.execute(still).scalars())

    @property
    def losing(self) -> set[int]:
        """The debtors of whom a case is known that now is another debtor's, or another campaign's."""
        return {
            row.debtor_id
            for row in self._known
            if (row.debtor_id, row.campaign_id) != (row.listed_debtor_id, row.listed_campaign_id)
        }

    @property
    def blocked_otherwise(self) -> set[int]:
        """The debtors of cases, disputed or held, that are blocked for other reasons than before, or no more."""
        return {
            row.listed_debtor_id
            for row in self._known
            if (row.dispute is not None or row.hold is not None) and self._blocked[row.row] != row.blocked
        }

    @property
    def held(self) -> Sequence[int]:
        """Rows of which nobody is called although the list says so: the case is closed, disputed or held."""
        return [
            row.row
            for row in self._known
            if row.zone is not None and (row.id in self._closed or self._blocked[row.row])
        ]

    def told(self, now: datetime, actor: str) -> Iterator[FeedEvent]:
        for row in self._rows:
            yield from told_of_case(row, self._blocked[row.row], now, actor, is_open=row.id not in self._closed)


@lru_cache(maxsize=1024)
def _blocked(listed: str, dispute: str | None, hold: str | None) -> str:
    codes = [Code[code] for code in listed.split()]
    return " ".join(blocked_for(codes, Dispute(dispute) if dispute else None, Hold(hold) if hold else None))
