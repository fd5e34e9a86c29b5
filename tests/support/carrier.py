"""What do the callees do, and what does the carrier see of the calls?"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.adapters.simulated import Listening, Shares, SimulatedSwitch, Stories, Story
from dialer.adapters.simulated.time import LoopClock
from dialer.core.call import End, Ended, Event, MessageEnded, MessageStarted
from dialer.core.trunks import GOODBYE
from dialer.model import OutgoingCall
from dialer.ports import CallPhase, Presence, SwitchAway
from dialer.track import Tracker
from tests.support.clock import MS, SECOND

BUSY = Story(End.BUSY, ends=300 * MS, starts=50 * MS)
RINGS = Story(End.NO_ANSWER, ends=timedelta.max, starts=50 * MS, rings=SECOND)
LISTENS = Story(
    End.NORMAL, ends=8 * SECOND, starts=50 * MS, rings=SECOND, answers=3 * SECOND, listening=Listening(5 * SECOND, True)
)
LEAVES = replace(LISTENS, ends=5 * SECOND, listening=Listening(2 * SECOND, False))
REFUSED = Story(End.NOT_PLACED, ends=20 * MS, starts=None)

SHARES = Shares(  # of a day of calls, much compressed
    {End.NORMAL: 0.5, End.BUSY: 0.2, End.NO_ANSWER: 0.2, End.NOT_PLACED: 0.1}, rings_for=2 * SECOND, message=3 * SECOND
)


@dataclass(frozen=True, slots=True)
class Carried:
    """A call as the carrier counted it."""

    call: OutgoingCall
    placed: float  # monotonic s
    at: datetime


class Carrier(SimulatedSwitch):
    """The simulated switch, and what is seen at the carrier behind it."""

    def __init__(self, stories: Stories, clock: LoopClock) -> None:
        super().__init__(stories, clock)
        self._time = clock
        self.listener: Tracker | None = None
        self._playing: set[str] = set()
        self.carried: list[Carried] = []
        self.ended: dict[str, float] = {}
        self.refusing = 0  # so many next calls find the link just broken
        self.unlistable = 0  # so many next questions for the live calls are not answered
        self.tells: Callable[[Event], Sequence[tuple[timedelta, Event]]] = lambda event: [(timedelta(), event)]

    def place(self, call: OutgoingCall) -> None:
        if self.refusing:
            self.refusing -= 1
            raise SwitchAway("the link broke")
        super().place(call)
        self.carried.append(Carried(call, self._time.monotonic(), self._time.now()))

    async def live_calls(self) -> dict[str, CallPhase]:
        if self.unlistable:
            self.unlistable -= 1
            raise SwitchAway("no answer")
        return dict(await super().live_calls())

    def _happen(self, event: Event) -> None:
        if isinstance(event, Ended):
            self.ended.setdefault(event.attempt_id, self._time.monotonic())
        if isinstance(event, MessageStarted) and self.listener:
            if not self.listener.to_be_played(event.attempt_id):
                return
            self._playing.add(event.attempt_id)
        if isinstance(event, MessageEnded) and event.attempt_id not in self._playing:
            return  # no flow was found for it, or it died with its engine
        super()._happen(event)

    # The listener of the simulated switch: what is told goes on to the engine, as ``tells`` says.

    def on_call(self, event: Event) -> None:
        for later, told in self.tells(event):
            asyncio.get_running_loop().call_later(later.total_seconds(), self._tell, told)

    def on_presence(self, presence: Presence) -> None:
        if self.listener is not None:
            self.listener.on_presence(presence)

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener.on_call(event)

    # What happens to a switch.

    def cut(self) -> None:
        """The link is gone; the calls are not."""
        self.become(Presence.AWAY)

    def crash(self) -> None:
        """The switch is gone, and every call with it."""
        self.become(Presence.AWAY)
        now = self._time.monotonic()
        self.ended |= dict.fromkeys(self._phases, now)
        self._agenda.clear()
        self._phases.clear()
        self._unbegun.clear()
        self._unheard.clear()

    def leave(self) -> None:
        """Nobody listens any more; a later engine does not hear of calls that end until then."""
        self.listener = None
        self._playing.clear()
        self.become(Presence.AWAY)

    def meet(self, listener: Tracker) -> None:
        """An engine has connected."""
        self._unheard.clear()
        self.listener = listener
        self.become(Presence.READY)

    # What was measured.

    def up_at(self, number: str) -> list[str]:
        """The calls to that number that have not ended."""
        called = [each.call.attempt_id for each in self.carried if each.call.number == number]
        return [attempt for attempt in called if attempt not in self.ended]

    @property
    def numbers(self) -> Counter[str]:
        return Counter(each.call.number for each in self.carried)

    @property
    def most_in_a_second(self) -> int:
        """Calls; any second, and each call up to 20 ms late on its way to the carrier, as it is worst."""
        starts = [each.placed for each in self.carried]
        return max((sum(0 <= later - start < 0.98 for later in starts) for start in starts), default=0)

    @property
    def most_at_once(self) -> int:
        """Calls; the carrier takes its time to let go of one."""
        return self._most_at_once(self.carried)

    @property
    def most_on_trunk(self) -> dict[str, int]:
        """The same for each trunk."""
        trunks = sorted({each.call.trunk for each in self.carried})
        return {name: self._most_at_once([each for each in self.carried if each.call.trunk == name]) for name in trunks}

    def _most_at_once(self, carried: Sequence[Carried]) -> int:
        moments = [(each.placed, 1) for each in carried]
        ends = (self.ended[each.call.attempt_id] for each in carried if each.call.attempt_id in self.ended)
        moments += [(end + 0.9 * GOODBYE, -1) for end in ends]
        at_once = most = 0
        for _, change in sorted(moments):
            at_once += change
            most = max(most, at_once)
        return most
