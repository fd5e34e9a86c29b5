"""Which promises to pay are open, and what has become of them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from dialer.core.cases import CaseState, Dispute, Promise, PromiseState


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A promise of which something may have come."""

    key: int  # of its case, ours
    campaign_id: str
    contact_id: int
    lane_id: int
    promise: Promise
    balances: Sequence[Decimal]  # from when it was promised until now, in order
    balance_version: int
    stand: CaseState
    dispute: Dispute | None
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class JudgedPromise:
    """What has become of it; if nothing has, its debtor is to be reminded of it."""

    of: OpenPromise
    state: PromiseState
    calls_again: bool  # its contact begins anew


class Promises(Protocol):
    async def open_promises(self, by: date, after: int, limit: int) -> Sequence[OpenPromise]:
        """A page, from behind that ``key``: those to be kept by that day, and those whose balance is another."""
        ...

    async def judge_promises(self, judged: Sequence[JudgedPromise], now: datetime) -> int:
        """Write down what has become of them, each once, and tell of it; how many it were.

        One whose balance or dispute has changed since it was read is left as it is.
        """
        ...
