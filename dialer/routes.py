"""Which trunks are there, what do they carry now, and when does one take the next call?

Keeps count of all of them; how one is chosen is in core/routes.py. Moments are monotonic seconds.
"""

from collections.abc import Sequence
from math import ceil

from dialer.core import routes, trunks
from dialer.core.routes import Load, Route
from dialer.core.trunks import Health
from dialer.trunk import Trunk


class Routes:
    def __init__(self, all_routes: Sequence[Route]) -> None:
        self.trunks = tuple(Trunk(route) for route in all_routes)
        self.flow_health = Health()  # of what answered calls are to hear: people must not answer into silence
        self._by_route = {trunk.route: trunk for trunk in self.trunks}

    def is_open(self, now: float) -> bool:
        """Whether calls may be placed at all, be it single ones."""
        return self.flow_health.is_open(now) and any(trunk.health.is_open(now) for trunk in self.trunks)

    def room(self, now: float, caller_number: str | None = None) -> int:
        """How many calls may be prepared now; single ones while answered calls are not known to reach their flow."""
        if not self.flow_health.is_open(now):
            return 0
        room = sum(load.room for load in self._usable(now, caller_number))
        if not self.flow_health.closures:
            return room
        return min(room, 1) if all(trunk.has_rested(now) for trunk in self.trunks) else 0

    def free(self, now: float) -> int:
        """How many calls would be carried besides those that are."""
        return sum(trunk.free(now) for trunk in self.trunks if trunk.health.is_open(now))

    def portion(self, span: float) -> int:
        """The calls that can leave within so many seconds."""
        return ceil(sum(trunk.limits.calls_per_second for trunk in self.trunks) * span)

    def next_start(self, now: float, caller_number: str | None = None) -> float:
        return min((load.next_start for load in self._usable(now, caller_number)), default=now)

    def takes_more(self, outstanding: int) -> bool:
        """Whether the switch, with so many calls that it has not begun, may be sent another."""
        return any(trunks.takes_more(trunk.limits, outstanding) for trunk in self.trunks)

    def choose(self, caller_number: str, now: float) -> Trunk | None:
        """The trunk for the next call; None: there is none for that number now."""
        route = routes.choose(self._loads(now), caller_number, now)
        return self._by_route[route] if route else None

    def flow_began(self) -> None:
        self.flow_health = trunks.after_sign_of_life(self.flow_health)

    def flow_missed(self, now: float) -> None:
        self.flow_health = trunks.after_failure(self.flow_health, now)

    def _usable(self, now: float, caller_number: str | None) -> Sequence[Load]:
        return routes.usable(self._loads(now), caller_number)

    def _loads(self, now: float) -> list[Load]:
        return [
            Load(trunk.route, trunk.in_flight(now), trunk.room(now), trunk.next_start(now)) for trunk in self.trunks
        ]
