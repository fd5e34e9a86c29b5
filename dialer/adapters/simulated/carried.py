"""What was seen at the carrier behind a simulated switch? Kept apart from the engine, to judge it by."""

from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import floor

from dialer.adapters.carrier.calllog import Call
from dialer.core.call import Answered, Ended, Event
from dialer.core.trunks import GOODBYE, TrunkLimits
from dialer.model import OutgoingCall

_SECOND = timedelta(seconds=1)
_LETTING_GO = timedelta(seconds=GOODBYE)
_NEARLY = 0.9  # of the rate, in a second: no more leave, so that none is ever too many


@dataclass(frozen=True, slots=True)
class Carried(Call):
    """A call as the carrier saw it; its kind is the end that it came to."""

    attempt_id: str
    caller: str
    ring_time: timedelta  # after which we give up


class CarrierLog:
    """Hears of every call that is placed and of what happens to it."""

    def __init__(self, limits: TrunkLimits) -> None:
        self.calls: list[Carried] = []  # those that are over, in the order of their ends
        self.placed_twice: list[str] = []
        self.machines: set[str] = set()  # calls whose far sides greet as machines do, to an engine that asks
        self.filled_at = datetime.min.replace(tzinfo=UTC)  # when last a call took all the room that the trunk had
        self._limits = limits
        self._ids: set[str] = set()
        self._times: Counter[tuple[str, str]] = Counter()
        self._open: dict[str, Carried] = {}
        self._leaving: deque[datetime] = deque()
        self._starts: deque[datetime] = deque()

    @property
    def placed(self) -> int:
        return len(self._ids)

    @property
    def at_once(self) -> int:
        """Calls that exist now."""
        return len(self._open)

    def on_placed(self, call: OutgoingCall, at: datetime) -> None:
        if call.attempt_id in self._ids:
            self.placed_twice.append(call.attempt_id)
        self._ids.add(call.attempt_id)
        called = (call.caller_number, call.number)
        self._times[called] += 1
        self._open[call.attempt_id] = Carried(
            call.number,
            self._times[called],
            "",
            at,
            None,
            at,
            call.attempt_id,
            call.caller_number,
            call.ring_time,
        )
        self._starts.append(at)
        if self._is_full(at):
            self.filled_at = at

    def on_call(self, event: Event) -> None:
        match event:
            case Answered(attempt_id=identity, at=at) if identity in self._open:
                self._open[identity] = replace(self._open[identity], answered=at)
            case Ended(attempt_id=identity, at=at, why=end) if identity in self._open:
                self.calls.append(replace(self._open.pop(identity), kind=end, ended=at))
                self._leaving.append(at)

    def _is_full(self, now: datetime) -> bool:
        while self._leaving and self._leaving[0] <= now - _LETTING_GO:
            self._leaving.popleft()
        while self._starts[0] <= now - _SECOND:
            self._starts.popleft()
        return len(self._open) + len(self._leaving) >= self._limits.concurrent_calls or len(self._starts) >= max(
            1, floor(_NEARLY * self._limits.calls_per_second)
        )
