"""How many calls does each predictive campaign place now, and which ringing ones are given up?

    calls and agents ──events──► a Pacer for each campaign ──asked by demand.py──► calls to place, calls to give up

A campaign's pacer follows the agents who can take its calls, and the calls of every campaign that these agents can
take: whoever may talk to a caller of another campaign is not counted on twice. What it has learnt is kept from day to
day, and its answered and abandoned calls are counted over every window that the limit holds in.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from dialer.agents.live_answers import LiveAnswers
from dialer.agents.pacer import Pacer
from dialer.agents.roster import Change, Roster
from dialer.core.agents import Agent, AgentState
from dialer.core.answered import MONTH, Answered
from dialer.core.call import AgentAsked, Ended, Event, Joined, MessageStarted, Waiting
from dialer.core.call import Answered as CallAnswered
from dialer.core.chances import Traits
from dialer.core.learned import Learned
from dialer.core.numbers import NumberingPlan, type_of
from dialer.core.pacing import Pace, PacingRules
from dialer.lanes import Lanes
from dialer.model import AgentRules, Attempt, Lane
from dialer.ports import Clock, Switch
from dialer.ports.store import Conclusion, PacingStore, StoreFailed
from dialer.track import LiveCall, Tracker

KEPT_EVERY = timedelta(minutes=5)
STALE = 0.25  # s after which a decision is taken anew though nothing has happened
SHED_EVERY = timedelta(seconds=0.5)
_WITH_CALLER = frozenset({AgentState.RESERVED, AgentState.TALKING})

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Paced:
    """A campaign whose calls are paced."""

    agents: AgentRules
    able: frozenset[str]  # the agents who can take its calls
    pacer: Pacer
    ringing: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    callers: set[str] = field(default_factory=set)  # of brands, who wait for the same agents
    last: Pace | None = None
    decided_at: float = 0.0
    is_stale: bool = True  # something has happened since


class Pacing:
    def __init__(
        self, store: PacingStore, roster: Roster, tracker: Tracker, lanes: Lanes, clock: Clock, plan: NumberingPlan
    ) -> None:
        self._store = store
        self._roster = roster
        self._tracker = tracker
        self._lanes = lanes
        self._clock = clock
        self._plan = plan
        self._switch: Switch | None = None
        self._campaigns: dict[str, _Paced] = {}
        self._answers = LiveAnswers()
        self._learned: dict[str, Learned] = {}
        self.callers: Callable[[], Mapping[str, frozenset[str]]] = dict  # of brands, who wait, with the skills needed
        roster.watchers.append(self._on_agent)
        tracker.begun.append(self._on_begun)
        tracker.watchers.append(self._on_call)

    def connect(self, switch: Switch) -> None:
        self._switch = switch

    # ---- what is asked ---------------------------------------------------------------------------

    def how_many(self, lane: Lane, trunk_room: int) -> int:
        """Calls of the lane's campaign to place now. Ringing calls that would find nobody are given up meanwhile."""
        campaign, now = self._campaign(lane), self._clock.monotonic()
        if campaign is None:
            return 0
        if campaign.last is None or campaign.is_stale or now - campaign.decided_at >= STALE:
            campaign.last = self._decide(lane.campaign_id, campaign, trunk_room)
        return min(campaign.last.place, trunk_room)

    def _decide(self, campaign_id: str, campaign: _Paced, trunk_room: int) -> Pace:
        now = self._clock.monotonic()
        self._forget_untold(campaign, now)
        self._follow_callers(campaign, now)
        tallies = self._answers.windows(campaign_id, self._clock.now())
        pace = campaign.pacer.decide(now, tallies, trunk_room)
        campaign.decided_at, campaign.is_stale = now, False
        self._give_up(campaign_id, campaign, pace)
        return pace

    def last(self, campaign_id: str) -> Pace | None:
        """The last decision, with its explanation."""
        campaign = self._campaigns.get(campaign_id)
        return campaign.last if campaign else None

    def answered(self, campaign_id: str) -> Answered:
        """Its calls that are over."""
        return self._answers.over(campaign_id)

    # ---- what is kept ----------------------------------------------------------------------------

    async def load(self) -> None:
        """At start: what is known from before. Raises StoreFailed."""
        self._answers.load(await self._store.answered_since(self._clock.now() - MONTH))
        for name, kept in (await self._store.learned()).items():
            try:
                self._learned[name] = Learned.from_json(kept)
            except ValueError as error:
                log.warning("pacing_begins_anew", campaign=name, because=str(error))

    async def run(self) -> None:
        """Keep what is learnt, now and then, and shed what nobody will be free for, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(), name="keep what is learnt")
            tasks.create_task(self._shed(), name="shed calls")

    async def _shed(self) -> None:
        """Calls go on ringing when no more are placed: the list is at its end, a trunk is full, there is a stop."""
        while True:
            await asyncio.sleep(SHED_EVERY.total_seconds())
            latest = self._clock.monotonic() - SHED_EVERY.total_seconds()
            for name, campaign in self._campaigns.items():
                if campaign.ringing and campaign.decided_at <= latest:
                    self._decide(name, campaign, trunk_room=0)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(KEPT_EVERY.total_seconds())
            try:
                await self.write_down()
            except StoreFailed as error:
                log.error("learned_not_kept", because=str(error))

    async def write_down(self) -> None:
        """Raises StoreFailed; what was learnt stays here."""
        now = self._clock.now()
        self._answers.forget(now)
        kept = {name: campaign.pacer.learned.to_json() for name, campaign in self._campaigns.items()}
        await self._store.keep_learned(kept, now)

    # ---- what is heard ---------------------------------------------------------------------------

    def over(self, conclusion: Conclusion) -> None:
        self._answers.conclude(conclusion)

    def _on_begun(self, live: LiveCall) -> None:
        if not self._is_for_agents(live.attempt) or live.attempt.agent_id is not None:
            return
        for campaign in self._competing(live.attempt):
            self._begin(campaign, live.attempt, self._clock.monotonic())

    def _on_call(self, live: LiveCall, event: Event) -> None:
        call, now = live.attempt.id, self._clock.monotonic()
        if self._is_for_agents(live.attempt):
            self._answers.hear(live.attempt, live.call, event)
        if isinstance(event, AgentAsked):
            self._ask(live.attempt, now)
        if isinstance(event, CallAnswered) and self._lanes.rules(live.attempt.lane_id).voicemail is not None:
            return  # perhaps a machine has; who waits for an agent is a live answer
        for campaign in self._campaigns.values():
            match event:
                case CallAnswered() | Waiting() if call in campaign.ringing:
                    campaign.ringing.remove(call)
                    campaign.answered.add(call)
                    campaign.pacer.answered(call, now)
                case Joined() | MessageStarted() if call in campaign.answered:  # has an agent, or is told of none
                    campaign.pacer.gone(call)
                case Ended():
                    self._end(campaign, call, now)
                case _:
                    continue
            campaign.is_stale = True

    def _ask(self, attempt: Attempt, now: float) -> None:
        """Somebody who heard a message wants an agent: one more who waits, and nobody had counted on it."""
        for campaign in self._competing(attempt):
            campaign.answered.add(attempt.id)
            campaign.pacer.answered(attempt.id, now)
            campaign.is_stale = True

    def _on_agent(self, change: Change) -> None:
        for campaign in self._campaigns.values():
            if change.after.id in campaign.able:
                _follow(campaign.pacer, change.after, self._clock.monotonic())
                campaign.is_stale = True

    # ---- a campaign's pacer ----------------------------------------------------------------------

    def _campaign(self, lane: Lane) -> _Paced | None:
        if lane.agents is None:
            return None
        known = self._campaigns.get(lane.campaign_id)
        able = frozenset(name for name, skills in self._roster.skills.items() if lane.agents.skills <= skills)
        if known is None or (known.agents, known.able) != (lane.agents, able):  # edited: what was learnt stays
            learned = known.pacer.learned if known else self._learned.get(lane.campaign_id)
            known = self._campaigns[lane.campaign_id] = self._begun(lane.agents, able, learned)
        return known

    def _begun(self, agents: AgentRules, able: frozenset[str], learned: Learned | None) -> _Paced:
        """A pacer that knows how everything stands."""
        rules = PacingRules(agents.mode, agents.abandonment_limit, agents.answer_wait, agents.shortest_ring)
        campaign, now = _Paced(agents, able, Pacer(rules, learned)), self._clock.monotonic()
        for agent in self._roster.agents:
            if agent.id in able:
                _follow(campaign.pacer, agent, now)
        for live in self._tracker.live:
            if not self._is_for_agents(live.attempt) or live.call.answered_at is not None:
                continue
            needed = self._agents_of(live.attempt)
            if needed is not None and self._compete(agents.skills, needed.skills):
                self._begin(campaign, live.attempt, live.since)
        return campaign

    def _begin(self, campaign: _Paced, attempt: Attempt, now: float) -> None:
        campaign.ringing.add(attempt.id)
        campaign.pacer.placed(attempt.id, self._traits(attempt), now)
        campaign.is_stale = True

    def _end(self, campaign: _Paced, call: str, now: float) -> None:
        if call in campaign.ringing:
            ended = campaign.pacer.given_up if call in campaign.given_up else campaign.pacer.unanswered
            ended(call, now)
        elif call in campaign.answered:
            campaign.pacer.gone(call)
        for calls in (campaign.ringing, campaign.answered, campaign.given_up):
            calls.discard(call)

    def _forget_untold(self, campaign: _Paced, now: float) -> None:
        """Calls that the switch never took end without an event."""
        for call in [call for call in campaign.ringing if self._tracker.find(call) is None]:
            self._end(campaign, call, now)

    def _follow_callers(self, campaign: _Paced, now: float) -> None:
        """Who calls a brand takes an agent on whom the campaign may count."""
        skills = campaign.agents.skills
        waiting = {call for call, needed in self.callers().items() if self._compete(skills, needed)}
        for call in campaign.callers - waiting:
            campaign.pacer.gone(call)
        for call in waiting - campaign.callers:
            campaign.pacer.answered(call, now)
        campaign.callers = waiting

    def _give_up(self, campaign_id: str, campaign: _Paced, pace: Pace) -> None:
        """Calls of others, for the same agents, ring for as long as their rules say; who is greeted has answered."""
        for call in campaign.pacer.named(pace):
            live = self._tracker.find(call) if isinstance(call, str) else None
            if self._switch is None or live is None or live.attempt.id in campaign.given_up:
                continue
            if live.attempt.campaign_id == campaign_id and live.call.answered_at is None:
                campaign.given_up.add(live.attempt.id)
                self._switch.hang_up(live.attempt.id)

    def _traits(self, attempt: Attempt) -> Traits:
        local = attempt.started_at.astimezone(self._lanes.rules(attempt.lane_id).hours.timezone)
        kind = type_of(attempt.number, self._plan)
        return Traits(attempt.ordinal, local.hour, local.isoweekday(), kind or "mobile", attempt.record)

    # ---- who competes for whom -------------------------------------------------------------------

    def _competing(self, attempt: Attempt) -> list[_Paced]:
        needed = self._agents_of(attempt)
        if needed is None:
            return []
        return [each for each in self._campaigns.values() if self._compete(each.agents.skills, needed.skills)]

    def _compete(self, one: frozenset[str], other: frozenset[str]) -> bool:
        """Whether some agent can take calls of both."""
        return one == other or any(one | other <= skills for skills in self._roster.skills.values())

    def _agents_of(self, attempt: Attempt) -> AgentRules | None:
        return self._lanes.rules(attempt.lane_id).agents

    def _is_for_agents(self, attempt: Attempt) -> bool:
        """Whether it was placed for an agent, and is not one that may be handed over."""
        rules = self._agents_of(attempt)
        return rules is not None and rules.are_called_for


def _follow(pacer: Pacer, agent: Agent, now: float) -> None:
    if agent.then is not None:
        pacer.will_leave(agent.id)
    if agent.state is AgentState.READY:
        pacer.ready(agent.id, now)
    elif agent.state in _WITH_CALLER and agent.attempt_id is not None:
        pacer.talks(agent.id, agent.attempt_id, now)
    elif agent.state is AgentState.WRAP_UP:
        pacer.wraps_up(agent.id, now)
    else:
        pacer.left(agent.id, now)
