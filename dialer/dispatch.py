"""① to ③ Which contacts are due, may they be called now, and how many at once?

due contacts ──lease──► saved attempts ──pace──► gate ──► switch
(one query)             (committed first)        (``place.py``: asked again at the last moment)
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

import structlog

from dialer.agents.keep_agents import KeepingAgents, for_agent
from dialer.conclude import Concluder
from dialer.core import choice, gate, history, trunks
from dialer.core.choice import Candidate, Wait
from dialer.core.numbers import NumberingPlan
from dialer.core.retry import Done
from dialer.lanes import Lanes
from dialer.model import Attempt, Lane
from dialer.place import ENDING, Placer
from dialer.ports import Clock, IdSource
from dialer.ports.store import WOKEN, Stopped, Store, StoreFailed
from dialer.routes import Routes
from dialer.stopping import Stopping
from dialer.track import Tracker

FULL = timedelta(milliseconds=250)  # on a full trunk, calls of so much time are saved together
FORGETS = 0.8  # a portion that was saved slowly counts so much less with every one that was not
AFTER_TROUBLE = timedelta(seconds=1)
IDLE = timedelta(milliseconds=250)  # until the next look for contacts that became due; twice as long after a vain one
LONGEST_IDLE = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class Dispatcher:
    def __init__(
        self,
        store: Store,
        placer: Placer,
        tracker: Tracker,
        routes: Routes,
        lanes: Lanes,
        stopping: Stopping,
        concluder: Concluder,
        clock: Clock,
        new_id: IdSource,
        plan: NumberingPlan,
        has_audio: Callable[[str], bool],
        how_many: Callable[[Lane], int | None],
        keeping: KeepingAgents,
    ) -> None:
        """``how_many`` calls agents could take of a lane; None: they do not limit it."""
        self._store = store
        self._placer = placer
        self._tracker = tracker
        self._routes = routes
        self._lanes = lanes
        self._stopping = stopping
        self._concluder = concluder
        self._clock = clock
        self._new_id = new_id
        self._plan = plan
        self._has_audio = has_audio
        self._how_many = how_many
        self._keeping = keeping
        self._wanted: list[tuple[Attempt, Lane]] = []  # agents have decided to call these
        self._exhausted: set[int] = set()  # lanes found empty since contacts last became ready
        self._turn = 0
        self._saved_at = 0.0  # monotonic s when a portion was saved last
        self._saving = 0.0  # s that pass between two portions, as far as is known
        self._look_at = 0.0  # monotonic s when to look again for contacts that became due
        self._idle = IDLE
        self.trouble: str | None = None  # why nothing is dialled at all
        self._silent: list[int] = []  # contacts whose message is gone or of another day

    async def run(self) -> None:
        """Place calls for as long as this runs; while the database fails, none."""
        while True:
            try:
                pause = await self._round()
            except StoreFailed as error:
                self.trouble = f"the database fails, so nothing is dialled: {error}"
                log.error("dialing_halted", because=self.trouble)
                self._exhausted.clear()  # contacts may have become ready without our hearing of it
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
                continue
            self.trouble = None
            if pause > 0:
                await self._pause(pause)

    def look_soon(self) -> None:
        """Contacts may have become due out of turn."""
        self._look_at = 0.0
        self._idle = IDLE
        self._tracker.changed.set()

    def place_soon(self, attempt: Attempt, picked_by: Lane) -> None:
        """Place the call of an attempt that its agent has decided on, or withdraw it."""
        self._wanted.append((attempt, picked_by))
        self._tracker.changed.set()

    def give_back_wanted(self) -> None:
        """It runs no more: what was to be placed soon is withdrawn."""
        for attempt, _ in self._wanted:
            self._tracker.withdraw(attempt, ENDING)
        self._wanted.clear()

    async def _pause(self, seconds: float) -> None:
        self._tracker.changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._tracker.changed.wait()
        except TimeoutError:
            return

    async def _round(self) -> float:
        """Place what may be placed within the next moment; how many seconds to pause, unless a call ends."""
        await self._wait_for_turn()
        while self._wanted:
            attempt, lane = self._wanted.pop(0)
            await self._placer.place_all([attempt], lane)
        began = self._clock.monotonic()
        await self._give_back_silent()
        await self._wake()
        room, portion = self._room(), self._portion
        if not room:
            return IDLE.total_seconds()
        # On a full trunk calls end one by one: those that are to follow them are saved together all the same.
        now = self._clock.monotonic()
        if self._routes.free(now) < portion and (wait := self._saved_at + FULL.total_seconds() - now) > 0:
            return wait
        open_now = self._lanes.open_at(self._clock.now())
        if not open_now:
            return self._lanes.steady_for(self._clock.now()).total_seconds()
        lanes = [lane for lane in open_now if lane.id not in self._exhausted]
        if not lanes:
            return self._look_at - self._clock.monotonic()
        lanes = [lane for lane in lanes if self._how_many(lane) != 0]
        if not lanes:  # until an agent is free, or will be soon
            return IDLE.total_seconds()
        room_for = {number: self._routes.room(now, number) for number in {lane.caller_number for lane in lanes}}
        lanes = [lane for lane in lanes if room_for[lane.caller_number]]
        if not lanes:  # there is room on trunks that present other numbers only
            return IDLE.total_seconds()
        lane = self._next(lanes)
        self._saved_at = self._clock.monotonic()
        most = [room, room_for[lane.caller_number], self._how_many(lane)]
        attempts = await self._lease(lane, min(each for each in most if each is not None))
        self._saving = max(self._clock.monotonic() - began, FORGETS * self._saving)
        await self._placer.place_all(attempts, lane)
        return 0.0

    async def _wake(self) -> None:
        """Look for contacts that became due; not in every round, for that is a transaction too."""
        now = self._clock.monotonic()
        if now < self._look_at:
            return
        if woken := await self._store.wake(self._clock.now()):
            self._exhausted.difference_update(woken)
            self._idle = IDLE
        else:
            self._idle = min(2 * self._idle, LONGEST_IDLE)
        if sum(woken.values()) < WOKEN:  # or there are more, to be looked for in the next round
            self._look_at = now + self._idle.total_seconds()

    async def _wait_for_turn(self) -> None:
        """An attempt is saved shortly before its call can leave, so that a slow trunk keeps nobody in between."""
        now = self._clock.monotonic()
        too_early = self._routes.next_start(now) - now - trunks.ahead(self._saving)
        if too_early > 0:
            await asyncio.sleep(too_early)

    async def _lease(self, lane: Lane, room: int) -> Sequence[Attempt]:
        now, asked = self._clock.now(), count()
        free = self._keeping.free()

        def decide(contact: Candidate) -> Attempt | Wait | Done | None:
            next(asked)
            decided = self._decide(lane, now, contact)
            return for_agent(decided, contact, lane, free, now) if isinstance(decided, Attempt) else decided

        saving = asyncio.ensure_future(self._store.lease(lane.id, room, decide, now, history.horizon(lane)))
        try:
            leased = await asyncio.shield(saving)
        except asyncio.CancelledError:  # what is saved and not placed must not look like a lost call
            with suppress(StoreFailed, Stopped):  # then nothing was saved
                for attempt in await saving:
                    self._tracker.withdraw(attempt, ENDING)
            raise
        except Stopped:  # by another process, a moment ago
            await self._stopping.look()
            return []
        # One that has just closed is not empty: whoever is ready there stays ready for its next window.
        if next(asked) < room and gate.closed_by(lane, now) is None:
            self._exhausted.add(lane.id)
        return self._keeping.to_be_placed(list(leased), lane)

    def _room(self) -> int:
        if not self._placer.may_place or self._concluder.is_behind:
            return 0
        now = self._clock.monotonic()
        return min(self._portion, self._routes.room(now))

    @property
    def _portion(self) -> int:
        """The calls that are saved in one transaction."""
        return self._routes.portion(trunks.ahead(self._saving))

    def _next(self, lanes: Sequence[Lane]) -> Lane:
        """The most urgent take turns, each with all the room: a part of it for each would be a transaction for each."""
        urgent = [lane for lane in lanes if lane.priority == lanes[0].priority]
        self._turn += 1
        return urgent[self._turn % len(urgent)]

    def _decide(self, lane: Lane, now: datetime, contact: Candidate) -> Attempt | Wait | Done | None:
        if gate.closed_by(lane, now):
            return None
        number = choice.choose(contact, lane, self._plan, now)
        if isinstance(number, Wait | Done):
            log.info("contact_not_called", contact=contact.contact_id, **_told(number))
            return number
        if not self._is_audible(contact, lane, now):
            return None
        return Attempt(
            self._new_id(now),
            contact.contact_id,
            lane.campaign_id,
            lane.id,
            contact.attempts + 1,
            number.e164,
            contact.message_key,
            now,
            history.record(contact.number_calls.get(number.e164, ()), lane.hours.timezone, now),
        )

    def _is_audible(self, contact: Candidate, lane: Lane, now: datetime) -> bool:
        """Whether its message can be played and is still true: a text speaks of the day it is heard on."""
        today = now.astimezone(lane.hours.timezone).date()
        if contact.message_day == today and self._has_audio(contact.message_key):
            return True
        self._silent.append(contact.contact_id)
        return False

    async def _give_back_silent(self) -> None:
        if self._silent:
            log.info("messages_outdated", contacts=len(self._silent))
            await self._store.unvoice(self._silent)
            self._silent = []


def _told(answer: Wait | Done) -> dict[str, object]:
    return {"rule": answer.rule, "until": answer.until} if isinstance(answer, Wait) else {"finished": answer.reason}
