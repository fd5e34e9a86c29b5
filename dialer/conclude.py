"""⑦ ⑧ ⑨ What did a call that is over mean, and what follows for its contact?

Calls that end within a moment of each other are concluded in one transaction. Nothing is forgotten while the database
is away: what could not be written waits here, and the dispatcher places no more calls.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from dialer.core import replies, retry
from dialer.core.retry import Again
from dialer.core.rules import Rule
from dialer.lanes import Lanes
from dialer.model import Disposition
from dialer.ports.store import Concluded, Conclusion, Ledger, StoreFailed

LINGER = timedelta(milliseconds=250)  # to gather the calls that end together
FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=10)
LONGEST_WRAP_UP = timedelta(days=1)  # of a talk that nobody wraps up, not even after a crash
MOST_WAITING = 500  # conclusions that could not be written yet; more, and dialing stops

log = structlog.get_logger(__name__)


class Concluder:
    def __init__(self, ledger: Ledger, lanes: Lanes) -> None:
        self._ledger = ledger
        self._lanes = lanes
        self._waiting: list[Conclusion] = []
        self._came = asyncio.Event()
        self._none_left = asyncio.Event()
        self._none_left.set()
        self.watchers: list[Callable[[Conclusion], None]] = []

    @property
    def is_behind(self) -> bool:
        """Whether so much waits to be written that no new call may be placed."""
        return len(self._waiting) > MOST_WAITING

    @property
    def waiting(self) -> Mapping[str, Conclusion]:
        """What could not be written yet, by attempt id."""
        return {each.attempt.id: each for each in self._waiting}

    def add(self, conclusion: Conclusion) -> None:
        self._waiting.append(conclusion)
        self._none_left.clear()
        self._came.set()

    async def all_written(self) -> None:
        """Wait until nothing waits."""
        await self._none_left.wait()

    async def run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            await self._came.wait()
            await asyncio.sleep(LINGER.total_seconds())
            self._came.clear()
            batch = list(self._waiting)
            try:
                await self._ledger.conclude(batch, self._decide)
            except StoreFailed as error:
                log.error("conclusions_not_written", waiting=len(batch), because=str(error))
                self._came.set()
                await asyncio.sleep(pause.total_seconds())
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            del self._waiting[: len(batch)]
            self._tell(batch)
            if not self._waiting:
                self._none_left.set()

    def _decide(self, conclusion: Conclusion, before: retry.Stand) -> Concluded:
        attempt, call, outcome = conclusion.attempt, conclusion.call, conclusion.disposition
        rules, ended_at = self._lanes.rules(attempt.lane_id).rules, call.ended_at or attempt.started_at
        # The switch may take its time: spacing runs from the moment at which it began the call.
        began_at = call.started_at or call.placed_at
        counted = retry.counts(before, attempt.number, outcome, has_rung=call.rang_at is not None)
        stand = retry.stand_after(before, attempt.number, outcome, began_at, ended_at, counted=counted)
        rest = retry.rest_until(stand, rules)
        if outcome is Disposition.CONNECTED:
            return Concluded(stand, Again(ended_at + LONGEST_WRAP_UP), rest, counted, Rule.WRAP_UP)
        asked_rest = self._asked_rest(conclusion, ended_at)
        if outcome is Disposition.UNSERVED:  # was promised a call, whatever the plan has left
            promised = max(retry.earliest(stand, rules), asked_rest)
            return Concluded(stand, Again(promised), max(ended_at, rest, asked_rest), counted, call_back_at=promised)
        step = retry.next_step(stand, rules, outcome, ended_at, counted=counted)
        if isinstance(step, Again):
            step = Again(max(step.due_at, asked_rest, ended_at + (conclusion.put_off or timedelta())))
        waits_for = None if conclusion.put_off is None else Rule.SKIPPED
        return Concluded(stand, step, max(ended_at, rest, asked_rest), counted, waits_for)

    def _asked_rest(self, conclusion: Conclusion, ended_at: datetime) -> datetime:
        """Until when the callee is left in peace for what was answered; long ago if nothing was."""
        lane, message = self._lanes.rules(conclusion.attempt.lane_id), conclusion.call.message
        hours = lane.hours
        rest = message and replies.rest_until(message.answers, lane.replies, ended_at, hours.timezone, hours.holidays)
        return rest or retry.LONG_AGO

    def _tell(self, batch: Sequence[Conclusion]) -> None:
        for watcher in self.watchers:
            for conclusion in batch:
                try:
                    watcher(conclusion)
                except Exception:  # whoever looks on may not stop the calls
                    log.exception("watcher_broken", attempt=conclusion.attempt.id)
