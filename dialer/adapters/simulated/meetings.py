"""How does an answered call that is for an agent go where nobody has a telephone? The Joiner port of simulated calls.

What the flow does in service (``ivr/joining``): a greeting where machines are told from people, the wait in silence,
the announcement that nobody is free; then the talk, for as long as the two have something to say.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.adapters.simulated.switch import SimulatedSwitch
from dialer.agents.join import Joins
from dialer.core.call import Answered, End, Ended, Event, Greeted, Joined, MessageEnded, MessageStarted, State, Waiting
from dialer.core.dispositions import SILENCE
from dialer.lanes import Lanes
from dialer.model import AgentRules, Lane
from dialer.ports import Clock
from dialer.ports.joiner import NailedUp, Way
from dialer.track import LiveCall, Tracker

FLOW_BEGINS = timedelta(milliseconds=10)  # after the answer
JOINING = timedelta(milliseconds=15)  # as measured at an Asterisk
GREETING = timedelta(seconds=6)  # as espeak says it
ANNOUNCEMENT = timedelta(seconds=8)
TO_BEGIN = timedelta(milliseconds=100)  # the first word comes so much before the wait may end


@dataclass(frozen=True, slots=True)
class Meeting:
    """An answered call for an agent, as the telephones saw it."""

    attempt_id: str
    campaign_id: str
    answered_at: datetime
    leaves_at: datetime | None  # when the callee hangs up, if not before; None: when all is said
    is_greeted: bool = False
    waits_since: datetime | None = None
    leg_id: str | None = None  # the agent's
    joined_at: datetime | None = None
    announced_at: datetime | None = None  # that nobody is free
    ended_at: datetime | None = None

    @property
    def silence(self) -> timedelta:
        """How long the callee heard nobody."""
        heard_us = [at for at in (self.joined_at, self.announced_at, self.ended_at) if at is not None]
        silent_since = self.answered_at if not self.is_greeted else self.waits_since
        return min(heard_us) - silent_since if heard_us and silent_since else timedelta()


class SimulatedMeetings:
    """``all``: every answered call for an agent, by attempt."""

    def __init__(
        self,
        switch: SimulatedSwitch,
        legs: SimulatedLegs,
        tracker: Tracker,
        joins: Joins,
        lanes: Lanes,
        clock: Clock,
        talk: Callable[[], timedelta],
    ) -> None:
        """``talk`` draws how long one would last."""
        self.all: dict[str, Meeting] = {}
        self._switch = switch
        self._legs = legs
        self._joins = joins
        self._lanes = lanes
        self._clock = clock
        self._talk = talk
        self._waiting: set[str] = set()
        tracker.watchers.append(self._on_call)

    # ---- the port --------------------------------------------------------------------------------

    def join(self, attempt_id: str, way: Way) -> bool:
        if attempt_id not in self._waiting:
            return False
        if not isinstance(way, NailedUp):
            raise TypeError(f"simulated agents keep their telephones on the line: {way}")
        self._waiting.discard(attempt_id)
        self._legs.joined[way.leg_id] = attempt_id
        joined_at = self._clock.now() + JOINING
        met = self.all[attempt_id] = replace(self.all[attempt_id], leg_id=way.leg_id)
        over = joined_at + self._talk()
        ends = over if met.leaves_at is None else min(over, max(met.leaves_at, joined_at))
        self._switch.instead(attempt_id, Joined(attempt_id, joined_at), Ended(attempt_id, ends, End.NORMAL))
        return True

    def callee_left(self, attempt_id: str) -> None:
        self._waiting.discard(attempt_id)

    # ---- what happens to the call ----------------------------------------------------------------

    def _on_call(self, live: LiveCall, event: Event) -> None:
        attempt_id = event.attempt_id
        if isinstance(event, Answered):
            lane = self._lanes.rules(live.attempt.lane_id)
            if lane.are_calls_for_agents and lane.agents is not None and attempt_id not in self.all:
                self._answered(lane, lane.agents, event)
        elif attempt_id in self.all:
            self._goes_on(live, event)

    def _answered(self, lane: Lane, agents: AgentRules, event: Answered) -> None:
        attempt_id = event.attempt_id
        planned = self._switch.instead(attempt_id)
        stays = any(isinstance(each, MessageEnded) and each.whole for each in planned)
        leaves_at = None if stays else next((each.at for each in planned if isinstance(each, Ended)), None)
        is_greeted = lane.voicemail is not None
        self.all[attempt_id] = Meeting(attempt_id, lane.campaign_id, event.at, leaves_at, is_greeted)
        begins = event.at + FLOW_BEGINS
        waits = begins + GREETING if is_greeted else begins
        silent_since = waits if is_greeted else event.at
        speaks = max(silent_since + min(agents.answer_wait, SILENCE) - TO_BEGIN, waits)
        told = speaks + ANNOUNCEMENT
        course: list[Event] = [
            *([Greeted(attempt_id, begins)] if is_greeted else []),
            Waiting(attempt_id, waits),
            MessageStarted(attempt_id, speaks),
            MessageEnded(attempt_id, told, ANNOUNCEMENT, whole=True),
            Ended(attempt_id, told, End.NORMAL),
        ]
        if leaves_at is not None and leaves_at < told:
            course = [each for each in course if each.at < leaves_at]
            course.append(Ended(attempt_id, leaves_at, End.NORMAL))
        self._switch.instead(attempt_id, *course)

    def _goes_on(self, live: LiveCall, event: Event) -> None:
        attempt_id, met = event.attempt_id, self.all[event.attempt_id]
        match event:
            case Waiting():
                self.all[attempt_id] = replace(met, waits_since=event.at)
                self._waiting.add(attempt_id)
                self._joins.wants_agent(attempt_id)
            case Joined():
                self.all[attempt_id] = replace(met, joined_at=event.at)
            case MessageStarted():
                self._waiting.discard(attempt_id)
                self.all[attempt_id] = replace(met, announced_at=event.at)
            case Ended():
                self._ended(live, met, event)

    def _ended(self, live: LiveCall, met: Meeting, event: Ended) -> None:
        self._waiting.discard(event.attempt_id)
        self.all[event.attempt_id] = replace(met, ended_at=event.at)
        if met.leg_id is not None:
            self._legs.joined.pop(met.leg_id, None)
        if live.call.state is State.ENDING:  # the flow hears of it, and reports
            spoke = event.at - met.announced_at if met.announced_at is not None else timedelta()
            self._switch.instead(event.attempt_id, MessageEnded(event.attempt_id, event.at, spoke, whole=False))
