"""Whose last calling window has passed? Contacts that can never be called again are finished, and say so."""

from datetime import timedelta

import structlog

from dialer.core import windows
from dialer.every import every
from dialer.lanes import Lanes
from dialer.model import FinishReason
from dialer.ports import Clock
from dialer.ports.store import Ledger

EVERY = timedelta(minutes=1)
PORTION = 500  # contacts finished in one transaction; those who save and conclude calls get their turn in between

log = structlog.get_logger(__name__)


class Expiry:
    def __init__(self, ledger: Ledger, lanes: Lanes, clock: Clock) -> None:
        self._ledger = ledger
        self._lanes = lanes
        self._clock = clock

    async def run(self) -> None:
        await every(EVERY, self.look, "expire")

    async def look(self) -> None:
        """Finish the contacts of every lane whose span ends before another window opens."""
        now = self._clock.now()
        for lane in self._lanes.all_running():
            # Without an end a plan may still get windows: only a span that has passed is final.
            if lane.hours.not_after is not None and windows.next_open(lane.hours, now) is None:
                while finished := await self._ledger.finish_lane(lane.id, FinishReason.EXPIRED, now, PORTION):
                    log.info("contacts_expired", campaign=lane.campaign_id, batch=lane.batch_id, contacts=finished)
