"""⑥ Has a person answered, and what does a machine get?

Talking is heard while something plays; the verdict comes from ``core/machines.py``, and is kept with the attempt. Only
a machine's changes anything: the call is hung up, or the limited message is left after the beep. Nobody who was joined
with an agent, or pressed a key, is cut off.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from dialer.core.beep import AwaitingBeep, BeepRules
from dialer.core.call import Detected, Ended, Event, State
from dialer.core.machines import AnsweredBy, Listening, Talk, Thresholds
from dialer.lanes import Lanes
from dialer.model import Voicemail
from dialer.ports import Clock, Switch
from dialer.ports.machine import Machine
from dialer.track import LiveCall, Tracker

log = structlog.get_logger(__name__)

LIMITS = Thresholds()
BEEP = BeepRules()
AGAIN = timedelta(milliseconds=200)


class Machines:
    """Hears who talks (``TalkListener``), and acts on what it means."""

    def __init__(self, tracker: Tracker, lanes: Lanes, clock: Clock) -> None:
        self._tracker = tracker
        self._lanes = lanes
        self._clock = clock
        self._switch: Switch | None = None
        self._machine: Machine | None = None
        self._heard: dict[str, Listening] = {}  # calls without a verdict
        self._awaiting: dict[str, AwaitingBeep] = {}  # machines that get the message
        self._timers: dict[str, asyncio.TimerHandle] = {}
        tracker.watchers.append(self._on_call)

    def connect(self, switch: Switch, machine: Machine | None) -> None:
        """Who ends calls, and who speaks to machines; without the second, they are hung up on."""
        self._switch, self._machine = switch, machine

    def on_talk(self, talk: Talk) -> None:
        attempt_id = talk.attempt_id
        if awaiting := self._awaiting.get(attempt_id):
            self._awaiting[attempt_id] = awaiting.hear(talk, BEEP)
            if awaiting.speaks_since is not None and self._awaiting[attempt_id].speaks_since is None:
                log.info("beep_heard_late", attempt=attempt_id, beginnings=awaiting.beginnings)
                self._say_meanwhile(attempt_id)
            self._look_for_beep(attempt_id)
        elif heard := self._heard.get(attempt_id):
            self._heard[attempt_id] = heard.hear(talk, LIMITS)
            self._judge(attempt_id)

    def _on_call(self, live: LiveCall, event: Event) -> None:
        attempt_id, call = live.attempt.id, live.call
        if isinstance(event, Ended):
            self._forget(attempt_id)
        elif (
            call.answered_at is not None
            and call.started_at is not None  # of a call from before a crash the beginning was not heard
            and call.detection is None
            and attempt_id not in self._heard
            and call.state not in (State.ENDING, State.ENDED)
            and self._lanes.rules(live.attempt.lane_id).voicemail is not None
        ):
            self._heard[attempt_id] = Listening(call.answered_at)
            self._judge(attempt_id)

    # ---- the verdict -----------------------------------------------------------------------------

    def _judge(self, attempt_id: str) -> None:
        heard, now = self._heard[attempt_id], self._clock.now()
        detection = heard.detection(now, LIMITS)
        if detection is None:
            self._set_timer(attempt_id, heard.look_again_at(LIMITS), now)
            return
        del self._heard[attempt_id]
        self._cancel_timer(attempt_id)
        log.info("answered_by", attempt=attempt_id, **detection.to_json())
        live = self._tracker.find(attempt_id)
        is_free = live is not None and live.call.state is not State.TALKING and live.call.asked_at is None
        pressed = self._machine is not None and self._machine.is_person(attempt_id)
        self._tracker.on_call(Detected(attempt_id, now, detection))
        if live is not None and is_free and detection.answered_by is AnsweredBy.MACHINE and not pressed:
            self._meet(live, heard, now)

    def _meet(self, live: LiveCall, heard: Listening, now: datetime) -> None:
        """A machine has answered."""
        attempt_id = live.attempt.id
        wants = self._lanes.rules(live.attempt.lane_id).voicemail
        if wants is Voicemail.MESSAGE and self._machine is not None and self._machine.say_meanwhile(attempt_id):
            self._awaiting[attempt_id] = AwaitingBeep(None if heard.is_talking else heard.fell_silent_at or now)
            self._look_for_beep(attempt_id)
        elif self._switch is not None:
            self._switch.hang_up(attempt_id)

    # ---- the message after the beep --------------------------------------------------------------

    def _look_for_beep(self, attempt_id: str) -> None:
        awaiting, now = self._awaiting[attempt_id], self._clock.now()
        due = awaiting.speaks_at(BEEP)
        if due is None:
            self._cancel_timer(attempt_id)
        elif due > now:
            self._set_timer(attempt_id, due, now)
        elif self._machine is not None and self._machine.leave_message(attempt_id):
            log.info("message_left", attempt=attempt_id, beginnings=awaiting.beginnings + 1)
            self._awaiting[attempt_id] = awaiting.speaking(now)
        else:  # what played is being stopped at this very moment
            self._set_timer(attempt_id, now + AGAIN, now)

    def _say_meanwhile(self, attempt_id: str) -> None:
        if self._machine is not None:
            self._machine.say_meanwhile(attempt_id)

    # ---- time ------------------------------------------------------------------------------------

    def _set_timer(self, attempt_id: str, due: datetime, now: datetime) -> None:
        self._cancel_timer(attempt_id)
        delay = max((due - now).total_seconds(), 0.0)
        self._timers[attempt_id] = asyncio.get_running_loop().call_later(delay, self._ring, attempt_id)

    def _ring(self, attempt_id: str) -> None:
        self._timers.pop(attempt_id, None)
        if attempt_id in self._awaiting:
            self._look_for_beep(attempt_id)
        elif attempt_id in self._heard:
            self._judge(attempt_id)

    def _cancel_timer(self, attempt_id: str) -> None:
        if timer := self._timers.pop(attempt_id, None):
            timer.cancel()

    def _forget(self, attempt_id: str) -> None:
        self._cancel_timer(attempt_id)
        self._heard.pop(attempt_id, None)
        self._awaiting.pop(attempt_id, None)
