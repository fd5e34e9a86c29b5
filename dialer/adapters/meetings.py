"""⑥ How does an answered call reach an agent over FastAGI? The Joiner port, and the script of such a call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from dialer.adapters.ami.legs import before_ringing, device
from dialer.agents.join import Joins
from dialer.core.call import State
from dialer.core.dispositions import SILENCE
from dialer.lanes import Lanes
from dialer.model import Attempt
from dialer.ports import Clock
from dialer.ports.joiner import NailedUp, Way
from dialer.recorded_talks import ENDING
from dialer.track import Tracker
from ivr.agent_acts import StartRecording, WaitForAgent, Wanted
from ivr.joining import NO_MORE, Meeting, Recording
from ivr.lines import nailed_up, ringing
from ivr.message import Message
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Act, Clip, Hold, Notice, Outcome, Play, Record

TO_BEGIN = timedelta(milliseconds=100)  # from the end of the wait to the first word, and twenty of them are silence

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MeetingWords:
    """What is said when nobody is free, when the agent has gone, to whoever wants no more calls, and of recording."""

    announcement: Message
    apology: Message
    no_more: Message
    notice: Clip


class AgentFlows:
    """Scripts of calls that are for agents, and what becomes of them."""

    def __init__(
        self,
        tracker: Tracker,
        lanes: Lanes,
        joins: Joins,
        clock: Clock,
        opt_out: Callable[[Attempt], None],
        tape: Callable[[str], str],
        recorded: Callable[[str], None],
    ) -> None:
        """``opt_out`` is told of callees who asked for no more calls, ``recorded`` of talks that are recorded.

        ``tape`` names an attempt's recording as the switch sees it, with its ending.
        """
        self._tracker = tracker
        self._lanes = lanes
        self._joins = joins
        self._clock = clock
        self._opt_out = opt_out
        self._tape = tape
        self._recorded = recorded

    def meeting(self, attempt: Attempt, words: MeetingWords, greeting: tuple[Clip, ...] = ()) -> Meeting:
        """What an answered call runs.

        The wait counts from the answer, not from when the switch asked us; after a greeting, from its end.

        A call-back of a campaign that plays messages is for an agent who is kept free; should that one be lost, the
        callee waits in silence no longer than others.
        """
        rules = self._lanes.rules(attempt.lane_id).agents
        live = self._tracker.find(attempt.id)
        if rules is None or live is None:
            raise ValueError(f"attempt {attempt.id} is for no agent, or not live")
        now = self._clock.now()
        passed = now - (live.call.answered_at or now)
        silent = timedelta() if greeting else passed
        patience = max(min(rules.answer_wait, SILENCE) - silent - TO_BEGIN, timedelta())
        hello = Message(greeting) if greeting else None
        recording = self._recording(attempt, words)
        return Meeting(patience, words.announcement, words.apology, words.no_more, greeting=hello, recording=recording)

    def transfer(self, attempt: Attempt, words: MeetingWords, hold: Clip) -> Meeting | None:
        """How somebody who hears a message gets to an agent; None: the campaign has none."""
        rules = self._lanes.rules(attempt.lane_id).agents
        if rules is None or rules.are_called_for:
            return None
        recording = self._recording(attempt, words)
        return Meeting(rules.answer_wait, words.announcement, words.apology, words.no_more, hold, recording=recording)

    def _recording(self, attempt: Attempt, words: MeetingWords) -> Recording | None:
        return Recording(words.notice, self._tape(attempt.id)) if self._is_recorded(attempt) else None

    def tape(self, attempt: Attempt) -> str | None:
        """Where what the callee says alone is recorded, without its ending; None: nothing is, in this campaign."""
        return self._tape(attempt.id).removesuffix(ENDING) if self._is_recorded(attempt) else None

    def _is_recorded(self, attempt: Attempt) -> bool:
        return self._lanes.rules(attempt.lane_id).is_recorded

    def is_for_agent(self, attempt_id: str) -> bool:
        """Whether the call was placed for an agent."""
        attempt = self._tracker.attempt(attempt_id)
        rules = self._lanes.rules(attempt.lane_id).agents if attempt else None
        return rules is not None and (rules.are_called_for or self._joins.is_pledged(attempt_id))

    def acted(self, request: Request, act: Act) -> None:
        """What the session has begun."""
        attempt_id = request.uniqueid
        match act:
            case WaitForAgent(why=why):
                if why is Wanted.NOT_JOINED:
                    self._joins.could_not_join(attempt_id)
                if self._hears_message(attempt_id):
                    log.info("agent_asked", attempt=attempt_id)
                    self._tracker.on_agent_asked(attempt_id)
                else:
                    self._tracker.on_waiting(attempt_id)
                self._joins.wants_agent(attempt_id)
            case Hold() | Notice():
                return  # it waits on
            case StartRecording() | Record():
                self._recorded(attempt_id)
            case Play() if self._is_greeted(attempt_id):
                self._tracker.on_greeted(attempt_id)
            case Play() if self._has_just_begun_to_speak(attempt_id):
                log.info("no_agent", attempt=attempt_id)
                self._tracker.on_message_started(attempt_id)

    def reported(self, attempt: Attempt, outcome: Outcome) -> None:
        """The call is over."""
        if outcome.pressed == NO_MORE:
            self._opt_out(attempt)

    def _hears_message(self, attempt_id: str) -> bool:
        live = self._tracker.find(attempt_id)
        return live is not None and live.call.state is State.PLAYING

    def _is_greeted(self, attempt_id: str) -> bool:
        live = self._tracker.find(attempt_id)
        return live is not None and not (live.call.message_at or live.call.waiting_at or live.call.greeted_at)

    def _has_just_begun_to_speak(self, attempt_id: str) -> bool:
        live = self._tracker.find(attempt_id)
        if live is None or live.call.waiting_at is None:  # greeted, at most
            return False
        return live.call.state in (State.WAITING, State.TALKING)


class Meetings:
    """The Joiner port on the sessions of a FastAGI server."""

    def __init__(self, server: FastAGIServer, *, beep: bool = False) -> None:
        """``beep``: the agent hears DZWONEK_BEEP first."""
        self._server = server
        self._beep = beep

    def join(self, attempt_id: str, way: Way) -> bool:
        if isinstance(way, NailedUp):
            return self._server.join(attempt_id, nailed_up(way.leg_id, beep=self._beep))
        return self._server.join(attempt_id, ringing(device(way.phone), way.ring_time, before_ringing(way.agent_id)))

    def callee_left(self, attempt_id: str) -> None:
        self._server.callee_left(attempt_id)
