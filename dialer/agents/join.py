"""Which agent takes which answered call?

Calls that wait are served first come, first served, each by the ready agent idle for longest who can take it. A second
join would take a talking agent's caller away, so an agent is reserved here, and nowhere else, before anybody is joined.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialer.agents.lines import Lines
from dialer.agents.roster import Change, Roster
from dialer.core import agents
from dialer.core.agent_events import CustomerLeft, Joined, JoinFailed, Reserved
from dialer.core.agents import AgentState
from dialer.core.call import Ended, Event, MessageEnded, MessageStarted
from dialer.core.call import Joined as CallJoined
from dialer.core.inbound import InboundCall, is_to_us
from dialer.lanes import Lanes
from dialer.model import Attempt
from dialer.ports import CallPhase, Clock, Switch
from dialer.ports.joiner import Joiner
from dialer.ports.store import Conclusion
from dialer.track import LiveCall, Tracker

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """An answered call that waits."""

    call: Attempt | InboundCall
    since: datetime
    skills: frozenset[str] = frozenset()  # that a brand wants for its callers; a campaign's may be edited meanwhile


class Joins:
    """``reserved`` are told who is about to get which caller: the case is on the agent's screen before the voice."""

    def __init__(self, roster: Roster, lines: Lines, tracker: Tracker, lanes: Lanes, clock: Clock) -> None:
        self._roster = roster
        self._lines = lines
        self._tracker = tracker
        self._lanes = lanes
        self._clock = clock
        self._joiner: Joiner | None = None
        self._switch: Switch | None = None
        self._waiting: dict[str, Caller] = {}  # in order of arrival
        self._pledged: set[str] = set()  # calls that an agent is kept free for
        self.reserved: list[Callable[[str, Attempt | InboundCall], None]] = []
        roster.watchers.append(self._on_agent)
        tracker.watchers.append(self._on_call)
        tracker.others.append(self._on_other)

    def connect(self, joiner: Joiner, switch: Switch) -> None:
        """Talks with callers that an earlier engine began are followed to their end."""
        self._joiner, self._switch = joiner, switch
        for agent in self._roster.agents:
            if agent.attempt_id is not None and is_to_us(agent.attempt_id) and self._roster.with_call(agent.attempt_id):
                switch.adopt(agent.attempt_id, CallPhase.ANSWERED)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def wants_agent(self, attempt_id: str) -> None:
        """An answered call waits, or waits again: whoever had it has it no more, unless kept free for it."""
        if self._keep_pledge(attempt_id):
            return
        self._part(attempt_id)
        if attempt := self._tracker.attempt(attempt_id):
            self._waiting[attempt_id] = Caller(attempt, self._clock.now())
            self._match()

    def caller_wants_agent(self, call: InboundCall, skills: frozenset[str]) -> None:
        """Somebody who calls a brand waits, or waits again."""
        self._part(call.id)
        if self._switch is not None:
            self._switch.adopt(call.id, CallPhase.ANSWERED)  # or it would not tell of such a call
            self._waiting[call.id] = Caller(call, self._clock.now(), skills)
            self._match()

    def waits_no_more(self, call_id: str) -> None:
        """The caller is spoken to, or has gone: whoever was to have them is free."""
        self._waiting.pop(call_id, None)
        self._part(call_id)

    def callers(self) -> dict[str, frozenset[str]]:
        """Who calls a brand and waits, with the skills that an agent needs for them."""
        return {name: each.skills for name, each in self._waiting.items() if isinstance(each.call, InboundCall)}

    def free(self) -> dict[str, frozenset[str]]:
        """Who is ready, with their skills, the one idle for longest first."""
        ready = [agent for agent in self._roster.agents if agent.state is AgentState.READY]
        skills = self._roster.skills
        return {each.id: skills[each.id] for each in sorted(ready, key=lambda each: (each.since, each.id))}

    def pledge(self, attempt: Attempt, agent_id: str) -> bool:
        """Keep an agent free for a call that is not answered yet; False: they are not free any more.

        Whatever becomes of the attempt, ``over`` gives the agent back.
        """
        if self._roster.agent(agent_id).state is not AgentState.READY:
            return False
        if self._roster.hear(agent_id, Reserved(self._clock.now(), attempt.id)).attempt_id != attempt.id:
            return False
        self._pledged.add(attempt.id)
        for tell in self.reserved:
            tell(agent_id, attempt)
        return True

    def is_pledged(self, attempt_id: str) -> bool:
        """Whether an agent is kept free for that call."""
        return attempt_id in self._pledged

    def keeps(self, attempt: Attempt) -> bool:
        """Whether the agent whom the attempt is for is still kept free for it."""
        agent = self._roster.with_call(attempt.id)
        return agent is not None and agent.id == attempt.agent_id

    def over(self, conclusion: Conclusion) -> None:
        """The attempt is over, placed or not."""
        self._pledged.discard(conclusion.attempt.id)
        self._part(conclusion.attempt.id)

    def part_from_unknown(self) -> None:
        """At start, once the calls that were left open are followed: nobody waits for one that is over."""
        for agent in list(self._roster.agents):
            call_id = agent.attempt_id
            if call_id is not None and not is_to_us(call_id) and self._tracker.find(call_id) is None:
                self._part(call_id)

    def could_not_join(self, attempt_id: str) -> None:
        """The agent who was reserved was not there."""
        agent = self._roster.with_call(attempt_id)
        if agent is not None and agent.state is AgentState.RESERVED:
            log.warning("not_joined", agent=agent.id, attempt=attempt_id)
            self._lines.doubt(agent.id)  # first, or the next caller would be sent there at once
            self._roster.hear(agent.id, JoinFailed(self._clock.now(), attempt_id))

    def hang_up(self, agent_id: str) -> None:
        """The agent ends the call; the telephone stays on the line."""
        agent = self._roster.agent(agent_id)
        if agent.attempt_id is not None and self._switch is not None:
            self._switch.hang_up(agent.attempt_id)

    # ---- what is heard ---------------------------------------------------------------------------

    def _on_call(self, live: LiveCall, event: Event) -> None:
        match event:
            case CallJoined():
                if agent := self._roster.with_call(event.attempt_id):
                    self._roster.hear(agent.id, Joined(event.at, event.attempt_id))
            case Ended():
                if self._waiting.pop(event.attempt_id, None) and self._joiner is not None:
                    self._joiner.callee_left(event.attempt_id)
                self._part(event.attempt_id)
            case MessageStarted() | MessageEnded():
                self.waits_no_more(event.attempt_id)

    def _on_other(self, event: Event) -> None:
        """What is told of calls to us."""
        if not is_to_us(event.attempt_id):
            return
        if isinstance(event, CallJoined) and (agent := self._roster.with_call(event.attempt_id)):
            self._roster.hear(agent.id, Joined(event.at, event.attempt_id))
        elif isinstance(event, Ended):
            if self._joiner is not None:
                self._joiner.callee_left(event.attempt_id)
            self.waits_no_more(event.attempt_id)

    def _on_agent(self, change: Change) -> None:
        if change.after.state is AgentState.READY:
            self._match()

    def _part(self, attempt_id: str) -> None:
        agent = self._roster.with_call(attempt_id)
        if agent is not None:
            self._roster.hear(agent.id, CustomerLeft(self._clock.now(), attempt_id))

    def _keep_pledge(self, attempt_id: str) -> bool:
        """Join the call with whom it was placed for, once."""
        agent = self._roster.with_call(attempt_id)
        if attempt_id not in self._pledged or agent is None or self._joiner is None:
            self._pledged.discard(attempt_id)
            return False
        self._pledged.discard(attempt_id)
        return self._joiner.join(attempt_id, self._lines.way(agent.id))

    # ---- who takes whom --------------------------------------------------------------------------

    def _match(self) -> None:
        for call_id, caller in list(self._waiting.items()):
            agent = agents.choose(self._roster.agents, self._roster.skills, self._needed(caller))
            if agent is not None and call_id in self._waiting:
                self._join(caller, agent.id)

    def _needed(self, caller: Caller) -> frozenset[str]:
        if isinstance(caller.call, InboundCall):
            return caller.skills
        rules = self._lanes.rules(caller.call.lane_id).agents
        return rules.skills if rules else frozenset()

    def _join(self, caller: Caller, agent_id: str) -> None:
        attempt_id, now = caller.call.id, self._clock.now()
        del self._waiting[attempt_id]
        self._roster.hear(agent_id, Reserved(now, attempt_id))
        for tell in self.reserved:
            tell(agent_id, caller.call)
        if self._joiner is None or not self._joiner.join(attempt_id, self._lines.way(agent_id)):
            self._roster.hear(agent_id, CustomerLeft(now, attempt_id))  # left, or told that nobody is free, just before
