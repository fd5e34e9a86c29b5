"""What would a switch answer? The twin of the real one: it invents each call's story and tells it in time.

With a virtual clock: move the clock to `next_due`, then `tell_due()`, again and again. With the real clock: `run()`.
The stories come from a function, from a seed (`SeededStories`) or from a script; the guarantees are those of the port.
"""

import asyncio
import heapq
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.story import Stories
from dialer.core.beep import BeepRules
from dialer.core.call import Answered, End, Ended, Event, MessageEnded, MessageStarted, Rang, Started
from dialer.core.farewell import Words
from dialer.core.machines import Talk
from dialer.model import OutgoingCall
from dialer.ports import CallPhase, Clock, Presence, SwitchAway, SwitchListener, TalkListener

_PHASE: Final[Mapping[type[Event], CallPhase]] = {
    Started: CallPhase.DIALING,
    Rang: CallPhase.RINGING,
    Answered: CallPhase.ANSWERED,
}
_FAREWELL: Final = timedelta(seconds=3)  # how long it takes to say one
_LIMITED_MESSAGE: Final = timedelta(seconds=15)
_UNTIL_THE_BEEP: Final = _LIMITED_MESSAGE + BeepRules().longest_greeting  # at most


class SimulatedSwitch:
    """The Switch port (dialer/ports) without a network; ``log`` is told what the carrier behind it sees."""

    def __init__(self, stories: Stories, clock: Clock, log: CarrierLog | None = None) -> None:
        self._stories = stories
        self._clock = clock
        self._log = log
        self._listener: SwitchListener | None = None
        self._talk_listener: TalkListener | None = None
        self._to_machines: set[str] = set()  # calls in which a machine is spoken to
        self._agenda: list[tuple[datetime, int, Event | Talk]] = []
        self._order = count()
        self._phases: dict[str, CallPhase | None] = {}  # of the calls that are not over; None: not begun yet
        self._unbegun: set[str] = set()  # the same, to be counted at once
        self._seen: set[str] = set()
        self._unheard: list[str] = []
        self._changed = asyncio.Event()
        self._presence = Presence.AWAY

    # ---- the port --------------------------------------------------------------------------------

    @property
    def presence(self) -> Presence:
        return self._presence

    @property
    def outstanding(self) -> int:
        return len(self._unbegun)

    def place(self, call: OutgoingCall) -> None:
        if self._presence is not Presence.READY:
            raise SwitchAway(f"the switch is {self._presence}")
        if call.attempt_id in self._seen:
            raise ValueError(f"call {call.attempt_id} is placed already")
        self._seen.add(call.attempt_id)
        self._phases[call.attempt_id] = None
        self._unbegun.add(call.attempt_id)
        now = self._clock.now()
        if self._log is not None:
            self._log.on_placed(call, now)
        story = self._stories(call)
        if self._log is not None and story.is_machine and story.talking(call, now):
            self._log.machines.add(call.attempt_id)
        for event in (*story.events(call, now), *story.talking(call, now)):
            self._plan(event)

    def hang_up(self, attempt_id: str) -> None:
        if attempt_id not in self._phases or self._presence is not Presence.READY:
            return
        now = self._clock.now()
        match self._take_out(attempt_id):
            case [MessageEnded(broken_off=True) as ended, *_]:  # the farewell is being said
                self._plan(replace(ended, at=now))
            case [MessageEnded() as ended, *_] if attempt_id in self._to_machines:
                self._plan(replace(ended, at=now, is_left=False))
            case [MessageEnded() as ended, *_]:  # it plays now
                self._plan(_cut_short(ended, now))
        answered = self._phases[attempt_id] is CallPhase.ANSWERED
        self._plan(Ended(attempt_id, now, End.NORMAL if answered else End.BY_US))

    def break_off(self, attempt_id: str, words: Words) -> bool:
        """The Farewell port: whatever the words, the callee hears them out."""
        match self._planned(attempt_id):
            case [MessageEnded(broken_off=False) as ended, *_]:
                self._take_out(attempt_id)
                now = self._clock.now()
                over = now + _FAREWELL
                self._plan(replace(_cut_short(ended, now), at=over, broken_off=True))
                self._plan(Ended(attempt_id, over, End.NORMAL))
                return True
        return False

    # The Machine port: what a machine hears instead of the message. It presses no key.

    def is_person(self, attempt_id: str) -> bool:
        return False

    def say_meanwhile(self, attempt_id: str) -> bool:
        return self._say_to_machine(attempt_id, _UNTIL_THE_BEEP, is_left=False)

    def leave_message(self, attempt_id: str) -> bool:
        return self._say_to_machine(attempt_id, _LIMITED_MESSAGE, is_left=True)

    def _say_to_machine(self, attempt_id: str, length: timedelta, *, is_left: bool) -> bool:
        now = self._clock.now()
        begins: list[Event] = []
        match [event for event in self._planned(attempt_id) if isinstance(event, MessageStarted | MessageEnded)]:
            case [MessageEnded(broken_off=False) as ended]:
                heard = ended if attempt_id in self._to_machines else _cut_short(ended, now)
            case [MessageStarted() as started, MessageEnded() as ended]:  # it waits for an agent, and heard nothing
                begins, heard = [replace(started, at=now)], replace(ended, heard=timedelta())
            case _:
                return False
        self._to_machines.add(attempt_id)
        over = replace(heard, at=now + length, whole=False, is_left=is_left)
        self.instead(attempt_id, *begins, over, Ended(attempt_id, now + length, End.NORMAL))
        return True

    async def live_calls(self) -> Mapping[str, CallPhase]:
        if self._presence is not Presence.READY:
            raise SwitchAway(f"the switch is {self._presence}")
        return {identity: phase for identity, phase in self._phases.items() if phase is not None}

    def adopt(self, attempt_id: str, phase: CallPhase) -> None:
        """Calls live here as long as the switch does; there is nothing to learn about one."""

    # ---- for who holds answered calls in place of a flow ----------------------------------------

    def instead(self, attempt_id: str, *events: Event) -> list[Event]:
        """Let these happen to a call, and nothing else; what was planned for it, in order."""
        taken = self._take_out(attempt_id)
        for event in events:
            self._plan(event)
        return taken

    # ---- time ------------------------------------------------------------------------------------

    def begin(self, listener: SwitchListener, presence: Presence = Presence.READY) -> None:
        """Become usable, for who drives the time; `run` does it by itself."""
        self._listener = listener
        self.become(presence)

    def become(self, presence: Presence) -> None:
        """Lose or find the switch. Calls go on meanwhile; the ones that ended unheard are LOST when it is back."""
        if presence is self._presence:
            return
        self._presence = presence
        if self._listener is not None:
            self._listener.on_presence(presence)
        if presence is Presence.READY:
            for identity in self._unheard:
                self._plan(Ended(identity, self._clock.now(), End.LOST))
            self._unheard.clear()

    @property
    def next_due(self) -> datetime | None:
        """When the next event happens; None when nothing is planned."""
        return self._agenda[0][0] if self._agenda else None

    def tell_due(self) -> None:
        """Tell every event whose moment has come."""
        now = self._clock.now()
        while self._agenda and self._agenda[0][0] <= now:
            _, _, event = heapq.heappop(self._agenda)
            if not isinstance(event, Talk):
                self._happen(event)
            elif self._talk_listener is not None and self._presence is Presence.READY:
                self._talk_listener.on_talk(event)

    async def run(self, listener: SwitchListener, talk_listener: TalkListener | None = None) -> None:
        """Tell events as the (real) clock reaches them, until cancelled."""
        self._talk_listener = talk_listener
        self.begin(listener)
        while True:
            self._changed.clear()
            self.tell_due()
            due = self.next_due
            wait = None if due is None else max(0.0, (due - self._clock.now()).total_seconds())
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _happen(self, event: Event) -> None:
        if self._log is not None:
            self._log.on_call(event)
        self._unbegun.discard(event.attempt_id)
        if isinstance(event, Ended):
            self._phases.pop(event.attempt_id, None)
            self._to_machines.discard(event.attempt_id)
        elif type(event) in _PHASE and event.attempt_id in self._phases:
            self._phases[event.attempt_id] = _PHASE[type(event)]
        is_of_flow = isinstance(event, MessageStarted | MessageEnded)  # told by us to ourselves, over no link
        if self._presence is not Presence.READY and not is_of_flow:
            self._unheard += [event.attempt_id] if isinstance(event, Ended) else []
        elif self._listener is not None:
            self._listener.on_call(event)

    def _plan(self, event: Event | Talk) -> None:
        heapq.heappush(self._agenda, (event.at, next(self._order), event))
        self._changed.set()

    def _take_out(self, attempt_id: str) -> list[Event]:
        """What was planned for a call and does not happen any more, in order."""
        taken = self._planned(attempt_id)
        self._agenda = [item for item in self._agenda if item[2].attempt_id != attempt_id or isinstance(item[2], Talk)]
        heapq.heapify(self._agenda)
        return taken

    def _planned(self, attempt_id: str) -> list[Event]:
        """What will happen to a call, in order."""
        theirs = sorted(item for item in self._agenda if item[2].attempt_id == attempt_id)
        return [event for _, _, event in theirs if not isinstance(event, Talk)]


def _cut_short(ended: MessageEnded, now: datetime) -> MessageEnded:
    """The message's end had the callee heard no more of it than until now."""
    return replace(ended, at=now, heard=max(timedelta(), ended.heard - (ended.at - now)), whole=False)
