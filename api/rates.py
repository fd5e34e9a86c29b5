"""Does somebody ask too often, or for too much at once?"""

import math
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

import structlog

from api.problems import Problem
from api.sender import Sender
from api.service import ApiLimits
from dialer.core.rates import Bucket, Rate, taken

BUSY = timedelta(seconds=5)  # after which a long job is tried again

log = structlog.get_logger(__name__)


class Rates:
    """Of every sender by name: there are as many as there are keys and people."""

    def __init__(self, limits: ApiLimits) -> None:
        self._limits = limits
        self._buckets: dict[str, Bucket] = {}
        self._long: Counter[str] = Counter()

    def admit(self, sender: Sender, now: float) -> None:
        """Problem 429: the sender has to wait."""
        rate = Rate.of(sender.per_second, self._limits.rate)
        if rate is None:
            return
        self._buckets[sender.name], wait = taken(self._buckets.get(sender.name), rate, now)
        if wait:
            log.info("request_put_off", by=sender.actor)
            raise wait_for(
                wait, f"more than {rate.per_second:g} requests per second: wait, and send it again", "too_many"
            )

    @asynccontextmanager
    async def long_job(self, name: str) -> AsyncIterator[None]:
        """For as long as the block runs; Problem 429: so many go on already."""
        if self._long[name] >= self._limits.long_jobs or self._long.total() >= self._limits.all_long_jobs:
            detail = f"{self._long[name]} long requests of yours go on, {self._long.total()} altogether: let one end"
            raise wait_for(BUSY, detail, "too_many_at_once")
        self._long[name] += 1
        try:
            yield
        finally:
            self._long[name] -= 1
            if not self._long[name]:
                del self._long[name]


def wait_for(time: timedelta, detail: str, code: str) -> Problem:
    seconds = str(max(1, math.ceil(time.total_seconds())))
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, code=code, headers={"Retry-After": seconds})
