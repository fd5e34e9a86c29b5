"""Which calls does the switch still know, after a crash of ours, a restart of its, or a cut between us?

Nothing is ever dialled again: a call that the switch does not know any more ended somehow, its attempt is closed as
lost and counts. A call that it still knows is followed to its end. Until the two sides agree, no call is placed. What
was saved and surely not placed is withdrawn, and costs nobody an attempt.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from dialer.calloff import CallOff
from dialer.core.call import Answered, End, Ended, Rang
from dialer.place import Placer
from dialer.ports import CallPhase, Clock, PlacingLog, Presence, Switch, SwitchAway
from dialer.ports.store import Store
from dialer.track import Tracker

SWEEP = timedelta(seconds=60)  # how often both sides are compared while all seems well
ASK_AGAIN = timedelta(seconds=2)  # how soon, while they could not be compared and so nothing is placed
SETTLED = timedelta(seconds=10)  # a younger call may not be in the switch's list yet, nor its flow have reported
NEVER_PLACED = "engine_killed"  # why an attempt is withdrawn: the engine was killed between saving and placing it
HAPPENED: Mapping[CallPhase, type[Rang | Answered]] = {
    CallPhase.RINGING: Rang,
    CallPhase.ANSWERED: Answered,
}  # while nobody listened

log = structlog.get_logger(__name__)


class Recovery:
    def __init__(
        self,
        store: Store,
        switch: Switch,
        tracker: Tracker,
        placer: Placer,
        calloff: CallOff,
        clock: Clock,
        placing: PlacingLog,
    ) -> None:
        self._store = store
        self._switch = switch
        self._tracker = tracker
        self._placer = placer
        self._calloff = calloff
        self._clock = clock
        self._placing = placing

    async def load(self) -> int:
        """At start, before the switch is there: follow whatever was left open and may be a call; how many were open."""
        left_open = await self._store.open_attempts()
        never_placed = self._placing.never_placed(attempt.id for attempt in left_open)
        for attempt in left_open:
            if attempt.id in never_placed:
                self._tracker.withdraw(attempt, NEVER_PLACED)
            else:
                self._tracker.adopt(attempt)
        for talk in await self._store.open_talks():
            self._tracker.adopt_talk(talk.attempt_id, talk.at)
        called_off = self._calloff.stop(await self._store.called_off())  # as the crash may have kept us from doing
        if left_open:
            log.warning(
                "attempts_left_open",
                attempts=len(left_open),
                never_placed=len(never_placed),
                called_off=len(called_off),
            )
        return len(left_open)

    async def run(self) -> None:
        """Compare with the switch whenever it comes, and from time to time."""
        while True:
            self._tracker.presence_changed.clear()
            if self._tracker.presence is Presence.READY:
                await self._reconcile(timedelta() if not self._placer.is_reconciled else SETTLED)
            else:
                self._placer.is_reconciled = False
            is_compared = self._placer.is_reconciled or self._tracker.presence is not Presence.READY
            try:
                async with asyncio.timeout((SWEEP if is_compared else ASK_AGAIN).total_seconds()):
                    await self._tracker.presence_changed.wait()
            except TimeoutError:
                continue

    async def _reconcile(self, younger: timedelta) -> None:
        old_enough = self._clock.monotonic() - younger.total_seconds()
        ours = [live.attempt.id for live in self._tracker.live if live.since <= old_enough]
        try:
            theirs = await self._switch.live_calls()
        except SwitchAway as error:
            log.warning("not_reconciled", because=str(error))
            return
        for attempt in ours:
            if phase := theirs.get(attempt):
                self._switch.adopt(attempt, phase)
                if happened := HAPPENED.get(phase):
                    self._tracker.on_call(happened(attempt, self._clock.now()))
        lost = [attempt for attempt in ours if attempt not in theirs]
        for attempt in lost:
            self._tracker.on_call(Ended(attempt, self._clock.now(), End.LOST))
        self._conclude_unreported()
        self._calloff.insist()
        if lost or not self._placer.is_reconciled:
            log.info("reconciled", ours=len(ours), theirs=len(theirs), lost=len(lost))
        self._placer.is_reconciled = self._tracker.presence is Presence.READY
        self._tracker.changed.set()

    def _conclude_unreported(self) -> None:
        """A call that is gone waits for its flow to say how much was heard, but not for ever."""
        latest = self._clock.now() - SETTLED
        for live in list(self._tracker.live):
            if live.call.ended_at is not None and live.call.ended_at <= latest:
                log.warning("message_unreported", attempt=live.attempt.id)
                self._tracker.on_message_ended(live.attempt.id, timedelta(), whole=False, failed=True)
