"""Which promises to pay were kept, which were broken, and who is to be reminded of one?"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from dialer.core.cases import PromiseState
from dialer.core.plan import CampaignSettings
from dialer.core.promises import Speaks, judged, reminded_on
from dialer.every import every
from dialer.lanes import Lanes
from dialer.ports import Clock
from dialer.ports.store import Campaigns, JudgedPromise, OpenPromise, Promises

EVERY = timedelta(minutes=1)
AHEAD = timedelta(days=15)  # reminders come before the day: on the last working one
PORTION = 500  # judged in one transaction; those who save and conclude calls get their turn in between

log = structlog.get_logger(__name__)


class PromiseKeeping:
    def __init__(
        self, promises: Promises, campaigns: Campaigns, lanes: Lanes, clock: Clock, portion: int = PORTION
    ) -> None:
        self._promises = promises
        self._campaigns = campaigns
        self._lanes = lanes
        self._clock = clock
        self._portion = portion

    async def run(self) -> None:
        await every(EVERY, self.look, "promises")

    async def look(self) -> None:
        """Judge every promise of which something has come."""
        campaigns = {each.id: each.settings for each in await self._campaigns.campaigns(None)}
        after, found = 0, list[OpenPromise]()
        while not after or len(found) == self._portion:
            now = self._clock.now()
            found = list(await self._promises.open_promises((now + AHEAD).date(), after, self._portion))
            told = [verdict for each in found if (verdict := self._judged(each, campaigns[each.campaign_id]))]
            if told and (changed := await self._promises.judge_promises(told, now)):
                log.info("promises_judged", promises=changed, **_counted(told))
            if not found:
                return
            after = found[-1].key

    def _judged(self, each: OpenPromise, settings: CampaignSettings) -> JudgedPromise | None:
        """None: nothing has come of it."""
        if not self._lanes.knows(each.lane_id):
            return None
        day = self._clock.now().astimezone(self._lanes.rules(each.lane_id).hours.timezone).date()
        rules = settings.promise_rules(settings.holidays)
        state = judged(each.promise, each.balances, each.stand, each.dispute, day, rules)
        if state is not PromiseState.OPEN:
            calls_again = state is PromiseState.BROKEN and Speaks.BROKEN in rules.speaks
            return JudgedPromise(each, state, calls_again)
        reminds = Speaks.REMINDER in rules.speaks and day == reminded_on(each.promise.by, rules)
        return JudgedPromise(each, state, calls_again=True) if reminds and not each.is_reminded else None


def _counted(told: Sequence[JudgedPromise]) -> dict[str, int]:
    return {state.value: sum(each.state is state for each in told) for state in PromiseState}
