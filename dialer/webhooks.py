"""How are those who want to be told of events told of each, in order, and once more until they have heard it?

Each subscription has one delivery on its way at most, so its order is the feed's. What is noted in its row is behind
what was delivered, never ahead: after a crash some events are told again, under the same id, and none is left out.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from dialer.core.webhooks import Verdict, WebhookState, following, headers, message
from dialer.ports import Clock
from dialer.ports.courier import Courier
from dialer.ports.store import DeadLetter, FeedEntry, Progress, Store, StoreFailed, Webhook

LOOK = timedelta(seconds=1)  # how often it is looked for what is due
PAGE = 100  # events that are read at once
NOTED_EVERY = 20  # deliveries; so many are told again after a crash, at most
AT_ONCE = 64  # subscriptions that are told something at the same time

log = structlog.get_logger(__name__)


class Telling:
    def __init__(self, store: Store, courier: Courier, clock: Clock, look: timedelta = LOOK) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self._look = look
        self._busy: set[int] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Tell whatever is due, until it is cancelled."""
        last = 0
        async with asyncio.TaskGroup() as tasks:
            while True:
                try:
                    for webhook in await self._store.due_webhooks(self._clock.now()):
                        if webhook.id not in self._busy:
                            self._busy.add(webhook.id)
                            tasks.create_task(self._serve(webhook))
                    last = await self._news(last)
                except StoreFailed as error:
                    log.warning("webhooks_waiting", because=str(error))
                    await asyncio.sleep(self._look.total_seconds())

    async def _news(self, last: int) -> int:
        """Wait for an event, but no longer than until something else may be due; the number of the last one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._look.total_seconds()):
                return await self._store.event_after(last)
        return last

    async def _serve(self, webhook: Webhook) -> None:
        try:
            async with self._room:
                await self._tell(webhook)
        except StoreFailed as error:
            log.warning("webhook_waiting", webhook=webhook.id, because=str(error))
        finally:
            self._busy.discard(webhook.id)

    async def _tell(self, webhook: Webhook) -> None:
        """Everything that it has not been told yet, until it fails to listen."""
        told = webhook.told
        while page := await self._store.events(told, PAGE, webhook.client_id, types=webhook.types):
            if not await self._page(webhook, told, page):
                return
            told = page[-1].seq
            webhook = await self._store.webhook(webhook.id, self._clock.now()) or webhook
            if webhook.told != told or webhook.state is not WebhookState.ACTIVE:  # somebody has changed it meanwhile
                return
        end = await self._store.last_event()
        if end > told:  # what came since is of no concern to it
            await self._nothing_until(webhook, told, end)

    async def _nothing_until(self, webhook: Webhook, told: int, end: int) -> None:
        if not await self._store.events(told, 1, webhook.client_id, types=webhook.types):
            await self._store.told_webhook(webhook, Progress(end))

    async def _page(self, webhook: Webhook, told: int, page: Sequence[FeedEntry]) -> bool:
        """Whether all of it was told, and noted."""
        tries, since = webhook.tries, webhook.tried_since
        for place, entry in enumerate(page, 1):
            began = self._clock.now()
            body = message(entry.seq, entry.previous, entry.event)
            answered = await self._courier.bring(webhook.url, body, headers(entry.seq, body, webhook.secrets, began))
            now, tries, since = self._clock.now(), tries + 1, since or began
            step = following(answered, tries, since, now)
            match step.verdict:
                case Verdict.DELIVERED:
                    told = entry.seq
                    is_noted = place % NOTED_EVERY != 0 and place != len(page)
                    if not is_noted and not await self._store.told_webhook(webhook, Progress(told)):
                        return False
                case Verdict.AGAIN:
                    log.info("webhook_failed", webhook=webhook.id, seq=entry.seq, tries=tries, why=answered.reason)
                    waiting = Progress(told, tries, since, step.at, answered.reason)
                    await self._store.told_webhook(webhook, waiting)
                    return False
                case Verdict.GIVEN_UP:
                    log.warning("webhook_gave_up", webhook=webhook.id, seq=entry.seq, tries=tries, why=answered.reason)
                    dead = DeadLetter(entry.seq, tries, answered.reason, now)
                    await self._store.told_webhook(webhook, Progress(entry.seq, because=answered.reason), dead)
                    return False
                case Verdict.GONE:
                    log.warning("webhook_gone", webhook=webhook.id, seq=entry.seq)
                    gone = Progress(told, because=answered.reason, state=WebhookState.GONE)
                    await self._store.told_webhook(webhook, gone)
                    return False
            tries, since = 0, None
        return True
