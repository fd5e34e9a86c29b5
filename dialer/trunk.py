"""Which calls does a trunk carry now, and when does it take the next one?"""

from collections import deque

from dialer.core import trunks
from dialer.core.routes import Route
from dialer.core.trunks import Health, TrunkLimits


class Trunk:
    """Keeps count; the rules are in core/trunks.py. Moments are monotonic seconds."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.health = Health()  # of the network behind it
        self._carried = 0
        self._leaving: deque[float] = deque()
        self._usual = 0.0  # s that the switch takes to begin a call
        self._starts: deque[float] = deque(maxlen=max(trunks.memory(route.limits), 16))

    @property
    def name(self) -> str:
        return self.route.name

    @property
    def limits(self) -> TrunkLimits:
        return self.route.limits

    def in_flight(self, now: float) -> int:
        """Calls that the carrier may still count."""
        while self._leaving and self._leaving[0] <= now - trunks.GOODBYE:
            self._leaving.popleft()
        return self._carried + len(self._leaving)

    def room(self, now: float) -> int:
        """How many calls may be prepared for it; none while it is closed, single ones until one gets through again."""
        if not self.health.is_open(now):
            return 0
        free = self.free(now)
        if self.health.closures:
            return min(free, 1) if self.has_rested(now) else 0
        return free

    def free(self, now: float) -> int:
        """How many calls it would carry besides those that it carries."""
        return trunks.room(self.limits, self.in_flight(now))

    def has_rested(self, now: float) -> bool:
        """Whether so much time has passed since its last call that a single one may find out how things are."""
        return not self._starts or now - self._starts[-1] >= trunks.SHORTEST_CLOSURE

    def next_start(self, now: float) -> float:
        return trunks.next_start(self.limits, self._starts, now)

    def began(self, now: float) -> None:
        self._starts.append(now)
        self.adopted()

    def left(self, began: float, now: float) -> None:
        """The switch has begun the call that was sent then; one that it held up counts from when it left."""
        took = now - began
        late = trunks.held_up(took, self._usual)
        self._usual += (took - self._usual) / trunks.USUAL
        if late and began in self._starts:
            self._starts[self._starts.index(began)] = began + late

    def adopted(self) -> None:
        """A call that an earlier run of the engine placed."""
        self._carried += 1

    def ended(self, now: float) -> None:
        self._carried -= 1
        self._leaving.append(now)

    def showed_life(self) -> None:
        self.health = trunks.after_sign_of_life(self.health)

    def failed(self, now: float) -> None:
        self.health = trunks.after_failure(self.health, now)
