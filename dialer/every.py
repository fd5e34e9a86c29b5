"""How is something looked after from time to time, although the database may fail?"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from dialer.ports.store import StoreFailed

log = structlog.get_logger(__name__)


async def every(interval: timedelta, look: Callable[[], Awaitable[None]], name: str) -> None:
    """Look again and again, for as long as this runs; a look that the database fails is made up for by the next."""
    while True:
        try:
            await look()
        except StoreFailed as error:
            log.warning("look_postponed", at=name, because=str(error))
        await asyncio.sleep(interval.total_seconds())
