"""A whole engine in virtual time: a real database, a simulated switch whose carrier counts, a voice without sound."""

import asyncio
import logging
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, wraps
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from dialer.adapters.simulated import Listening, SimulatedSwitch, Stories, Story
from dialer.adapters.simulated.time import LoopClock, in_simulated_time
from dialer.adapters.store import Database, SqlStore
from dialer.core.call import End, Ended, Event, MessageEnded, MessageStarted
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.core.trunks import GOODBYE, TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.model import CampaignState, Disposition, OutgoingCall
from dialer.ports import CallPhase, Presence, SwitchAway
from dialer.ports.store import AttemptView, ContactView, StoreFailed, Unvoiced, Voiced
from dialer.ports.voice import NotSpeakable, VoiceAway
from dialer.track import Tracker
from tests.support.clock import MONDAY, passes
from tests.support.stores import row, settings, take

P = ParamSpec("P")
T = TypeVar("T")

MS, SECOND, MINUTE = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1)
CAMPAIGN = "RENT"

BUSY = Story(End.BUSY, ends=300 * MS, starts=50 * MS)
RINGS = Story(End.NO_ANSWER, ends=timedelta.max, starts=50 * MS, rings=SECOND)
LISTENS = Story(
    End.NORMAL, ends=8 * SECOND, starts=50 * MS, rings=SECOND, answers=3 * SECOND, listening=Listening(5 * SECOND, True)
)
LEAVES = replace(LISTENS, ends=5 * SECOND, listening=Listening(2 * SECOND, False))
REFUSED = Story(End.NOT_PLACED, ends=20 * MS, starts=None)


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test whose hours take no time; the engine's log, a line for each of thousands of changes, is left out."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        before = structlog.get_config()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        try:
            in_simulated_time(test(*args, **kwargs))
        finally:
            structlog.configure(**before)

    return run


# ---- the ports -----------------------------------------------------------------------------------


