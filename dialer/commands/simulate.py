"""What would the engine do with this call list? Days of it, in minutes, without Asterisk and without calling anybody.

Everything is the engine's own but the telephone network, the voice and the time: rows are judged and kept, attempts
saved, paced, placed and concluded by the code that does it in service. An observer that knows only the database and
the simulated carrier's log says whether the promises were kept.
"""

import asyncio
import hashlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dialer.adapters.carrier.calllog import most_at_once, most_within
from dialer.adapters.carrier.script import Role
from dialer.adapters.carrier.witness import Promise, were_placed
from dialer.adapters.simulated import lists
from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.kept import Day, day
from dialer.adapters.simulated.promises import promises
from dialer.adapters.simulated.stories import NO_ERRORS, Errors, ScriptedStories
from dialer.adapters.simulated.switch import SimulatedSwitch
from dialer.adapters.simulated.time import LoopClock
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.simulated.watch import Look, Watch
from dialer.adapters.store import Database, SqlStore, claimed
from dialer.commands.simulate_team import Playing, RememberedStories, Team, TeamsDay
from dialer.config import ConfigurationProblem
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.core.profiles import Profiles
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.lists.calllist import Format
from dialer.lists.intake import Intake, Offer
from dialer.model import CampaignState, Lane
from dialer.ports import IdSource

