"""Who is logged in, and what is everybody doing?

The one place that knows the agents. Whatever happens to one goes through ``hear``, which asks the table of
``core/agents.py``; every change is told to the watchers at once, and written down soon.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from dialer.core import agents
from dialer.core.agent_events import (
    Event,
    Joined,
    LegLost,
    LegUp,
    LoggedIn,
    LogoutAsked,
    PauseAsked,
    ReadyAsked,
    WrapUpOver,
)
from dialer.core.agents import Agent, AgentState
from dialer.core.feed import ENGINE
from dialer.model import AgentProfile, LegKind
from dialer.ports import Clock
from dialer.ports.store import Agents, StoreFailed, TalkBegun

AFTER_TROUBLE = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class UnknownAgent(Exception):
    """There is no agent of that name."""


@dataclass(frozen=True, slots=True)
class Change:
    """An agent before and after an event."""

    before: Agent
    after: Agent
    event: Event


class Roster:
    """``watchers`` are told of every change, in order."""

    def __init__(self, store: Agents, clock: Clock, wrap_up: Callable[[str], timedelta]) -> None:
        """``wrap_up`` says how long it may take after an attempt."""
        self._store = store
        self._clock = clock
        self._wrap_up = wrap_up
        self._agents: dict[str, Agent] = {}
        self._profiles: dict[str, AgentProfile] = {}
        self._unsaved: dict[str, Agent] = {}
        self._begun: list[TalkBegun] = []
        self._came = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._telling: list[Change] = []
        self.watchers: list[Callable[[Change], None]] = []

    # ---- what is known ---------------------------------------------------------------------------

    @property
    def agents(self) -> Iterable[Agent]:
        return self._agents.values()

    @property
    def skills(self) -> Mapping[str, frozenset[str]]:
        return {profile.id: profile.skills for profile in self._profiles.values()}

    def agent(self, agent_id: str) -> Agent:
        """Raises UnknownAgent."""
        if agent_id not in self._agents:
            raise UnknownAgent(agent_id)
        return self._agents[agent_id]

    def profile(self, agent_id: str) -> AgentProfile:
        """Raises UnknownAgent."""
        if agent_id not in self._profiles:
            raise UnknownAgent(agent_id)
        return self._profiles[agent_id]

    def with_call(self, attempt_id: str) -> Agent | None:
        """The agent who has that caller; one who wraps the call up has not."""
        with_them = (AgentState.RESERVED, AgentState.TALKING)
        having = (each for each in self._agents.values() if each.attempt_id == attempt_id and each.state in with_them)
        return next(having, None)

    def able(self, needed: Iterable[str]) -> list[Agent]:
        """Those that are ready and can take such a call."""
        wanted = set(needed)
        return [
            each
            for each in self._agents.values()
            if each.state is AgentState.READY and wanted <= self._profiles[each.id].skills
        ]

    # ---- what agents ask for ---------------------------------------------------------------------

    async def put(self, profile: AgentProfile, actor: str = ENGINE) -> None:
        """Create or change an agent.

        Raises:
            Conflict, StoreFailed: nothing was changed.
        """
        now = self._clock.now()
        await self._store.put_agent(profile, now, actor)
        self._profiles[profile.id] = profile
        self._agents.setdefault(profile.id, Agent(profile.id, now))

    def log_in(self, agent_id: str) -> Agent:
        agent = self.hear(agent_id, LoggedIn(self._clock.now()))
        if self.profile(agent_id).leg is LegKind.RING:  # the telephone is called when there is a caller
            agent = self.hear(agent_id, LegUp(self._clock.now()))
        return agent

    def log_out(self, agent_id: str) -> Agent:
        return self.hear(agent_id, LogoutAsked(self._clock.now()))

    def be_ready(self, agent_id: str) -> Agent:
        return self.hear(agent_id, ReadyAsked(self._clock.now()))

    def pause(self, agent_id: str, reason: str) -> Agent:
        return self.hear(agent_id, PauseAsked(self._clock.now(), reason))

    # ---- what happens ----------------------------------------------------------------------------

    def hear(self, agent_id: str, event: Event) -> Agent:
        """The agent after the event; raises UnknownAgent."""
        before = self.agent(agent_id)
        after = agents.step(before, event)
        if after != before:
            self._agents[agent_id] = after
            self._note(Change(before, after, event))
        return after

    async def load(self) -> int:
        """At start, once: everybody as they were; how many."""
        if self._agents:
            return len(self._agents)
        for profile, agent in await self._store.agents():
            # Until the switch says otherwise no leg is up: who wraps up, or pauses, would be ready without one.
            known = agent if profile.leg is LegKind.RING else replace(agent, has_line=False)
            self._profiles[profile.id], self._agents[agent.id] = profile, known
            if known.state is AgentState.READY and not known.has_line:
                self.hear(agent.id, LegLost(self._clock.now(), by_switch=True))
            self._set_timer(known)
        return len(self._agents)

    async def run(self) -> None:
        """Write down what has changed, until cancelled."""
        while True:
            await self._came.wait()
            self._came.clear()
            try:
                await self.write_down()
            except StoreFailed as error:
                log.error("agents_not_written", agents=len(self._unsaved), because=str(error))
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
                self._came.set()

    async def write_down(self) -> None:
        """Raises StoreFailed; then it is tried again."""
        changed, begun = list(self._unsaved.values()), list(self._begun)
        if not (changed or begun):
            return
        await self._store.save_agents(changed, begun)
        del self._begun[: len(begun)]
        self._unsaved = {name: agent for name, agent in self._unsaved.items() if agent not in changed}

    def _note(self, change: Change) -> None:
        agent = change.after
        if agent.state is not change.before.state or agent.reason != change.before.reason:
            log.info("agent", agent=agent.id, state=agent.state, reason=agent.reason or None, attempt=agent.attempt_id)
            self._set_timer(agent)
        if isinstance(change.event, Joined):
            self._begun.append(TalkBegun(change.event.attempt_id, agent.id, change.event.at))
        self._unsaved[agent.id] = agent
        self._came.set()
        self._telling.append(change)
        if len(self._telling) > 1:  # a watcher has caused it: told after what it was told of
            return
        while self._telling:
            for tell in self.watchers:
                tell(self._telling[0])
            del self._telling[0]

    def _set_timer(self, agent: Agent) -> None:
        """A wrap-up is over at the limit, whether or not the agent says what came of the call."""
        if timer := self._timers.pop(agent.id, None):
            timer.cancel()
        if agent.state is AgentState.WRAP_UP and agent.attempt_id is not None:
            limit = self._wrap_up(agent.attempt_id)
            left = min(limit - (self._clock.now() - agent.since), limit)  # the clock may have been set back
            self._timers[agent.id] = asyncio.get_running_loop().call_later(
                max(left.total_seconds(), 0.0), self._time_is_over, agent.id, agent.attempt_id
            )

    def _time_is_over(self, agent_id: str, attempt_id: str) -> None:
        self._timers.pop(agent_id, None)
        self.hear(agent_id, WrapUpOver(self._clock.now(), attempt_id))
