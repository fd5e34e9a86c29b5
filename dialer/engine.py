"""What makes up the running engine, and in which order do its parts start and stop?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from dialer import stopping
from dialer.agents.demand import Demand
from dialer.agents.join import Joins
from dialer.agents.keep_agents import KeepingAgents
from dialer.agents.lines import Lines
from dialer.agents.listen import Listening
from dialer.agents.pacing import Pacing
from dialer.agents.preview import Previews
from dialer.agents.roster import Roster
from dialer.agents.screens import Screens
from dialer.agents.wrap_up import WrappingUp
from dialer.calloff import CallOff
from dialer.cases.erase import Erasing
from dialer.cases.promises import PromiseKeeping
from dialer.cases.retain import Retaining
from dialer.cases.settle import Settlement
from dialer.cases.suppress import Outliving
from dialer.conclude import Concluder
from dialer.core import wrap_up
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.rules import Rule
from dialer.dispatch import Dispatcher
from dialer.expire import Expiry
from dialer.lanes import Lanes
from dialer.machines import Machines
from dialer.place import Placer
from dialer.ports import Clock, Ears, Farewell, IdSource, Legs, NothingNoted, PlacingLog, Switch
from dialer.ports.joiner import Joiner
from dialer.ports.machine import Machine
from dialer.ports.store import Conclusion, Store, StoreFailed
from dialer.ports.voice import Voice
from dialer.prepare import Preparer
from dialer.recover import Recovery
from dialer.routes import Routes
from dialer.stopping import Stopping
from dialer.track import Tracker

log = structlog.get_logger(__name__)


FLOW_MISSED = (
    "answered calls do not reach their message: DZWONEK_AGI in Asterisk's dialplan must lead to our agi_listen; "
    "until one does, only single calls are placed"
)
WRITING = timedelta(seconds=10)  # how long the database may take for the last conclusions


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the engine may use of the world."""

    routes: Sequence[Route]
    plan: NumberingPlan
    grace: timedelta = timedelta(seconds=30)  # how long calls may go on after the engine was told to stop
    stop_order: timedelta = stopping.LOOK  # how often it is read; a trial, to which nobody gives any, reads it rarely


