"""Which calls and agents are live now, and for how long?"""

from dataclasses import dataclass

from dialer.core.durations import Floats


@dataclass(frozen=True, slots=True)
class Live:
    """Ages in s; the chance of each ringing call is the one it had before the first ring."""

    free: int
    talking: Floats
    wrapping_up: Floats
    ringing: Floats
    chances: Floats
    waiting: int = 0  # answered calls that no agent has been found for yet

    @property
    def agents(self) -> int:
        return self.free + len(self.talking) + len(self.wrapping_up)
