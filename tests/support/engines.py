"""A whole engine in virtual time: a real database, a simulated switch whose carrier counts, a voice without sound."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import wraps
from itertools import count, pairwise
from pathlib import Path
from typing import Any, ParamSpec

import structlog

from dialer import stopping
from dialer.adapters.placing import PlacingFiles
from dialer.adapters.simulated import Stories, Story
from dialer.adapters.simulated.time import LoopClock, in_simulated_time
from dialer.adapters.store import SqlStore
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.model import CampaignState, Disposition
from dialer.ports.store import AttemptFilter, AttemptView, ContactFilter, ContactView
from tests.support.carrier import BUSY, Carrier
from tests.support.clock import MONDAY, MS, SECOND, passes
from tests.support.failing_database import FailingDatabase
from tests.support.feed import disagreements
from tests.support.migrated import migrated
from tests.support.silent_voice import SilentVoice
from tests.support.stores import row, settings, take

P = ParamSpec("P")

CAMPAIGN = "RENT"


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test whose hours take no time; the engine's log, a line for each of thousands of changes, is left out."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        migrated()  # it needs an event loop of its own
        before = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            in_simulated_time(test(*args, **kwargs))
        finally:
            structlog.configure(**before)

    return run


class World:
    """What a test turns and looks at."""

    def __init__(self, path: Path, clock: LoopClock, stories: Stories, bounds: Bounds) -> None:
        self._path = path
        self.bounds = bounds
        self._serial = count(1)
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self.clock = clock
        self.voice = SilentVoice()
        self.carrier = Carrier(stories, clock)
        self.open_database()

    def open_database(self) -> None:
        self.database = FailingDatabase(f"sqlite:///{self._path}")
        self.store = SqlStore(self.database)
        self.placing = PlacingFiles(self._path.with_suffix(".placing"), hex_digits=self._next_digits)
        self.engine = Engine(self.store, self.voice, self.clock, self.placing.new_id, self.bounds, self.placing)

    def _next_digits(self, size: int) -> str:
        return f"{next(self._serial):0{2 * size}x}"

    # The engine's life.

    def start(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self.engine.run(self.carrier, self._stop, self.carrier))
        self.carrier.meet(self.engine.tracker)

    async def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        assert self._running is not None
        self._stop.set()
        await self._running
        self.carrier.leave()

    def strike(self) -> None:
        """Kill it in the middle of what it does now; ``kill`` clears up."""
        self.carrier.leave()
        if self._running is not None:
            self._running.cancel()

    async def kill(self) -> None:
        """As SIGKILL would, at whatever it waits for; then make a new engine on the same database."""
        assert self._running is not None
        self.strike()
        [died_of] = await asyncio.gather(self._running, return_exceptions=True)
        assert isinstance(died_of, asyncio.CancelledError), died_of
        await self.database.close()
        self.placing.close()
        self.open_database()

    def check(self) -> None:
        """Raises what the engine died of, if it did."""
        if self._running is not None and self._running.done() and not self._running.cancelled():
            self._running.result()

    # What a supervisor does.

    async def put(self, **changes: Any) -> None:
        await self.store.put_campaign(CAMPAIGN, settings(**changes), self.clock.now(), None)
        await self.engine.lanes.refresh()

    async def set_state(self, state: CampaignState) -> None:
        await self.store.set_campaign_state(CAMPAIGN, state, self.clock.now())
        await self.engine.lanes.refresh()

    async def add(
        self, contacts: int, numbers_each: int = 1, batch_id: str = "B-1", first: int = 0, **how: Any
    ) -> None:
        rows = [
            row(f"D{n}", numbers=[f"+4828{n:04d}{place:03d}" for place in range(numbers_each)])
            for n in range(first, first + contacts)
        ]
        await take(self.store, batch_id, *rows, now=self.clock.now(), **how)
        await self.engine.lanes.refresh()

    # What is seen.

    async def attempts(self) -> Sequence[AttemptView]:
        return await self.store.attempts(AttemptFilter(campaign_id=CAMPAIGN), "", 100_000)

    async def contacts(self) -> Sequence[ContactView]:
        return await self.store.contacts(ContactFilter(campaign_id=CAMPAIGN), 0, 100_000)

    async def dispositions(self) -> Counter[str | None]:
        return Counter(attempt.disposition for attempt in await self.attempts())

    async def keeps_its_promises(self, per_number: int, spacing: timedelta) -> None:
        """What must hold once everybody is finished, whatever happened on the way."""
        rows = await self.attempts()
        assert all(row.disposition for row in rows)
        assert {each.call.attempt_id for each in self.carrier.carried} <= {row.id for row in rows}
        never_left = (Disposition.NOT_PLACED, Disposition.WITHDRAWN)
        charged = {row.id: row.contact_id for row in rows if row.disposition not in never_left}
        calls = [each for each in self.carrier.carried if each.call.attempt_id in charged]
        assert all(times <= per_number for times in Counter(each.call.number for each in calls).values())
        moments = defaultdict(list)
        for each in calls:
            moments[charged[each.call.attempt_id]].append(each.at)
        assert all(later - earlier >= spacing for at in moments.values() for earlier, later in pairwise(at))
        assert self.carrier.most_in_a_second <= self.bounds.routes[0].limits.calls_per_second
        assert self.carrier.most_at_once <= self.bounds.routes[0].limits.concurrent_calls
        assert await disagreements(self.store, CAMPAIGN) == []

    async def until(
        self, is_so: Callable[[], bool | Awaitable[bool]], within: timedelta = timedelta(minutes=10)
    ) -> None:
        """Let time pass until it is so, as long as the engine lives."""
        async with asyncio.timeout(within.total_seconds()):
            while True:
                self.check()
                answer = is_so()
                if isinstance(answer, bool):
                    is_true, every = answer, 50 * MS
                else:
                    is_true, every = await answer, SECOND  # the database is asked
                if is_true:
                    return
                await passes(every)

    async def until_due(self, moment: datetime) -> None:
        await passes(moment - self.clock.now())
        self.check()

    async def until_called(self, calls: int = 1) -> None:
        await self.until(lambda: len(self.carrier.carried) >= calls)

    async def until_finished(self, within: timedelta = timedelta(minutes=10)) -> None:
        async def all_finished() -> bool:
            return all(contact.state == "finished" for contact in await self.contacts())

        await self.until(all_finished, within)


@asynccontextmanager
async def a_world(
    folder: Path,
    stories: Stories | Story = BUSY,
    *,
    contacts: int = 1,
    numbers_each: int = 1,
    limits: TrunkLimits | None = None,
    routes: Sequence[Route] | None = None,
    grace: timedelta = 30 * SECOND,
    stop_order: timedelta = stopping.LOOK,
    start: datetime = MONDAY,
    plan: str = "test",
    **campaign: Any,
) -> AsyncIterator[World]:
    """A running campaign with contacts, and an engine that is still to be started."""
    path = folder / f"{len(list(folder.iterdir()))}.db"
    path.write_bytes(migrated())
    tells = stories if not isinstance(stories, Story) else lambda _: stories
    bounds = Bounds(
        routes or [Route("carrier", limits or TrunkLimits(10, 20, 50))], NumberingPlan(plan), grace, stop_order
    )
    world = World(path, LoopClock(start), tells, bounds)
    switch = asyncio.create_task(world.carrier.run(world.carrier))
    await passes(timedelta())
    world.carrier.leave()
    try:
        await world.put(**{"attempts": 2, "gap_minutes": "0.5", "holidays": None, **campaign})
        await world.set_state(CampaignState.RUNNING)
        if contacts:
            await world.add(contacts, numbers_each)
        yield world
        world.check()
    finally:
        ending = [task for task in (switch, world._running) if task is not None]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await world.database.close()
        world.placing.close()
