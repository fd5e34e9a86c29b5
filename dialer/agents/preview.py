"""Whom is an agent shown before a call, and what does the agent decide?

    attempt saved ──► shown, the agent kept free ──call──► placed by ``place.py``, which asks the gate again
                         │ skip: put off     │ no decision in time: somebody else's turn, and the agent pauses
                         ▼                   ▼
                      withdrawn           withdrawn

An attempt that is shown is open: nobody else calls the debtor meanwhile. Whatever ends a preview, the agent is free.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from dialer.agents.join import Joins
from dialer.agents.roster import Change, Roster
from dialer.core.agent_events import PauseAsked
from dialer.core.agents import NO_DECISION
from dialer.core.rules import Rule
from dialer.lanes import Lanes
from dialer.model import Attempt, Lane
from dialer.ports import Clock
from dialer.track import Tracker

PASSED = "preview_passed"  # why an attempt is withdrawn: its agent did not decide, or went
ENDING = "engine_ending"

log = structlog.get_logger(__name__)


class NothingShown(Exception):
    """The agent is shown nobody, or nobody any more."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A contact that an agent looks at, to be called or not."""

    attempt: Attempt
    agent_id: str
    lane: Lane  # the rules by which it was picked
    until: datetime
    timer: asyncio.TimerHandle


class Previews:
    """``place``: have the call placed, or the attempt withdrawn; told of by the agent's decision."""

    def __init__(self, roster: Roster, joins: Joins, tracker: Tracker, lanes: Lanes, clock: Clock) -> None:
        self._roster = roster
        self._joins = joins
        self._tracker = tracker
        self._lanes = lanes
        self._clock = clock
        self._shown: dict[str, Preview] = {}  # by agent
        self.place: Callable[[Attempt, Lane], None] = lambda attempt, _: tracker.withdraw(attempt, ENDING)
        roster.watchers.append(self._on_agent)
        lanes.watchers.append(self._on_lanes)

    def show(self, attempt: Attempt, lane: Lane) -> bool:
        """Show the contact to its agent; False: the agent is not free any more."""
        agent_id, rules = attempt.agent_id, lane.agents
        if agent_id is None or rules is None:
            raise ValueError(f"attempt {attempt.id} is nobody's to look at")
        if agent_id in self._shown:
            return False
        until = self._clock.now() + rules.preview_time
        wait = rules.preview_time.total_seconds()
        timer = asyncio.get_running_loop().call_later(wait, self._time_is_over, agent_id)
        self._shown[agent_id] = Preview(attempt, agent_id, lane, until, timer)
        if self._joins.pledge(attempt, agent_id):
            log.info("previewed", agent=agent_id, attempt=attempt.id, contact=attempt.contact_id)
            return True
        self._take(agent_id)
        return False

    def shown_to(self, agent_id: str) -> Preview:
        """Raises NothingShown."""
        if agent_id not in self._shown:
            raise NothingShown(agent_id)
        return self._shown[agent_id]

    def decide_by(self, attempt_id: str) -> datetime | None:
        """Until when an agent may decide on the attempt; None: it is nobody's to decide."""
        found = self._of(attempt_id)
        return found.until if found else None

    def call(self, agent_id: str) -> Attempt:
        """The agent wants the call. Raises NothingShown."""
        preview = self._take(agent_id)
        log.info("preview_called", agent=agent_id, attempt=preview.attempt.id)
        for tell in self._joins.reserved:
            tell(agent_id, preview.attempt)
        self.place(preview.attempt, preview.lane)
        return preview.attempt

    def skip(self, agent_id: str, reason: str) -> None:
        """The agent does not: the contact comes again after the plan's spacing. Raises NothingShown."""
        preview = self._take(agent_id)
        log.info("preview_skipped", agent=agent_id, attempt=preview.attempt.id, reason=reason)
        self._tracker.withdraw(preview.attempt, Rule.SKIPPED, put_off=preview.lane.rules.spacing)

    def call_off(self, attempt_id: str, because: str) -> None:
        """It is settled, or not true any more: nobody looks at it from now on."""
        if preview := self._of(attempt_id):
            self._drop(preview, because)

    def close(self, because: str = ENDING) -> None:
        """Everything is stopped: nobody looks at anybody from now on."""
        for preview in list(self._shown.values()):
            self._drop(preview, because)

    def _of(self, attempt_id: str) -> Preview | None:
        return next((each for each in self._shown.values() if each.attempt.id == attempt_id), None)

    def _take(self, agent_id: str) -> Preview:
        preview = self.shown_to(agent_id)
        del self._shown[agent_id]
        preview.timer.cancel()
        return preview

    def _drop(self, preview: Preview, because: str) -> None:
        self._take(preview.agent_id)
        log.info("preview_over", agent=preview.agent_id, attempt=preview.attempt.id, because=because)
        self._tracker.withdraw(preview.attempt, because)

    def _time_is_over(self, agent_id: str) -> None:
        # Whoever does not look at this one would not look at the next; the pause ends the preview, see below.
        self._roster.hear(agent_id, PauseAsked(self._clock.now(), NO_DECISION))

    def _on_agent(self, change: Change) -> None:
        """Who was cut off, or wants to pause or go, decides nothing any more."""
        agent, preview = change.after, self._shown.get(change.after.id)
        if preview is not None and (agent.then is not None or agent.attempt_id != preview.attempt.id):
            self._drop(preview, PASSED)

    def _on_lanes(self) -> None:
        for preview in self._outdated():
            is_running = self._lanes.running(preview.lane.id) is not None
            self._drop(preview, Rule.PLAN_CHANGED if is_running else Rule.CAMPAIGN_NOT_RUNNING)

    def _outdated(self) -> Iterable[Preview]:
        return [each for each in self._shown.values() if self._lanes.running(each.lane.id) != each.lane]
