"""When do tests happen, and in which units do they count?"""

import asyncio
from datetime import UTC, datetime, timedelta

MS, SECOND, MINUTE = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)  # eleven in Warsaw, a working day


class StillClock:
    """The Clock port, standing until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return MONDAY + timedelta(seconds=self.seconds - 1000)

    def monotonic(self) -> float:
        return self.seconds

    def move(self, span: timedelta) -> None:
        self.seconds += span.total_seconds()


async def passes(span: timedelta) -> None:
    """Let simulated time pass."""
    await asyncio.sleep(span.total_seconds())
