"""A floor of agents in simulated time: callees who answer and wait, telephones that are there or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.adapters.simulated.time import LoopClock
from dialer.adapters.store import Database, SqlStore
from dialer.agents.demand import Demand
from dialer.agents.join import Joins
from dialer.agents.lines import Lines
from dialer.agents.pacing import Pacing
from dialer.agents.roster import Roster
from dialer.core.agents import Agent, AgentState
from dialer.core.call import Answered, End, Ended, Joined, MessageEnded
from dialer.core.inbound import InboundCall
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.lanes import Lanes
from dialer.model import (
    UNCALLED,
    AgentProfile,
    AgentRules,
    Attempt,
    AttemptRules,
    CallingHours,
    CampaignState,
    Lane,
    LegKind,
    Mode,
    Record,
)
from dialer.ports import CallPhase, Presence
from dialer.ports.joiner import NailedUp, Way
from dialer.ports.store import Conclusion
from dialer.routes import Routes
from dialer.track import Tracker
from tests.support.clock import MONDAY, MS, SECOND, passes

WRAP_UP = 10 * SECOND
PHONES = ("phone-anna", "phone-bert", "phone-cleo")


def a_lane(
    lane_id: int = 1, *skills: str, mode: Mode = Mode.PROGRESSIVE, campaign: str = "RENT", **rules_of_agents: Any
) -> Lane:
    hours = CallingHours({}, ZoneInfo("Europe/Warsaw"))
    rules = AttemptRules(1, timedelta(minutes=1), timedelta(seconds=20))
    agents = AgentRules(mode, frozenset(skills), 2 * SECOND, WRAP_UP, **rules_of_agents)
    return Lane(lane_id, campaign, None, hours, rules, "+48380000001", 100, agents=agents)


class SettableClock(LoopClock):
    """Somebody may set it: ``set_by`` so much, back if it is negative."""

    set_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.set_by


class Campaigns:
    """Lanes that are all running."""

    def __init__(self, *lanes: Lane) -> None:
        self.all = lanes

    async def lanes(self) -> list[tuple[Lane, CampaignState]]:
        return [(lane, CampaignState.RUNNING) for lane in self.all]


class Floor:
    """The Joiner and the Switch of callees whom the test moves."""

    def __init__(self, store: SqlStore, *lanes: Lane) -> None:
        self.clock = SettableClock(MONDAY)
        self.store = store
        self._campaigns = Campaigns(*(lanes or (a_lane(),)))
        self.lanes = Lanes(self._campaigns)  # type: ignore[arg-type]
        self.over: list[Conclusion] = []
        routes = Routes([Route("carrier", TrunkLimits(10, 20, 20))])
        self._trunk = routes.trunks[0]
        self.tracker = Tracker(routes, self.clock, self._over)
        self.roster = Roster(store, self.clock, lambda _: WRAP_UP)
        self.lines = Lines(self.roster, self.clock, lambda _: f"{len(self.legs.called):032x}")
        self.joins = Joins(self.roster, self.lines, self.tracker, self.lanes, self.clock)
        self.pacing = Pacing(store, self.roster, self.tracker, self.lanes, self.clock, NumberingPlan.TEST)
        self.pacing.callers = self.joins.callers
        self.demand = Demand(
            self.roster, self.tracker, self.lanes, self.pacing, lambda _: routes.room(self.clock.monotonic())
        )
        self.legs = SimulatedLegs(PHONES, self.clock)
        self.joined: list[tuple[str, Way]] = []  # in order
        self.refuses: set[str] = set()  # legs that Bridge does not find
        self.hung_up: list[str] = []  # by us
        self.told: list[tuple[str, str]] = []  # who was told of which caller
        self._waiting: set[str] = set()
        self._serial = 0
        self.joins.reserved.append(lambda agent_id, attempt: self.told.append((agent_id, attempt.id)))

    async def begin(self, *agents: AgentProfile) -> None:
        await self.lanes.refresh()
        for profile in agents:
            await self.roster.put(profile)
        self.connect()

    def connect(self) -> None:
        self.lines.connect(self.legs)
        self.joins.connect(self, self)  # type: ignore[arg-type]
        self.pacing.connect(self)  # type: ignore[arg-type]
        self.legs.begin(self.lines)

    def _over(self, conclusion: Conclusion) -> None:
        self.over.append(conclusion)
        self.pacing.over(conclusion)
        self.joins.over(conclusion)

    def replace_lanes(self, *lanes: Lane) -> None:
        """The plans are edited; ``lanes.refresh`` reads them."""
        self._campaigns.all = lanes

    # What the flow and the switch do.

    def join(self, attempt_id: str, way: Way) -> bool:
        if attempt_id not in self._waiting:
            return False
        self._waiting.discard(attempt_id)
        self.joined.append((attempt_id, way))
        if isinstance(way, NailedUp) and way.leg_id in self.refuses:
            asyncio.get_running_loop().call_soon(self._not_there, attempt_id)
        else:
            asyncio.get_running_loop().call_later(0.01, self._together, attempt_id, way)
        return True

    def calls_us(self, call_id: str, *skills: str) -> None:
        """Somebody calls a brand, and asks for an agent."""
        call = InboundCall(call_id, "energia", "CL", "+48380000051", "+48280000001", self.clock.now())
        self._waiting.add(call_id)
        self.joins.caller_wants_agent(call, frozenset(skills))

    def adopt(self, call_id: str, phase: CallPhase) -> None:
        """The switch tells of it from now on."""

    def callee_left(self, attempt_id: str) -> None:
        self._waiting.discard(attempt_id)

    def hang_up(self, attempt_id: str) -> None:
        self.hung_up.append(attempt_id)
        self.leave(attempt_id)

    def _together(self, attempt_id: str, way: Way) -> None:
        if isinstance(way, NailedUp):
            self.legs.joined[way.leg_id] = attempt_id
        self.tracker.on_call(Joined(attempt_id, self.clock.now()))

    def _not_there(self, attempt_id: str) -> None:
        self.joins.could_not_join(attempt_id)
        self.wait(attempt_id)

    # What callees do.

    def saved(self, lane: int = 1, record: Record = UNCALLED, agent_id: str | None = None) -> Attempt:
        """An attempt that is not placed yet."""
        self._serial += 1
        campaign, now = self.lanes.rules(lane).campaign_id, self.clock.now()
        attempt_id = f"{self._serial:032x}"
        return Attempt(attempt_id, self._serial, campaign, lane, 1, "+48280000001", "key", now, record, agent_id)

    def call(self, lane: int = 1, record: Record = UNCALLED) -> str:
        """A call is placed."""
        return self.place(self.saved(lane, record))

    def place(self, attempt: Attempt) -> str:
        self.tracker.begin(attempt, self._trunk)
        return attempt.id

    def pick_up(self, attempt_id: str) -> None:
        """The callee of a call answers, and waits."""
        self.tracker.on_call(Answered(attempt_id, self.clock.now()))
        self.wait(attempt_id)

    def answer(self, lane: int = 1, record: Record = UNCALLED) -> str:
        """A callee answers, and waits."""
        attempt_id = self.call(lane, record)
        self.pick_up(attempt_id)
        return attempt_id

    def wait(self, attempt_id: str) -> None:
        self._waiting.add(attempt_id)
        self.tracker.on_waiting(attempt_id)
        self.joins.wants_agent(attempt_id)

    def ask(self, lane: int = 1) -> str:
        """A callee who hears a message asks for an agent."""
        attempt_id = self.call(lane)
        self.tracker.on_call(Answered(attempt_id, self.clock.now()))
        self.tracker.on_message_started(attempt_id)
        self._waiting.add(attempt_id)
        self.tracker.on_agent_asked(attempt_id)
        self.joins.wants_agent(attempt_id)
        return attempt_id

    def announce(self, attempt_id: str) -> None:
        """The wait is over: the flow speaks."""
        self._waiting.discard(attempt_id)
        self.tracker.on_message_started(attempt_id)

    def leave(self, attempt_id: str) -> None:
        """The callee hangs up."""
        self.tracker.on_call(Ended(attempt_id, self.clock.now(), End.NORMAL))
        self.legs.joined = {leg: call for leg, call in self.legs.joined.items() if call != attempt_id}
        self.tracker.on_call(MessageEnded(attempt_id, self.clock.now(), timedelta(), whole=False))

    # What is seen.

    def agent(self, name: str) -> Agent:
        return self.roster.agent(name)

    def states(self) -> dict[str, AgentState]:
        return {agent.id: agent.state for agent in self.roster.agents}


def an_agent(name: str, *skills: str, leg: LegKind = LegKind.NAILED_UP) -> AgentProfile:
    return AgentProfile(name, name.title(), f"phone-{name}", frozenset(skills), leg)


@asynccontextmanager
async def a_floor(folder: Path, *agents: AgentProfile, lanes: tuple[Lane, ...] = ()) -> AsyncIterator[Floor]:
    """Agents who are logged in and ready, their telephones on the line."""
    database = Database(f"sqlite:///{folder}/floor.db")
    database.migrate()
    floor = Floor(SqlStore(database), *lanes)
    running: list[asyncio.Task[None]] = []
    try:
        await floor.begin(*agents)
        running += [asyncio.create_task(floor.lines.run()), asyncio.create_task(floor.roster.run())]
        for profile in agents:
            floor.roster.log_in(profile.id)
            floor.roster.be_ready(profile.id)
        await passes(SECOND)
        yield floor
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await database.close()


__all__ = ["MS", "PHONES", "Floor", "Presence", "a_floor", "a_lane", "an_agent"]
