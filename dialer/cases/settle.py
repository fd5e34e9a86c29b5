"""How do balances that come in stop the calls of those who have paid?

read ──► one transaction ──► saved attempts withdrawn, calls ended ──► receipt
         (who is called no more)       (waited for, not for ever)      (true when it is given)
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialer.calloff import CallOff, Ending
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict
from dialer.lists import collection
from dialer.lists.balancefile import BalanceFile, ReadFile, read_file
from dialer.lists.calllist import Warned
from dialer.ports import Clock
from dialer.ports.store import Balances, Settled

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken, what was stopped by it, and what was past already."""

    received_at: datetime
    warnings: Sequence[Warned]
    verdicts: Sequence[BalanceVerdict]  # one for each row, in order
    counts: Mapping[BalanceStatus, int]
    settled: Settled
    calls: Sequence[Ending]  # attempts that were open


Told = Callable[[datetime, Sequence[BalanceRow], Sequence[BalanceVerdict]], None]  # one verdict for each row


class Settlement:
    """``watchers`` are told of what was taken as soon as it is kept, before the calls have ended."""

    def __init__(self, store: Balances, calloff: CallOff, clock: Clock) -> None:
        self._store = store
        self._calloff = calloff
        self._clock = clock
        self.watchers: list[Told] = []

    async def settle(self, file: BalanceFile, actor: str) -> Receipt:
        """Take the balances. When this returns, nothing rings any more at a debtor who has paid, and nothing will.

        Raises:
            FileProblem: the file as a whole cannot be taken.
            StoreFailed: the database could not take it; in both cases nothing was changed.
        """
        now = self._clock.now()
        with collection.postponed():
            read = read_file(file, now) if file.is_short else await asyncio.to_thread(read_file, file, now)
            settled, calls = await self._calloff.carry_out(self._store.settle(read.balances, actor, now))
            for tell in self.watchers:
                tell(now, read.balances, settled.verdicts)
            every = (
                _of_all_rows(read, settled) if file.is_short else await asyncio.to_thread(_of_all_rows, read, settled)
            )
        await self._calloff.all_over(calls)
        receipt = Receipt(now, read.warnings, *every, settled, calls)
        log.info(
            "balances_taken",
            finished=settled.finished,
            calls=len(calls),
            **{str(status): rows for status, rows in receipt.counts.items()},
        )
        return receipt


def _of_all_rows(read: ReadFile, settled: Settled) -> tuple[list[BalanceVerdict], Mapping[BalanceStatus, int]]:
    """The verdicts in the file's order, and how many there are of each."""
    judged = iter(settled.verdicts)
    verdicts = [each if isinstance(each, BalanceVerdict) else next(judged) for each in read.rows]
    return verdicts, Counter(verdict.status for verdict in verdicts)
