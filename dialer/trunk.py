"""Which calls does the trunk carry now, and when does it take the next one?"""

from collections import deque

from dialer.core import trunks
from dialer.core.trunks import Health, TrunkLimits


class Trunk:
    """Keeps count; the rules are in core/trunks.py. Moments are monotonic seconds."""

    def __init__(self, limits: TrunkLimits) -> None:
        self.limits = limits
        self.health = Health()  # of the network
        self.flow_health = Health()  # of what answered calls are to hear: people must not answer into silence
        self.most_in_flight = 0
        self._carried = 0
        self._leaving: deque[float] = deque()
        self._starts: deque[float] = deque(maxlen=max(trunks.memory(limits), 16))

    def in_flight(self, now: float) -> int:
        """Calls that the carrier may still count."""
        while self._leaving and self._leaving[0] <= now - trunks.GOODBYE:
            self._leaving.popleft()
        return self._carried + len(self._leaving)

    def is_open(self, now: float) -> bool:
        """Whether calls may be placed at all, be it single ones."""
        return self.health.is_open(now) and self.flow_health.is_open(now)

    def room(self, now: float) -> int:
        """How many calls may be prepared for it; none while it is closed, single ones until one gets through again."""
        if not self.is_open(now):
            return 0
        free = self.free(now)
        if self.health.closures or self.flow_health.closures:
            has_rested = not self._starts or now - self._starts[-1] >= trunks.SHORTEST_CLOSURE
            return min(free, 1) if has_rested else 0
        return free

    def free(self, now: float) -> int:
        """How many calls it would carry besides those that it carries."""
        return trunks.room(self.limits, self.in_flight(now))

    def next_start(self, now: float) -> float:
        return trunks.next_start(self.limits, self._starts, now)

    def began(self, now: float) -> None:
        self._starts.append(now)
        self.adopted()

    def adopted(self) -> None:
        """A call that an earlier run of the engine placed."""
        self._carried += 1
        self.most_in_flight = max(self.most_in_flight, self._carried)

    def ended(self, now: float) -> None:
        self._carried -= 1
        self._leaving.append(now)

    def flow_began(self) -> None:
        self.flow_health = trunks.after_sign_of_life(self.flow_health)

    def flow_missed(self, now: float) -> None:
        self.flow_health = trunks.after_failure(self.flow_health, now)

    def showed_life(self) -> None:
        self.health = trunks.after_sign_of_life(self.health)

    def failed(self, now: float) -> None:
        self.health = trunks.after_failure(self.health, now)
