"""Who asked, by a key, for no more calls? The wish is kept soon after the call, and tried again until it is."""

import asyncio
from datetime import timedelta

import structlog

from dialer.cases.suppress import Suppressing
from dialer.core.feed import CALLEE
from dialer.core.suppressions import SuppressionReason, Wish
from dialer.model import Attempt
from dialer.ports.store import Campaigns, StoreFailed

AFTER_TROUBLE = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class OptOuts:
    def __init__(self, suppressing: Suppressing, campaigns: Campaigns) -> None:
        self._suppressing = suppressing
        self._campaigns = campaigns
        self._asked: asyncio.Queue[Attempt] = asyncio.Queue()

    def take(self, attempt: Attempt) -> None:
        """Whoever answered there wants no more calls of the campaign's client."""
        self._asked.put_nowait(attempt)

    async def run(self) -> None:
        while True:
            attempt = await self._asked.get()
            if not await self._is_kept(attempt):
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
                self._asked.put_nowait(attempt)

    async def _is_kept(self, attempt: Attempt) -> bool:
        try:
            campaign = await self._campaigns.campaign(attempt.campaign_id)
            if campaign is not None:
                wish = Wish(campaign.settings.client_id, attempt.number, None, SuppressionReason.OPT_OUT)
                await self._suppressing.suppress(wish, CALLEE)
        except StoreFailed as error:
            log.error("opt_out_not_written", attempt=attempt.id, because=str(error))
            return False
        return True
