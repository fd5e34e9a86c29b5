"""Is everybody told of everything, in order, whatever receivers and crashes do?"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from dialer.adapters.simulated.time import LoopClock
from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.feed import EventType, FeedEvent
from dialer.core.webhooks import GIVEN_UP_AFTER, Answered, WebhookState
from dialer.ports.store import Webhook, WebhookChange
from dialer.webhooks import NOTED_EVERY, Telling
from tests.support.clock import MONDAY, SECOND, passes
from tests.support.engines import in_virtual_time

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OK, FAILS = Answered(200), Answered(500)
URL, OTHER = "https://crm.example/", "https://letters.example/"

Behaviour = Callable[[int], Answered]  # by the event's number


def well(_: int) -> Answered:
    return OK


@dataclass
class Receivers:
    """The Courier port: receivers that behave as a test wants, and remember."""

    behaves: dict[str, Behaviour] = field(default_factory=dict)
    takes: timedelta = timedelta()
    heard: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # every try
    taken: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # those answered with 2xx
    ids: dict[str, int] = field(default_factory=dict)

    async def bring(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        seq = json.loads(body)["data"]["seq"]
        assert self.ids.setdefault(headers["webhook-id"], seq) == seq
        self.heard[url].append(seq)
        await asyncio.sleep(self.takes.total_seconds())
        behaves = self.behaves.get(url, well)
        answered = behaves(seq)
        if answered is OK:
            self.taken[url].append(seq)
        return answered


class Calm(SqlStore):
    """A store that does not look every second for events of other processes: there are days of seconds here."""

    async def event_after(self, seq: int, client_id: str | None = None) -> int:
        while True:
            news = self._db.news.next
            if (last := await self.last_event(client_id)) > seq:
                return last
            await news.wait()


@dataclass
class Office:
    """A store, those who are told from it, and whoever tells them."""

    database: Database
    store: SqlStore
    receivers: Receivers
    clock: LoopClock
    look: timedelta = SECOND
    running: asyncio.Task[None] | None = None

    async def happen(self, times: int, client: str = "CL-A", type_: EventType = EventType.WRONG_NUMBER) -> None:
        await self.database.write(append, [FeedEvent(type_, self.clock.now(), client, "A/1")] * times)

    async def subscribe(self, url: str = URL, client: str | None = None, *types: EventType) -> Webhook:
        return await self.store.add_webhook(client, url, types or None, "whsec_AAAA", 0, "cli", self.clock.now())

    def start(self) -> None:
        telling = Telling(self.store, self.receivers, self.clock, self.look)
        self.running = asyncio.create_task(telling.run())

    async def kill(self) -> None:
        """What was in memory is lost."""
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError):
                await self.running
            self.running = None

    async def now(self, webhook: Webhook) -> Webhook:
        found = await self.store.webhook(webhook.id, self.clock.now())
        assert found is not None
        return found


@asynccontextmanager
async def office(folder: Path, receivers: Receivers | None = None, look: timedelta = SECOND) -> AsyncIterator[Office]:
    database = Database(f"sqlite:///{folder}/dzwonek.db")
    database.migrate()
    made = Office(database, Calm(database), receivers or Receivers(), LoopClock(MONDAY), look)
    try:
        yield made
    finally:
        await made.kill()
        await database.close()


@in_virtual_time
async def test_everything_is_told_in_order_and_once_when_all_goes_well(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        webhook = await o.subscribe()
        o.start()
        for _ in range(3):
            await o.happen(70)
            await passes(2 * SECOND)
        assert o.receivers.heard[URL] == [*range(1, 211)]
        assert (await o.now(webhook)).told == 210


@in_virtual_time
async def test_an_event_is_told_at_once_when_it_happens(tmp_path: Path) -> None:
    async with office(tmp_path, look=HOUR) as o:
        await o.subscribe()
        o.start()
        await passes(SECOND)
        await o.happen(1)
        await passes(SECOND)
        assert o.receivers.heard[URL] == [1]


@in_virtual_time
async def test_a_client_is_told_of_its_own_and_of_the_types_it_wants(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        client, settled = await o.subscribe(URL, "CL-A"), await o.subscribe(OTHER, None, EventType.CASE_SETTLED)
        o.start()
        await o.happen(2, "CL-A")
        await o.happen(2, "CL-B", EventType.CASE_SETTLED)
        await o.happen(1, "")
        await passes(3 * SECOND)
        assert o.receivers.heard == {URL: [1, 2], OTHER: [3, 4]}
        assert ((await o.now(client)).told, (await o.now(settled)).told) == (5, 5)


@in_virtual_time
async def test_what_fails_holds_up_what_follows_and_nobody_else(tmp_path: Path) -> None:
    receivers = Receivers({URL: lambda seq: FAILS if seq == 3 else OK})
    async with office(tmp_path, receivers) as o:
        webhook = await o.subscribe(URL)
        await o.subscribe(OTHER)
        o.start()
        await o.happen(5)
        await passes(SECOND)
        assert receivers.taken == {URL: [1, 2], OTHER: [1, 2, 3, 4, 5]}
        shown = await o.now(webhook)
        assert (shown.told, shown.tries, shown.because) == (2, 1, "answered 500")

        receivers.behaves.clear()
        await passes(10 * SECOND)
        assert receivers.taken[URL] == [1, 2, 3, 4, 5]
        assert ((await o.now(webhook)).tries, (await o.now(webhook)).because) == (0, None)


@in_virtual_time
async def test_after_days_an_event_becomes_a_dead_letter_and_the_next_is_told(tmp_path: Path) -> None:
    receivers = Receivers({URL: lambda seq: FAILS if seq == 2 else OK})
    async with office(tmp_path, receivers, look=HOUR / 4) as o:
        webhook = await o.subscribe()
        o.start()
        await o.happen(3)
        await passes(GIVEN_UP_AFTER - HOUR)
        assert receivers.taken[URL] == [1]
        await passes(DAY)
        assert receivers.taken[URL] == [1, 3]
        [letter] = await o.store.dead_letters(webhook.id, 0, 10)
        assert (letter.seq, letter.because) == (2, "answered 500")
        assert letter.tries == receivers.heard[URL].count(2)

        receivers.behaves.clear()
        await o.store.replay_webhook(webhook.id, 1, "cli", o.clock.now())
        await passes(HOUR)
        assert receivers.taken[URL] == [1, 3, 2, 3]


@in_virtual_time
async def test_a_receiver_that_is_gone_is_left_alone_until_somebody_goes_on(tmp_path: Path) -> None:
    receivers = Receivers({URL: lambda seq: Answered(410)})
    async with office(tmp_path, receivers) as o:
        webhook = await o.subscribe()
        o.start()
        await o.happen(3)
        await passes(HOUR / 60)
        assert receivers.heard[URL] == [1]
        assert (await o.now(webhook)).state is WebhookState.GONE

        receivers.behaves.clear()
        await o.store.change_webhook(webhook.id, WebhookChange(is_paused=False), "cli", o.clock.now())
        await passes(3 * SECOND)
        assert receivers.taken[URL] == [1, 2, 3]


@in_virtual_time
async def test_a_pause_ends_what_is_being_told_within_a_few_events(tmp_path: Path) -> None:
    receivers = Receivers(takes=SECOND / 10)
    async with office(tmp_path, receivers) as o:
        webhook = await o.subscribe()
        o.start()
        await o.happen(90)
        await passes(SECOND)
        await o.store.change_webhook(webhook.id, WebhookChange(is_paused=True), "cli", o.clock.now())
        begun = len(receivers.heard[URL])
        await passes(HOUR / 60)
        assert len(receivers.heard[URL]) - begun <= NOTED_EVERY

        await o.store.change_webhook(webhook.id, WebhookChange(is_paused=False), "cli", o.clock.now())
        await passes(HOUR / 60)
        assert sorted(set(receivers.taken[URL])) == [*range(1, 91)]


@pytest.mark.parametrize("seed", range(8))
@in_virtual_time
async def test_whatever_goes_wrong_nothing_is_lost_and_order_is_kept(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)

    def capricious(seq: int) -> Answered:
        """Half of the time it fails, answers with a redirect, hangs until it is given up, or its answer is lost."""
        return chance.choice([OK, OK, OK, OK, FAILS, Answered(302), Answered(None, "did not answer in time")])

    receivers = Receivers({URL: capricious, OTHER: capricious}, takes=SECOND / 5)
    async with office(tmp_path, receivers, look=5 * SECOND) as o:
        webhooks = [await o.subscribe(URL), await o.subscribe(OTHER, "CL-A")]
        for _ in range(6):
            await o.happen(chance.randrange(40))
            o.start()
            await passes(chance.uniform(0, 20) * SECOND)
            await o.kill()
        receivers.behaves.clear()
        o.start()
        await passes(HOUR)

        last = await o.store.last_event()
        for url, webhook in zip((URL, OTHER), webhooks, strict=True):
            first = list(dict.fromkeys(receivers.taken[url]))
            assert first == [*range(1, last + 1)], "all of them, the first time of each in order"
            assert (await o.now(webhook)).told == last
            for seq in set(receivers.heard[url]):
                begun = receivers.heard[url].index(seq)
                assert set(range(1, seq)) <= set(receivers.heard[url][:begun])