SECOND = timedelta(seconds=1)
NOBODY_STOPS = timedelta(minutes=1)  # how often it is asked: no order can come from outside
IN_MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)  # noqa: S108  fit for what is removed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be simulated."""

    call_list: Path
    campaigns: Path
    script: Sequence[Role] | None  # None: everybody answers at once and listens
    begins: datetime
    until: datetime
    limits: TrunkLimits
    profiles: Profiles
    plan: NumberingPlan = NumberingPlan.TEST
    seed: int = 1
    copies: int = 1
    detects_machines: bool = False  # in every campaign, and not only where the campaign says so
    errors: Errors = NO_ERRORS
    team: Team | None = None  # None: nobody takes calls
    database: str | None = None  # its URL; None: a file that is removed afterwards


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; the same for the same seed, but for ``took``."""

    rows: Mapping[str, int]  # of the lists, by verdict
    contacts: Mapping[str, int]  # by the reason of their end, or by what they wait for
    dispositions: Mapping[str, int]
    calls_per_contact: Mapping[int, int]  # how many contacts were called so often
    most_at_once: int
    busiest_second: int
    longest_wait: timedelta  # past due while channels were free
    simulated: timedelta
    took: timedelta  # in reality
    promises: Sequence[Promise] = field(default_factory=list)
    team: TeamsDay | None = None

    @property
    def is_kept(self) -> bool:
        return all(promise.is_kept for promise in self.promises)


async def simulate(wanted: Wanted, look: Look) -> Outcome:
    """Run the engine until everybody is called or the time is over; ``look`` is told now and then how it stands.

    Raises:
        ConfigurationProblem, UnusableFile, FileProblem, DatabaseUnusable: it cannot begin; the message says why.
    """
    began = time.monotonic()
    async with _database(wanted.database) as (database, folder):
        clock = LoopClock(wanted.begins)
        log = CarrierLog(wanted.limits)
        store = SqlStore(database)
        bounds = Bounds([Route("simulated", wanted.limits)], wanted.plan, stop_order=NOBODY_STOPS)
        engine = Engine(store, SilentVoice(), clock, _seeded_ids(wanted.seed), bounds)
        rows = await _feed(wanted, engine, Path(folder))
        lanes = {lane.id: lane for lane, _ in await store.lanes()}
        playing = await _team(wanted, engine, list(lanes.values()))
        stories = _stories(wanted, playing)
        switch = SimulatedSwitch(stories, clock, log)
        if playing:
            playing.meet(switch, stories)
        # Of calls for agents their number decides when they are placed.
        watch = Watch(database, [each for each in lanes.values() if not each.are_calls_for_agents], log, clock, look)
        await _dial(engine, switch, playing, watch, wanted.until)
        kept = await day(database)
        plans = {each.id: each.settings.speaks_of for each in await store.campaigns(None)}
        judged = promises(kept, lanes, plans, log, wanted.script, wanted.limits, watch)
        outcome = _outcome(kept, log, watch, rows, judged, clock.now() - wanted.begins, began)
        if playing is None:
            return outcome
        also = playing.promises(kept, lanes)
        return replace(outcome, promises=[*judged, *also], team=playing.outcome(kept, lanes))


async def _team(wanted: Wanted, engine: Engine, lanes: Sequence[Lane]) -> Playing | None:
    """Agents who are there; none take part if nobody is wanted."""
    if wanted.team is None:
        return None
    if not any(lane.are_calls_for_agents for lane in lanes):
        raise ConfigurationProblem(
            f"no campaign of {wanted.campaigns} that the list names has calls for agents: --mode predictive makes "
            "all of them such"
        )
    playing = Playing(wanted.team, engine, engine.clock, wanted.seed)
    await playing.hire(lanes)
    return playing


def _stories(wanted: Wanted, playing: Playing | None) -> RememberedStories:
    if playing is not None and wanted.script is None:
        return RememberedStories(playing.diced(wanted.errors))
    return RememberedStories(ScriptedStories(wanted.script or (), wanted.seed, errors=wanted.errors))


async def _dial(
    engine: Engine, switch: SimulatedSwitch, playing: Playing | None, watch: Watch, until: datetime
) -> None:
    stop = asyncio.Event()
    legs, joiner = (playing.legs, playing.meetings) if playing else (None, None)
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(switch.run(engine.tracker, engine.machines), name="switch")
        dialing = engine.run(switch, stop, switch, legs, joiner, machine=switch)
        running = tasks.create_task(dialing, name="engine")
        async with playing.at_their_desks() if playing else nullcontext():
            await watch.until_nobody_is_left(until)
        stop.set()
        await running
        telling.cancel()


async def _feed(wanted: Wanted, engine: Engine, folder: Path) -> Counter[str]:
    """Campaigns and lists, as they would be sent; how many rows got which verdict."""
    intake = Intake(engine.store, engine.lanes, engine.clock, wanted.plan, 0, wanted.profiles)
    try:
        body = wanted.call_list.read_bytes()
    except OSError as error:
        raise ConfigurationProblem(f"{wanted.call_list}: {error.strerror}") from error
    rows: Counter[str] = Counter()
    for copy in range(1, wanted.copies + 1):
        now = engine.clock.now()
        campaigns = lists.campaigns(wanted.campaigns, copy, wanted.profiles)
        for name, said in campaigns.items():
            await engine.store.put_campaign(name, _as_wanted(said, wanted), now, None)
        copied = lists.rows(body, copy)
        path = folder / f"list-{copy}.csv"
        path.write_bytes(copied)
        digest = hashlib.sha256(copied).hexdigest()
        rows.update((await intake.take(Offer(None, Format.CSV, path, digest, f"list-{copy}"))).counts)
        for name in campaigns:
            await engine.store.set_campaign_state(name, CampaignState.RUNNING, now)
    await engine.lanes.refresh()
    return rows


def _as_wanted(said: CampaignSettings, wanted: Wanted) -> CampaignSettings:
    """What the flags say of every campaign."""
    changed: dict[str, object] = {"machine_detection": True} if wanted.detects_machines else {}
    if wanted.team and wanted.team.mode:
        changed |= {"mode": wanted.team.mode, "transfer_wait_seconds": None}
    return said.model_copy(update=changed)


@asynccontextmanager
async def _database(url: str | None) -> AsyncIterator[tuple[Database, str]]:
    """An empty database, and a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="dzwonek-", dir=IN_MEMORY) as folder:
        database = Database(url or f"sqlite:///{folder}/simulated.db")
        try:
            database.migrate()
            with claimed(database):
                if await SqlStore(database).campaigns(None):
                    raise ConfigurationProblem(
                        "the database has campaigns: a simulation invents calls, so give it an empty database"
                    )
                yield database, folder
        finally:
            await database.close()


def _seeded_ids(seed: int) -> IdSource:
    chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return lambda now: f"{int(now.timestamp() * 1000):012x}{chance.getrandbits(80):020x}"


def _outcome(
    kept: Day,
    log: CarrierLog,
    watch: Watch,
    rows: Counter[str],
    judged: Sequence[Promise],
    simulated: timedelta,
    began: float,
) -> Outcome:
    calls = Counter(each.contact for each in were_placed(kept.attempts))
    return Outcome(
        rows=dict(rows),
        contacts=_most_first(Counter(each.finished or each.waits_for or each.state for each in kept.contacts.values())),
        dispositions=_most_first(Counter(each.disposition or "open" for each in kept.attempts)),
        calls_per_contact=dict(sorted(Counter(calls[contact] for contact in kept.contacts).items())),
        most_at_once=most_at_once(log.calls),
        busiest_second=most_within(log.calls, SECOND),
        longest_wait=watch.longest_wait,
        simulated=simulated,
        took=timedelta(seconds=time.monotonic() - began),
        promises=judged,
    )


def _most_first(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())
