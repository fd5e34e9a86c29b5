"""Where does time come from? One source for everything, so that tests and simulations can turn it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, UTC and aware."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for pacing and time limits."""
        ...


IdSource = Callable[[datetime], str]  # a new attempt id, 32 lowercase hex characters, sortable by its moment
