"""⑤ ⑥ Which calls are live, and what has become of each?

The one place that knows the calls in flight. Events of the switch and of the flow come in, in any order; a call that is
over goes out to be concluded, once.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from dialer.core.answers import NO_ANSWERS, Answers
from dialer.core.call import (
    AgentAsked,
    Answered,
    Call,
    End,
    Ended,
    Event,
    Greeted,
    Joined,
    MessageEnded,
    MessageStarted,
    Rang,
    Started,
    State,
    Waiting,
    step,
)  # fmt: skip
from dialer.core.dispositions import TRUNK_FAILURES, disposition
from dialer.model import Attempt, Disposition
from dialer.ports import Clock, Presence
from dialer.ports.store import Conclusion
from dialer.routes import Routes
from dialer.trunk import Trunk

# Of a call that a crash left open only the saving is known: it left so much later at most, and spacing runs from there.
UNSEEN_START = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LiveCall:
    attempt: Attempt
    call: Call
    trunks: Sequence[Trunk]  # that count it: of a call from before a crash it is not known which one carries it
    since: float  # monotonic s when it was placed or adopted
    is_called_off: bool = False  # no message may begin any more
    is_orphaned: bool = False  # its flow went with an earlier run of the engine, and will report nothing


class Tracker:
    """Hears the switch and the flow (``SwitchListener``); every call it begins leaves through ``over`` exactly once."""

    def __init__(self, routes: Routes, clock: Clock, over: Callable[[Conclusion], None]) -> None:
        self._routes = routes
        self._clock = clock
        self._over = over
        self._live: dict[str, LiveCall] = {}
        self.most_live = 0
        self.presence = Presence.AWAY
        self.presence_changed = asyncio.Event()  # set at every change; whoever waits clears it
        self.changed = asyncio.Event()  # a call ended or the switch came: there may be room
        self.watchers: list[Callable[[LiveCall, Event], None]] = []  # told of every event of a live call
        self.others: list[Callable[[Event], None]] = []  # told of events of calls that are no live attempt's
        self.begun: list[Callable[[LiveCall], None]] = []  # told of every call that is about to be placed

    @property
    def live(self) -> Iterable[LiveCall]:
        return self._live.values()

    def __len__(self) -> int:
        return len(self._live)

    def find(self, attempt_id: str) -> LiveCall | None:
        return self._live.get(attempt_id)

    def attempt(self, attempt_id: str) -> Attempt | None:
        """The attempt behind a live call."""
        found = self._live.get(attempt_id)
        return found.attempt if found else None

    def to_be_played(self, attempt_id: str) -> Attempt | None:
        """The attempt behind an answered call, if its message may begin."""
        found = self._live.get(attempt_id)
        return found.attempt if found and not found.is_called_off else None

    def begin(self, attempt: Attempt, trunk: Trunk) -> None:
        """A call is about to be placed over that trunk: from now on it is followed."""
        now = self._clock.monotonic()
        trunk.began(now)
        live = LiveCall(attempt, Call(attempt.id, self._clock.now()), (trunk,), now)
        self._follow(live)
        for tell in self.begun:
            tell(live)

    def adopt(self, attempt: Attempt) -> None:
        """A call that an earlier run of the engine may have placed; recovery finds out."""
        for trunk in self._routes.trunks:
            trunk.adopted()
        call = Call(attempt.id, attempt.started_at + UNSEEN_START)
        self._follow(LiveCall(attempt, call, self._routes.trunks, self._clock.monotonic()))

    def adopt_talk(self, attempt_id: str, joined_at: datetime) -> None:
        """An adopted call was with an agent when the earlier run ended; if it still is, it stays so."""
        if found := self._live.get(attempt_id):
            found.is_orphaned = True
            self.on_call(Joined(attempt_id, joined_at))

    def withdraw(self, attempt: Attempt, because: str, put_off: timedelta | None = None) -> None:
        """A saved attempt that is not placed after all; ``put_off``: and its contact not tried again at once."""
        now = self._clock.now()
        call = Call(attempt.id, now, State.ENDED, ended_at=now, platform_code=because)
        log.info("attempt_withdrawn", attempt=attempt.id, contact=attempt.contact_id, because=because)
        self._over(Conclusion(attempt, call, Disposition.WITHDRAWN, put_off=put_off))

    def give_up(self, attempt: Attempt, because: str) -> None:
        """A call that was begun, and that the switch never took: nothing was sent."""
        for trunk in self._live.pop(attempt.id).trunks:
            trunk.ended(self._clock.monotonic() - 1)
        self.withdraw(attempt, because)

    def on_presence(self, presence: Presence) -> None:
        if presence is self.presence:
            return
        self.presence = presence
        self.presence_changed.set()
        self.changed.set()

    def on_call(self, event: Event) -> None:
        found = self._live.get(event.attempt_id)
        if found is None:
            log.debug("late_event", attempt=event.attempt_id, event_type=type(event).__name__)
            for tell_of_other in self.others:
                tell_of_other(event)
            return
        before = found.call.state
        found.call = call = step(found.call, event)
        carried_by = _only(found.trunks)
        if isinstance(event, Rang | Answered | MessageStarted) and carried_by:
            carried_by.showed_life()
        if isinstance(event, Started) and before is State.PLACED and carried_by:
            carried_by.left(found.since, self._clock.monotonic())
        if call.state is not before:
            log.debug("call", attempt=call.attempt_id, state=call.state)
        if isinstance(event, Ended) and before not in (State.ENDING, State.ENDED):
            for trunk in found.trunks:
                trunk.ended(self._clock.monotonic())
        for tell in self.watchers:
            tell(found, event)
        if found.is_orphaned and call.state is State.ENDING:
            self.on_message_ended(call.attempt_id, timedelta(), whole=False, failed=True)
        elif call.is_over:
            self._conclude(found)

    def on_greeted(self, attempt_id: str) -> None:
        self.on_call(Greeted(attempt_id, self._clock.now()))

    def on_waiting(self, attempt_id: str) -> None:
        self.on_call(Waiting(attempt_id, self._clock.now()))

    def on_agent_asked(self, attempt_id: str) -> None:
        self.on_call(AgentAsked(attempt_id, self._clock.now()))

    def on_message_started(self, attempt_id: str) -> None:
        self.on_call(MessageStarted(attempt_id, self._clock.now()))

    def on_message_ended(
        self,
        attempt_id: str,
        heard: timedelta,
        *,
        whole: bool,
        failed: bool = False,
        broken_off: bool = False,
        unidentified: bool = False,
        answers: Answers = NO_ANSWERS,
        flow: str | None = None,
        is_left: bool = False,
    ) -> None:
        now = self._clock.now()
        self.on_call(
            MessageEnded(attempt_id, now, heard, whole, failed, broken_off, unidentified, answers, flow, is_left)
        )

    def _conclude(self, found: LiveCall) -> None:
        del self._live[found.attempt.id]
        call, outcome, trunk = found.call, disposition(found.call), _only(found.trunks)
        if trunk and outcome in TRUNK_FAILURES:
            trunk.failed(self._clock.monotonic())
        elif trunk and outcome is not Disposition.LOST:
            trunk.showed_life()
        if not found.is_called_off:
            self._note_flow(call)
        log.info(
            "call_ended",
            attempt=call.attempt_id,
            contact=found.attempt.contact_id,
            disposition=outcome,
            trunk=trunk and trunk.name,
            code=call.platform_code or None,
        )
        self._over(Conclusion(found.attempt, call, outcome, trunk.name if trunk else None))
        self.changed.set()

    def _follow(self, call: LiveCall) -> None:
        self._live[call.attempt.id] = call
        self.most_live = max(self.most_live, len(self._live))

    def _note_flow(self, call: Call) -> None:
        """Whether an answered call reached its flow; one that was lost may have, one from before a crash could not."""
        if call.message_at is not None or call.waiting_at is not None or call.greeted_at is not None:
            self._routes.flow_began()
        elif (
            call.answered_at is not None
            and call.joined_at is None
            and call.end is not End.LOST
            and call.started_at is not None
        ):
            self._routes.flow_missed(self._clock.monotonic())


def _only(trunks: Sequence[Trunk]) -> Trunk | None:
    return trunks[0] if len(trunks) == 1 else None
