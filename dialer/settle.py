"""How do balances that come in stop the calls of those who have paid?

read ──► one transaction ──► saved attempts withdrawn, calls ended ──► receipt
         (who is called no more)       (waited for, not for ever)      (true when it is given)
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialer.balancefile import BalanceFile, read_file
from dialer.calllist import Warned
from dialer.calloff import CallOff, Ending
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict
from dialer.ports import Clock
from dialer.ports.store import Balances, Settled

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken, what was stopped by it, and what was past already."""

    received_at: datetime
    warnings: Sequence[Warned]
    verdicts: Sequence[BalanceVerdict]  # one for each row, in order
    settled: Settled
    calls: Sequence[Ending]  # attempts that were open

    @property
    def counts(self) -> Mapping[BalanceStatus, int]:
        """Rows by verdict."""
        return Counter(verdict.status for verdict in self.verdicts)


class Settlement:
    def __init__(self, store: Balances, calloff: CallOff, clock: Clock) -> None:
        self._store = store
        self._calloff = calloff
        self._clock = clock

    async def settle(self, file: BalanceFile, actor: str) -> Receipt:
        """Take the balances. When this returns, nothing rings any more at a debtor who has paid, and nothing will.

        Raises:
            FileProblem: the file as a whole cannot be taken.
            StoreFailed: the database could not take it; in both cases nothing was changed.
        """
        now = self._clock.now()
        read = await asyncio.to_thread(read_file, file, now)
        rows = [each for each in read.rows if isinstance(each, BalanceRow)]
        settled, calls = await self._calloff.carry_out(self._store.settle(rows, actor, now))
        await self._calloff.all_over(calls)
        judged = iter(settled.verdicts)
        verdicts = [next(judged) if isinstance(each, BalanceRow) else each for each in read.rows]
        receipt = Receipt(now, read.warnings, verdicts, settled, calls)
        log.info(
            "balances_taken",
            finished=settled.finished,
            calls=len(calls),
            **{str(status): rows for status, rows in receipt.counts.items()},
        )
        return receipt
