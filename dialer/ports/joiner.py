"""How is an answered call that waits joined with an agent?"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NailedUp:
    """The agent's telephone is on the line."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """The agent's telephone is called for this caller."""

    agent_id: str
    phone: str
    ring_time: timedelta


Way = NailedUp | Ringing


class Joiner(Protocol):
    """Joins calls that wait for an agent; what is behind it shows only in its adapter."""

    def join(self, attempt_id: str, way: Way) -> bool:
        """Let the two hear each other; False if the call does not wait (any more): nothing was done then."""
        ...

    def callee_left(self, attempt_id: str) -> None:
        """The callee of a call that may still wait has hung up."""
        ...