class FailingDatabase(Database):
    """A database with troubles; units of work are named as those of the store are."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fails: Callable[[str], bool] = lambda work: False  # before it begins
        self.after: dict[str, Callable[[], None]] = {}  # what happens when it is done, before anybody hears of it
        self.taking = timedelta()  # how long each write takes

    async def write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(self.taking.total_seconds())
        self._may_fail(work)
        done = await super().write(work, *args, **kwargs)
        self.after.get(_name(work), lambda: None)()
        return done

    async def read(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        self._may_fail(work)
        return await super().read(work, *args, **kwargs)

    def _may_fail(self, work: Callable[..., object]) -> None:
        if self.fails(_name(work)):
            raise StoreFailed("no space left on device")


def _name(work: Callable[..., object]) -> str:
    return work.__name__.strip("_")


@dataclass
class SilentVoice:
    """The Voice port without a sound."""

    away: bool = False
    fails_with: set[int] = field(default_factory=set)
    unspeakable: set[int] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)  # rendered audio that is not there any more
    rendered: list[tuple[int, date]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        await asyncio.sleep(0.02)
        if self.away or contact.contact_id in self.fails_with:
            raise VoiceAway("the speech engine does not answer")
        if contact.contact_id in self.unspeakable:
            raise NotSpeakable("no case is left to speak of")
        self.rendered.append((contact.contact_id, day))
        key = f"{contact.contact_id}/{day}/{len(self.rendered)}"
        self.keys.add(key)
        return Voiced(contact.contact_id, key, f"Dzień dobry, {settings.brand}.", day)

    def has(self, message_key: str) -> bool:
        return not self.away and message_key not in self.gone

    def problems(self, settings: CampaignSettings) -> Sequence[str]:
        return []


@dataclass(frozen=True, slots=True)
class Carried:
    """A call as the carrier counted it."""

    call: OutgoingCall
    placed: float  # monotonic s
    at: datetime


class Carrier(SimulatedSwitch):
    """The simulated switch, and what is seen at the carrier behind it."""

    def __init__(self, stories: Stories, clock: LoopClock) -> None:
        super().__init__(stories, clock)
        self._time = clock
        self.listener: Tracker | None = None
        self._playing: set[str] = set()
        self.carried: list[Carried] = []
        self.ended: dict[str, float] = {}
        self.refusing = 0  # so many next calls find the link just broken
        self.unlistable = 0  # so many next questions for the live calls are not answered
        self.tells: Callable[[Event], Sequence[tuple[timedelta, Event]]] = lambda event: [(timedelta(), event)]

    def place(self, call: OutgoingCall) -> None:
        if self.refusing:
            self.refusing -= 1
            raise SwitchAway("the link broke")
        super().place(call)
        self.carried.append(Carried(call, self._time.monotonic(), self._time.now()))

    async def live_calls(self) -> dict[str, CallPhase]:
        if self.unlistable:
            self.unlistable -= 1
            raise SwitchAway("no answer")
        return dict(await super().live_calls())

    def _happen(self, event: Event) -> None:
        if isinstance(event, Ended):
            self.ended.setdefault(event.attempt_id, self._time.monotonic())
        if isinstance(event, MessageStarted) and self.listener and self.listener.attempt(event.attempt_id):
            self._playing.add(event.attempt_id)
        if isinstance(event, MessageEnded) and event.attempt_id not in self._playing:
            return  # no flow was found for it, or it died with its engine
        super()._happen(event)

    # The listener of the simulated switch: what is told goes on to the engine, as ``tells`` says.

    def on_call(self, event: Event) -> None:
        for later, told in self.tells(event):
            asyncio.get_running_loop().call_later(later.total_seconds(), self._tell, told)

    def on_presence(self, presence: Presence) -> None:
        if self.listener is not None:
            self.listener.on_presence(presence)

    def _tell(self, event: Event) -> None:
        if self.listener is not None:
            self.listener.on_call(event)

    # What happens to a switch.

    def cut(self) -> None:
        """The link is gone; the calls are not."""
        self.become(Presence.AWAY)

    def crash(self) -> None:
        """The switch is gone, and every call with it."""
        self.become(Presence.AWAY)
        now = self._time.monotonic()
        self.ended |= dict.fromkeys(self._phases, now)
        self._agenda.clear()
        self._phases.clear()
        self._unheard.clear()

    def leave(self) -> None:
        """Nobody listens any more; a later engine does not hear of calls that end until then."""
        self.listener = None
        self._playing.clear()
        self.become(Presence.AWAY)

    def meet(self, listener: Tracker) -> None:
        """An engine has connected."""
        self._unheard.clear()
        self.listener = listener
        self.become(Presence.READY)

    # What was measured.

    @property
    def numbers(self) -> Counter[str]:
        return Counter(each.call.number for each in self.carried)

    @property
    def most_in_a_second(self) -> int:
        """Calls; any second, and each call up to 20 ms late on its way to the carrier, as it is worst."""
        starts = [each.placed for each in self.carried]
        return max((sum(0 <= later - start < 0.98 for later in starts) for start in starts), default=0)

    @property
    def most_at_once(self) -> int:
        """Calls; the carrier takes its time to let go of one."""
        moments = [(each.placed, 1) for each in self.carried]
        moments += [(end + 0.9 * GOODBYE, -1) for end in self.ended.values()]
        at_once = most = 0
        for _, change in sorted(moments):
            at_once += change
            most = max(most, at_once)
        return most


# ---- the world -----------------------------------------------------------------------------------


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/migrated.db")
        database.migrate()
        asyncio.run(database.close())
        return (Path(folder) / "migrated.db").read_bytes()


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
        self.engine = Engine(self.store, self.voice, self.clock, self.new_id, self.bounds)

    def new_id(self, now: datetime) -> str:
        return f"{int(now.timestamp() * 1000):012x}{next(self._serial):020x}"

    # The engine's life.

    def start(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self.engine.run(self.carrier, self._stop))
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

    async def add(self, contacts: int, numbers_each: int = 1, batch_id: str = "B-1", **how: Any) -> None:
        rows = [
            row(f"D{n}", numbers=[f"+4828{n:04d}{place:03d}" for place in range(numbers_each)]) for n in range(contacts)
        ]
        await take(self.store, batch_id, *rows, now=self.clock.now(), **how)
        await self.engine.lanes.refresh()

    # What is seen.

    async def attempts(self) -> Sequence[AttemptView]:
        return await self.store.attempts(CAMPAIGN, "", 100_000)

    async def contacts(self) -> Sequence[ContactView]:
        return await self.store.contacts(CAMPAIGN, None, None, 0, 100_000)

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
        assert self.carrier.most_in_a_second <= self.bounds.trunk.calls_per_second
        assert self.carrier.most_at_once <= self.bounds.trunk.concurrent_calls

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
    grace: timedelta = 30 * SECOND,
    start: datetime = MONDAY,
    plan: str = "test",
    **campaign: Any,
) -> AsyncIterator[World]:
    """A running campaign with contacts, and an engine that is still to be started."""
    path = folder / f"{len(list(folder.iterdir()))}.db"
    path.write_bytes(await asyncio.to_thread(_migrated))
    tells = stories if not isinstance(stories, Story) else lambda _: stories
    bounds = Bounds(limits or TrunkLimits(10, 20, 50), NumberingPlan(plan), grace)
    world = World(path, LoopClock(start), tells, bounds)
    switch = asyncio.create_task(world.carrier.run(world.carrier))
    await passes(timedelta())
    world.carrier.leave()
    try:
        await world.put(**{"attempts": 2, "gap_minutes": "0.5", "holidays": None, **campaign})
        await world.set_state(CampaignState.RUNNING)
        await world.add(contacts, numbers_each)
        yield world
        world.check()
    finally:
        ending = [task for task in (switch, world._running) if task is not None]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await world.database.close()
