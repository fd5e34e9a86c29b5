"""When do tests happen?"""

import asyncio
from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)  # eleven in Warsaw, a working day


async def passes(span: timedelta) -> None:
    """Let simulated time pass."""
    await asyncio.sleep(span.total_seconds())