@dataclass(slots=True)
class Engine:
    """Everything between the ports. ``tracker`` hears the switch and the flows."""

    store: Store
    voice: Voice
    clock: Clock
    new_id: IdSource
    bounds: Bounds
    placing: PlacingLog = field(default_factory=NothingNoted)
    routes: Routes = field(init=False)
    lanes: Lanes = field(init=False)
    stopping: Stopping = field(init=False)
    concluder: Concluder = field(init=False)
    tracker: Tracker = field(init=False)
    calloff: CallOff = field(init=False)
    settlement: Settlement = field(init=False)
    erasing: Erasing = field(init=False)
    roster: Roster = field(init=False)
    lines: Lines = field(init=False)
    listening: Listening = field(init=False)
    joins: Joins = field(init=False)
    machines: Machines = field(init=False)
    wrapping_up: WrappingUp = field(init=False)
    screens: Screens = field(init=False)
    previews: Previews = field(init=False)
    pacing: Pacing = field(init=False)
    _dispatcher: Dispatcher | None = field(init=False, default=None)
    _preparer: Preparer = field(init=False)

    def __post_init__(self) -> None:
        self.routes = Routes(self.bounds.routes)
        self.lanes = Lanes(self.store)
        self.stopping = Stopping(self.store, self.clock, self.bounds.stop_order)
        self.concluder = Concluder(self.store, self.lanes)
        self.tracker = Tracker(self.routes, self.clock, self._over)
        self.calloff = CallOff(self.tracker, self.concluder)
        self.settlement = Settlement(self.store, self.calloff, self.clock)
        self.erasing = Erasing(self.store, self.calloff, self.concluder, self.voice, self.clock)
        self.roster = Roster(self.store, self.clock, self._wrap_up)
        self.lines = Lines(self.roster, self.clock, self.new_id)
        self.listening = Listening(self.store, self.roster, self.clock, self.new_id)
        self.joins = Joins(self.roster, self.lines, self.tracker, self.lanes, self.clock)
        self.machines = Machines(self.tracker, self.lanes, self.clock)
        self.previews = Previews(self.roster, self.joins, self.tracker, self.lanes, self.clock)
        self.calloff.saved = self.previews.call_off
        self.screens = Screens(self.store, self.roster, self.joins, self.tracker, self.lanes)
        self.screens.decide_by = self.previews.decide_by
        self.settlement.watchers.append(self.screens.on_balances)
        self.wrapping_up = WrappingUp(
            self.store, self.roster, self.tracker, self.concluder, self.lanes, self.clock, self.bounds.plan
        )
        self.pacing = Pacing(self.store, self.roster, self.tracker, self.lanes, self.clock, self.bounds.plan)
        self.pacing.callers = self.joins.callers
        self._preparer = Preparer(self.store, self.voice, self.lanes, self.clock)

    def troubles(self) -> dict[str, str]:
        """What keeps calls from being placed now, and why; empty when all is well."""
        found = {
            "dialing": self._dispatcher.trouble if self._dispatcher else "the engine is not running",
            "stop": self.stopping.trouble,
            "voice": self._preparer.trouble,
            "flow": FLOW_MISSED if self.routes.flow_health.closures else None,
        }
        return {part: why for part, why in found.items() if why}

    def _over(self, conclusion: Conclusion) -> None:
        self.concluder.add(conclusion)
        self.calloff.over(conclusion)
        self.pacing.over(conclusion)
        self.joins.over(conclusion)
        self.screens.over(conclusion)

    async def load(self) -> None:
        """What must be known before anybody can ask: the rules, the agents, and what each was busy with."""
        await self.lanes.refresh()
        await self.wrapping_up.load()
        await self.roster.load()

    async def run(
        self,
        switch: Switch,
        stop: asyncio.Event,
        farewell: Farewell,
        legs: Legs | None = None,
        joiner: Joiner | None = None,
        ears: Ears | None = None,
        machine: Machine | None = None,
    ) -> None:
        """Dial until told to stop; then let the calls end within the grace, and write everything down.

        Args:
            legs, joiner: without them there are no agents.
            ears: without them nobody listens to agents.
            machine: without it no message is left with one.
        """
        self.calloff.connect(switch, farewell)
        self.pacing.connect(switch)
        self.machines.connect(switch, machine)
        if legs is not None and joiner is not None:
            self.lines.connect(legs)
            self.joins.connect(joiner, switch)
        if ears is not None:
            self.listening.connect(ears)
        placer, dispatcher = self._dispatching_over(switch)
        self._dispatcher = dispatcher
        recovery = Recovery(self.store, switch, self.tracker, placer, self.calloff, self.clock, self.placing)
        if interrupted := await self.store.fail_interrupted_batches():
            log.warning("batches_interrupted", batches=interrupted)
        for batch in await self.store.half_taken_batches():
            finished = await self.store.finish_batch(batch, self.clock.now())
            log.info("batch_taken", batch=finished.batch_id, **finished.counts)
        self.stopping.give_up_ringing = partial(self._give_up_all, switch)
        await self.stopping.look()
        await self.load()
        await self.pacing.load()
        await recovery.load()
        self.joins.part_from_unknown()
        self.roster.watchers.append(lambda _: self.tracker.changed.set())  # somebody may be free for the next call
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(self.concluder.run(), name="conclude")
            following = tasks.create_task(recovery.run(), name="recover")
            for_agents = [
                tasks.create_task(self.roster.run(), name="roster"),
                tasks.create_task(self.wrapping_up.run(), name="wrap_up"),
                tasks.create_task(self.screens.run(), name="screens"),
                tasks.create_task(self.pacing.run(), name="pacing"),
                tasks.create_task(self.lines.run(), name="lines"),
                tasks.create_task(self.listening.run(), name="listening"),
            ]
            obeying = tasks.create_task(self.stopping.run(), name="stop")
            promises = PromiseKeeping(self.store, self.store, self.lanes, self.clock)
            placing = [
                tasks.create_task(dispatcher.run(), name="dispatch"),
                tasks.create_task(self._preparer.run(), name="prepare"),
                tasks.create_task(Expiry(self.store, self.lanes, self.clock).run(), name="expire"),
                tasks.create_task(promises.run(), name="promises"),
                tasks.create_task(Outliving(self.store, self.clock).run(), name="outlive"),
                tasks.create_task(self.erasing.run(), name="erase"),
                tasks.create_task(Retaining(self.store, self.clock).run(), name="retain"),
            ]
            try:
                await stop.wait()
            finally:
                self.previews.close()
                for task in placing:
                    task.cancel()
            await asyncio.wait(placing)
            dispatcher.give_back_wanted()
            await self._let_calls_end(switch)
            self.listening.close()
            await self._write_down()
            await self._write_agents_down()
            for task in for_agents:
                task.cancel()
            obeying.cancel()
            following.cancel()
            writing.cancel()
        log.info("engine_stopped")

    def _dispatching_over(self, switch: Switch) -> tuple[Placer, Dispatcher]:
        """What places the calls, and hears when somebody may be called out of turn."""
        keeping = KeepingAgents(self.joins, self.previews, self.tracker)
        placer = Placer(
            switch, self.tracker, self.routes, self.lanes, self.stopping, self.calloff,
            self.clock, self.bounds.plan, self.voice.has, self.placing, keeping,
        )  # fmt: skip
        dispatcher = Dispatcher(
            self.store, placer, self.tracker, self.routes, self.lanes, self.stopping, self.concluder,
            self.clock, self.new_id, self.bounds.plan, self.voice.has,
            Demand(self.roster, self.tracker, self.lanes, self.pacing, self._room).how_many, keeping,
        )  # fmt: skip
        self.previews.place = dispatcher.place_soon
        self.lanes.watchers.append(dispatcher.look_soon)
        self._preparer.watchers.append(dispatcher.look_soon)
        return placer, dispatcher

    async def _write_down(self) -> None:
        try:
            async with asyncio.timeout(WRITING.total_seconds()):
                await self.concluder.all_written()
        except TimeoutError:
            log.error("conclusions_left_unwritten")  # their attempts stay open, and count as lost at the next start

    async def _write_agents_down(self) -> None:
        for trouble, write_down in (
            ("agents_not_written", self.roster.write_down),
            ("listening_not_written", self.listening.write_down),
            ("learned_not_kept", self.pacing.write_down),
        ):
            try:
                await write_down()
            except StoreFailed as error:
                log.error(trouble, because=str(error))

    def _room(self, caller_number: str) -> int:
        return self.routes.room(self.clock.monotonic(), caller_number)

    def _wrap_up(self, attempt_id: str) -> timedelta:
        """How long an agent may take after that call."""
        terms = self.wrapping_up.terms(attempt_id)
        return terms.limit if terms else wrap_up.LIMIT

    def _give_up_all(self, switch: Switch) -> None:
        self.previews.close(Rule.ENGINE_STOPPED)
        self._give_up_ringing(switch)

    def _give_up_ringing(self, switch: Switch) -> None:
        for live in list(self.tracker.live):
            if live.call.answered_at is None:
                switch.hang_up(live.attempt.id)

    async def _let_calls_end(self, switch: Switch) -> None:
        """Those that ring are given up at once, those that listen may hear the end."""
        self._give_up_ringing(switch)
        if await self._all_over(self.bounds.grace):
            return
        for live in list(self.tracker.live):
            switch.hang_up(live.attempt.id)
        if not await self._all_over(timedelta(seconds=2)):
            log.warning("calls_left_open", calls=len(self.tracker))  # the next start finds out what became of them

    async def _all_over(self, limit: timedelta) -> bool:
        try:
            async with asyncio.timeout(limit.total_seconds()):
                while len(self.tracker):
                    self.tracker.changed.clear()
                    await self.tracker.changed.wait()
        except TimeoutError:
            return False
        return True
