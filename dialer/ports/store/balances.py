"""What is owed, after the sender's latest word, and whose calls end with it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from dialer.core.balances import BalanceRow, BalanceVerdict
from dialer.ports.store.calloffs import CalledOff


@dataclass(frozen=True, slots=True)
class Settled:
    """What a balance file has changed."""

    verdicts: Sequence[BalanceVerdict]  # one for each row, in order
    finished: int  # contacts that are called no more, for nothing is left to call about
    changed: int  # contacts that hear another sum from now on
    reopened: int  # contacts that are called again
    already_finished: int  # contacts of settled cases that were not to be called any more before
    calls_before: int  # calls that contacts with nothing left to call about had before, those up now not counted
    called_off: Sequence[CalledOff]  # attempts that are open, and are not to go on


@dataclass(frozen=True, slots=True)
class BalanceView:
    """A balance that was taken, as it is shown."""

    version: int
    amount: Decimal
    as_of: datetime | None
    reason: str | None  # the sender's word for why it changed
    paid_amount: Decimal | None
    paid_at: date | None
    actor: str
    received_at: datetime


class Balances(Protocol):
    async def balances(self, case: int, after: int, limit: int) -> Sequence[BalanceView]:
        """A page of those that were taken of a case, by version, from behind ``after``; the case's own ``key``."""
        ...

    async def settle(self, rows: Sequence[BalanceRow], actor: str, now: datetime) -> Settled:
        """Take the balances, all or nothing; of rows that name the same case each is judged after the one before.

        When this returns, no attempt of a contact that is finished can be leased any more; those leased before and
        still open are named.
        """
        ...
