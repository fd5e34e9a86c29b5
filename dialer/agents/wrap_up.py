"""What follows a talk? The agent says it; when nobody does in time, the plan goes on."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from dialer.agents.roster import Change, Roster
from dialer.conclude import Concluder
from dialer.core import budgets, wrap_up
from dialer.core.agent_events import WrappedUp, WrapUpOver
from dialer.core.agents import Agent, AgentState
from dialer.core.call_backs import permitted
from dialer.core.inbound import is_to_us
from dialer.core.numbers import NumberingPlan
from dialer.core.retry import Again, Done, Stand
from dialer.core.why import Next
from dialer.core.wrap_up import TalkOutcome, Terms, WrapUp
from dialer.lanes import Lanes
from dialer.model import Attempt, Disposition
from dialer.ports import Clock
from dialer.ports.store import Conclusion, Conflict, StoreFailed, Views, WrapUps
from dialer.track import Tracker

PATIENCE = timedelta(seconds=5)  # for the call to be written down
SWEEP = timedelta(minutes=1)
FORGOTTEN = timedelta(hours=2)  # longer than any wrap-up: what a crash has left

log = structlog.get_logger(__name__)


class NothingToWrapUp(Exception):
    """The agent is in no wrap-up, or the call is not written down yet."""


class CallBackRefused(Exception):
    """No call may be placed at the moment asked for; ``following``: when one may, and what stood against it."""

    def __init__(self, following: Next) -> None:
        super().__init__(following.binding)
        self.following = following


class WrappingUpStore(WrapUps, Views, Protocol):
    """What came of the talks, and how contacts stand."""


class CallersTalks(Protocol):
    """Talks with those who called a brand: they belong to no attempt."""

    def terms(self, call_id: str) -> Terms | None: ...

    async def wrap_up(self, said: WrapUp) -> None:
        """Raises NothingToWrapUp, Conflict, StoreFailed."""
        ...


class WrappingUp:
    """``callers``: who writes down what came of talks with those who called us."""

    callers: CallersTalks | None = None

    def __init__(
        self,
        store: WrappingUpStore,
        roster: Roster,
        tracker: Tracker,
        concluder: Concluder,
        lanes: Lanes,
        clock: Clock,
        plan: NumberingPlan,
    ) -> None:
        self._store = store
        self._roster = roster
        self._tracker = tracker
        self._concluder = concluder
        self._lanes = lanes
        self._clock = clock
        self._plan = plan
        self._unsaid: set[str] = set()
        self._talks: dict[str, Attempt] = {}  # that are over, or were when the engine started, and are to be wrapped up
        self._news = asyncio.Event()
        roster.watchers.append(self._on_agent)
        concluder.watchers.append(self._on_conclusion)

    async def load(self) -> None:
        """At start, before anybody can say anything: which talks agents were busy with."""
        self._talks |= {attempt.id: attempt for attempt in await self._store.calls_of_agents()}

    async def say(self, agent_id: str, said: WrapUp) -> Agent:
        """The agent says what came of the talk, and is free.

        Raises:
            NothingToWrapUp, CallBackRefused, Conflict, StoreFailed: nothing was changed.
        """
        agent = self._roster.agent(agent_id)
        if agent.state is not AgentState.WRAP_UP or agent.attempt_id != said.attempt_id:
            raise NothingToWrapUp(agent_id)
        if self.callers is not None and is_to_us(said.attempt_id):
            await self.callers.wrap_up(said)
        else:
            await self._say_of_attempt(said)
        log.info("wrapped_up", agent=agent_id, attempt=said.attempt_id, outcome=said.outcome)
        return self._roster.hear(agent_id, WrappedUp(self._clock.now(), said.attempt_id))

    async def _say_of_attempt(self, said: WrapUp) -> None:
        await self._written(said.attempt_id)
        if said.call_back_at is not None:
            await self._require_permitted(said.attempt_id, said.call_back_at)
        await self._store.wrap_up(said, self._follows(said))
        self._talks.pop(said.attempt_id, None)

    async def _require_permitted(self, attempt_id: str, at: datetime) -> None:
        talk = self._talk(attempt_id)
        known = await self._store.known(talk.contact_id, at, budgets.LONGEST) if talk else None
        if known is None:
            raise NothingToWrapUp(f"of call {attempt_id} it is not known whom it was with")
        following = permitted(known.candidate, self._lanes.rules(known.lane_id), self._plan, at)
        if following.at != at:
            raise CallBackRefused(following)

    def terms(self, attempt_id: str) -> Terms | None:
        """By which a talk is wrapped up; None: no agent is busy with such a talk, or a killed engine has begun it."""
        if self.callers is not None and is_to_us(attempt_id):
            return self.callers.terms(attempt_id)
        talk = self._talk(attempt_id)
        return Terms.of(self._lanes.rules(talk.lane_id)) if talk else None

    def _talk(self, attempt_id: str) -> Attempt | None:
        unwritten = self._concluder.waiting.get(attempt_id)
        over = unwritten.attempt if unwritten else self._talks.get(attempt_id)
        return self._tracker.attempt(attempt_id) or over

    async def run(self) -> None:
        """Let the plan go on where nobody has said anything."""
        while True:
            try:
                async with asyncio.timeout(SWEEP.total_seconds()):
                    await self._news.wait()
            except TimeoutError:
                await self._look_for_forgotten()
            self._news.clear()
            for attempt_id in [each for each in self._unsaid if self._is_written(each) and not self._has_agent(each)]:
                await self._go_on(attempt_id)

    async def _look_for_forgotten(self) -> None:
        try:
            self._unsaid |= set(await self._store.talks_to_wrap_up(self._clock.now() - FORGOTTEN))
        except StoreFailed as error:
            log.error("wrap_ups_not_read", because=str(error))

    async def _go_on(self, attempt_id: str) -> None:
        nothing = WrapUp(attempt_id, TalkOutcome.UNFINISHED, self._clock.now())
        try:
            if self.callers is not None and is_to_us(attempt_id):
                await self.callers.wrap_up(nothing)
            else:
                await self._store.wrap_up(nothing, self._follows(nothing))
        except NothingToWrapUp:
            return  # it is looked at again
        except Conflict:  # somebody said it at that very moment
            log.info("wrapped_up_already", attempt=attempt_id)
        except StoreFailed as error:
            log.error("wrap_up_not_written", attempt=attempt_id, because=str(error))
            return
        self._unsaid.discard(attempt_id)
        self._talks.pop(attempt_id, None)

    def _has_agent(self, attempt_id: str) -> bool:
        """Whether somebody may still say something: whoever took the callee over from an agent who was cut off."""
        return any(agent.attempt_id == attempt_id for agent in self._roster.agents)

    def _is_written(self, attempt_id: str) -> bool:
        """Whether the call's end is written down. A callee whose agent was cut off is still being told so."""
        return self._tracker.find(attempt_id) is None and attempt_id not in self._concluder.waiting

    async def _written(self, attempt_id: str) -> None:
        """Wait until the call's end is written down; it may be a moment behind the agent."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while not self._is_written(attempt_id):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise NothingToWrapUp(f"the end of call {attempt_id} is not written down") from None

    def _on_agent(self, change: Change) -> None:
        if isinstance(change.event, WrapUpOver):
            self._unsaid.add(change.event.attempt_id)
            self._news.set()

    def _on_conclusion(self, conclusion: Conclusion) -> None:
        if conclusion.disposition is Disposition.CONNECTED:
            self._talks[conclusion.attempt.id] = conclusion.attempt
        self._news.set()

    def _follows(self, said: WrapUp) -> Callable[[Attempt, Stand, datetime], Again | Done]:
        def follows(attempt: Attempt, stand: Stand, ended_at: datetime) -> Again | Done:
            return wrap_up.follows(said, stand, self._lanes.rules(attempt.lane_id), ended_at)

        return follows
