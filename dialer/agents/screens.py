"""Whom does an agent see before the first word, and what is told to the agent's screen?

The cases are read while the telephone rings, so that they are at hand when somebody answers: the screen is told of the
caller before the two are joined.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import structlog

from dialer.agents.join import Joins
from dialer.agents.roster import Change, Roster
from dialer.core.agents import Agent, AgentState
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict
from dialer.core.call import AgentAsked, Event
from dialer.core.cases import CaseRow, Currency
from dialer.core.inbound import InboundCall
from dialer.lanes import Lanes
from dialer.model import Attempt
from dialer.ports.store import Conclusion, InboundCalls, Messages, StoreFailed
from dialer.track import LiveCall, Tracker

MOST_UNREAD = 200  # news that a screen may be behind with; then it is let go

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is about to be joined with the agent; no cases: they could not be read in time, and follow."""

    attempt: Attempt
    cases: Sequence[CaseRow]
    decide_by: datetime | None = None  # the agent may look until then, and decides whether to call; None: it is called


@dataclass(frozen=True, slots=True)
class Calling:
    """Who is about to be joined with the agent has called us; the cases of the one debtor whose number it is."""

    call: InboundCall
    cases: Sequence[CaseRow]


@dataclass(frozen=True, slots=True)
class CaseSettled:
    """A case of the agent's caller is paid, or another sum is owed of it, since the call began."""

    attempt_id: str
    at: datetime
    client_id: str
    case_id: str
    status: BalanceStatus
    amount: Decimal  # what is owed now
    currency: Currency


News = Agent | Caller | Calling | CaseSettled
Screen = asyncio.Queue[News | None]  # None: it is the end, as another screen was opened or the engine stops


class ScreensStore(Messages, InboundCalls, Protocol):
    """Who owes what."""


class Screens:
    """One screen for each agent: the last that was opened."""

    def __init__(self, store: ScreensStore, roster: Roster, joins: Joins, tracker: Tracker, lanes: Lanes) -> None:
        self._store = store
        self._lanes = lanes
        self._roster = roster
        self._settled: dict[str, list[CaseSettled]] = {}  # by attempt, or call to us
        self._open: dict[str, Screen] = {}
        self._cases: dict[str, Sequence[CaseRow]] = {}
        self._due: dict[str, str] = {}  # calls whose agents wait to see their cases
        self._to_read: asyncio.Queue[Attempt | InboundCall] = asyncio.Queue()
        self.decide_by: Callable[[str], datetime | None] = lambda _: None
        roster.watchers.append(self._on_agent)
        joins.reserved.append(self._on_reserved)
        tracker.watchers.append(self._on_call)

    def open(self, agent_id: str) -> Screen:
        """A new screen for the agent; the one before is let go."""
        self.close(agent_id)
        screen = self._open[agent_id] = Screen(MOST_UNREAD)
        return screen

    def close(self, agent_id: str, only: Screen | None = None) -> None:
        """Let the agent's screen go; with ``only``, if it still is that one."""
        screen = self._open.get(agent_id)
        if screen is None or (only is not None and screen is not only):
            return
        del self._open[agent_id]
        while screen.full():
            screen.get_nowait()
        screen.put_nowait(None)

    def close_all(self) -> None:
        """The engine stops."""
        for agent_id in list(self._open):
            self.close(agent_id)

    def settled(self, attempt_id: str | None) -> Sequence[CaseSettled]:
        """What the agent was told of that caller's cases since the call began."""
        return tuple(self._settled.get(attempt_id, ())) if attempt_id else ()

    def on_balances(self, at: datetime, rows: Sequence[BalanceRow], verdicts: Sequence[BalanceVerdict]) -> None:
        """Tell agents whose callers have paid meanwhile; the calls go on."""
        talks = {
            (case.client_id, case.case_id): agent
            for agent in self._roster.agents
            if agent.attempt_id is not None
            for case in self._cases.get(agent.attempt_id, ())
        }
        if not talks:
            return
        for row, verdict in zip(rows, verdicts, strict=True):
            agent = talks.get((row.client_id, row.case_id))
            if agent is None or agent.attempt_id is None or not verdict.status.changes_sum:
                continue
            log.info("settled_in_talk", agent=agent.id, attempt=agent.attempt_id, status=verdict.status)
            told = CaseSettled(
                agent.attempt_id, at, row.client_id, row.case_id, verdict.status, row.amount, row.currency
            )
            self._settled.setdefault(agent.attempt_id, []).append(told)
            self._tell(agent.id, told)

    async def run(self) -> None:
        """Read the cases of those whose telephones ring, and of those who call us, until cancelled."""
        while True:
            call = await self._to_read.get()
            try:
                cases = await self._cases_of(call)
            except StoreFailed as error:
                log.error("cases_not_read", attempt=call.id, because=str(error))
                continue
            if call.id in self._cases:  # it has not ended meanwhile
                self._cases[call.id] = cases
            if agent_id := self._due.pop(call.id, None):
                self._tell(agent_id, self._shown(call, cases))

    async def _cases_of(self, call: Attempt | InboundCall) -> Sequence[CaseRow]:
        if isinstance(call, InboundCall):
            return await self._store.cases_of_caller(call.client_id, call.caller) if call.caller else ()
        return await self._store.cases_of(call.contact_id)

    def _on_call(self, live: LiveCall, event: Event) -> None:
        attempt = live.attempt
        if attempt.id not in self._cases and self._may_want_agent(live, event):
            self._read(attempt)

    def over(self, conclusion: Conclusion) -> None:
        """The attempt is over, placed or not."""
        self._over(conclusion.attempt.id)

    def calls_us(self, call: InboundCall) -> None:
        """Somebody may ask for an agent."""
        self._read(call)

    def caller_gone(self, call_id: str) -> None:
        """Whoever called us has left."""
        self._over(call_id)

    def _over(self, call_id: str) -> None:
        self._due.pop(call_id, None)
        if all(agent.attempt_id != call_id for agent in self._roster.agents):  # else: to be wrapped up
            self._forget(call_id)

    def _forget(self, attempt_id: str) -> None:
        self._cases.pop(attempt_id, None)
        self._settled.pop(attempt_id, None)

    def _read(self, call: Attempt | InboundCall) -> None:
        self._cases[call.id] = ()
        self._to_read.put_nowait(call)

    def _may_want_agent(self, live: LiveCall, event: Event) -> bool:
        rules = self._lanes.rules(live.attempt.lane_id).agents
        return rules is not None and (rules.are_called_for or isinstance(event, AgentAsked))

    def _on_reserved(self, agent_id: str, call: Attempt | InboundCall) -> None:
        if call.id not in self._cases:
            self._read(call)
        cases = self._cases[call.id]
        if not cases:
            self._due[call.id] = agent_id
        self._tell(agent_id, self._shown(call, cases))

    def _shown(self, call: Attempt | InboundCall, cases: Sequence[CaseRow]) -> Caller | Calling:
        return Calling(call, cases) if isinstance(call, InboundCall) else Caller(call, cases, self.decide_by(call.id))

    def _on_agent(self, change: Change) -> None:
        had = change.before.attempt_id
        if had is not None and change.after.attempt_id != had and change.before.state is AgentState.WRAP_UP:
            self._forget(had)
        self._tell(change.after.id, change.after)

    def _tell(self, agent_id: str, news: News) -> None:
        screen = self._open.get(agent_id)
        if screen is None:
            return
        try:
            screen.put_nowait(news)
        except asyncio.QueueFull:  # nobody reads it
            log.warning("screen_let_go", agent=agent_id)
            self.close(agent_id)
