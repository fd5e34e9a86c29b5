"""Has it come in time? One limit, set again and again, and nearly always met."""

import asyncio
from collections.abc import Callable
from datetime import timedelta


class Deadline:
    """Calls ``missed`` when the limit set last has passed."""

    __slots__ = ("_due", "_missed", "_timer")

    def __init__(self, missed: Callable[[], None]) -> None:
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # in the loop's own time

    def expect_within(self, limit: timedelta) -> None:
        """A timer that would ring too early is left alone and set again when it rings: nearly everything is in time."""
        loop = asyncio.get_running_loop()
        self._due = loop.time() + limit.total_seconds()
        if self._timer and self._timer.when() > self._due:
            self.expect_nothing()
        if not self._timer:
            self._timer = loop.call_at(self._due, self._ring)

    def expect_nothing(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._due:
            self._timer = loop.call_at(self._due, self._ring)
        else:
            self._timer = None
            self._missed()
