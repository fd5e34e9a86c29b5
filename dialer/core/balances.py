"""What does a balance that is sent make of the case that is known?

Balances are numbered by their sender: a higher version is newer, whenever and however often it arrives.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from dialer.core.cases import CaseState, Currency
from dialer.core.codes import Code


class BalanceStatus(StrEnum):
    """What becomes of a row."""

    CLOSED_PAID = "closed_paid"  # nothing is owed any more
    REOPENED = "reopened"  # a case that was paid is owed again: the payment was taken back
    UPDATED_PARTIAL = "updated_partial"
    UPDATED_INCREASED = "updated_increased"
    UPDATED_SAME = "updated_same"  # a newer version of the same sum
    DUPLICATE = "duplicate"
    REJECTED = "rejected"

    @property
    def is_taken(self) -> bool:
        return self not in (BalanceStatus.DUPLICATE, BalanceStatus.REJECTED)

    @property
    def changes_sum(self) -> bool:
        return self.is_taken and self is not BalanceStatus.UPDATED_SAME


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A row that can be read: so much is owed of this case."""

    row: int  # counts the records behind the header from 1
    client_id: str
    case_id: str
    amount: Decimal  # zero or more, two decimals
    currency: Currency
    version: int
    as_of: datetime | None
    reason: str | None  # the sender's word for why it changed
    paid_amount: Decimal | None
    paid_at: date | None
    notes: tuple[Code, ...] = ()  # W_


@dataclass(frozen=True, slots=True)
class KnownBalance:
    state: str
    amount: Decimal
    currency: Currency
    version: int


@dataclass(frozen=True, slots=True)
class BalanceVerdict:
    row: int
    case_id: str  # as sent, at most 40 characters
    status: BalanceStatus
    codes: tuple[Code, ...] = ()


def judge(sent: BalanceRow, known: KnownBalance | None) -> BalanceVerdict:
    """What becomes of the row; ``known`` is None for a case that the sender does not have."""
    status = _status(sent, known)
    if isinstance(status, BalanceStatus):
        return BalanceVerdict(sent.row, sent.case_id, status, sent.notes)
    is_repeat = status is Code.D_IDENTICAL
    refusal = BalanceStatus.DUPLICATE if is_repeat else BalanceStatus.REJECTED
    return BalanceVerdict(sent.row, sent.case_id, refusal, (status,))


def _status(sent: BalanceRow, known: KnownBalance | None) -> BalanceStatus | Code:
    if known is None:
        return Code.E_CASE_UNKNOWN
    if sent.currency is not known.currency:
        return Code.E_CURRENCY_MISMATCH
    if sent.version < known.version:
        return Code.E_STALE_VERSION
    if sent.version == known.version:
        return Code.D_IDENTICAL if sent.amount == known.amount else Code.E_VERSION_CONFLICT
    if known.state == CaseState.CLOSED_PAID and sent.amount:
        return BalanceStatus.REOPENED
    if known.state == CaseState.OPEN and not sent.amount:
        return BalanceStatus.CLOSED_PAID
    if sent.amount == known.amount:
        return BalanceStatus.UPDATED_SAME
    return BalanceStatus.UPDATED_PARTIAL if sent.amount < known.amount else BalanceStatus.UPDATED_INCREASED


def state_after(status: BalanceStatus, state: str) -> str:
    """The case's state once a row with this verdict was taken."""
    match status:
        case BalanceStatus.CLOSED_PAID:
            return CaseState.CLOSED_PAID
        case BalanceStatus.REOPENED:
            return CaseState.OPEN
    return state
