"""When do tests happen, and in which units do they count?"""

import asyncio
from datetime import UTC, datetime, timedelta

MS, SECOND, MINUTE = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)  # eleven in Warsaw, a working day


async def passes(span: timedelta) -> None:
    """Let simulated time pass."""
    await asyncio.sleep(span.total_seconds())
