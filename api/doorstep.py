"""Does somebody whom we do not know yet ask too often?

To find out who it is takes a core for a moment (Argon2), which calls need more.
"""

import structlog

from api.rates import wait_for
from dialer.core.rates import Bucket, Rate, taken

MOST = 10_000  # addresses that are remembered

log = structlog.get_logger(__name__)


class Doorstep:
    """Of every address from which somebody would come in; ``rate`` None: as often as they like."""

    def __init__(self, rate: Rate | None) -> None:
        self._rate = rate
        self._buckets: dict[str, Bucket] = {}

    def admit(self, address: str, now: float) -> None:
        """Problem 429: they have to wait."""
        if self._rate is None:
            return
        if len(self._buckets) >= MOST:
            self._forget(self._rate, now)
        self._buckets[address], wait = taken(self._buckets.get(address), self._rate, now)
        if wait:
            log.warning("stranger_put_off", peer=address)
            raise wait_for(wait, "too many have tried from your address: wait, and try again", "too_many")

    def _forget(self, rate: Rate, now: float) -> None:
        """Those that may ask as much as somebody new; were all of them busy, everybody may begin anew."""
        full = rate.burst / rate.per_second
        kept = {address: each for address, each in self._buckets.items() if now - each.at < full}
        self._buckets = kept if len(kept) < MOST else {}
