from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from dialer.adapters.simulated import SeededStories, Shares
from dialer.core.agents import Agent, AgentState
from dialer.core.call import End, Ended, Event, MessageEnded, MessageStarted
from dialer.core.trunks import TrunkLimits
from dialer.model import AgentProfile
from tests.support.carrier import BUSY, LISTENS, RINGS
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import a_world, in_virtual_time

SHARES = Shares(
    {End.NORMAL: 0.5, End.BUSY: 0.2, End.NO_ANSWER: 0.2, End.REJECTED: 0.05, End.NOT_PLACED: 0.05},
    rings_for=2 * SECOND,
    message=3 * SECOND,
)


# ---- the start -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes"), [(AgentState.RESERVED, AgentState.PAUSED), (AgentState.TALKING, AgentState.WRAP_UP)]
)
@in_virtual_time
async def test_nobody_stays_with_a_caller_who_went_while_we_were_down(
    tmp_path: Path, was: AgentState, becomes: AgentState
) -> None:
    async with a_world(tmp_path, BUSY, contacts=0) as world:
        await world.store.put_agent(AgentProfile("anna", "Anna", "phone-anna"), world.clock.now(), "test")
        left = Agent("anna", world.clock.now(), was, attempt_id="f" * 32, has_line=True)
        await world.store.save_agents([left], [])
        world.start()
        await passes(SECOND)
        assert world.engine.roster.agent("anna").state is becomes


# ---- the end -------------------------------------------------------------------------------------


@in_virtual_time
async def test_calls_that_ring_are_given_up_when_the_engine_is_told_to_stop(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=5) as world:
        world.start()
        await world.until_called(5)
        await passes(SECOND)
        began = world.clock.now()
        await world.stop()
        assert world.clock.now() - began < SECOND
        assert await world.dispositions() == {"cancelled": 5}


@in_virtual_time
async def test_whoever_listens_may_hear_the_end(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=5) as world:
        world.start()
        await world.until_called(5)
        await passes(4 * SECOND)
        await world.stop()
        assert await world.dispositions() == {"delivered": 5}


@in_virtual_time
async def test_nobody_listens_beyond_the_grace(tmp_path: Path) -> None:
    endless = replace(LISTENS, ends=timedelta(hours=1))
    async with a_world(tmp_path, endless, contacts=2, grace=10 * SECOND) as world:
        world.start()
        await world.until_called(2)
        await passes(5 * SECOND)
        began = world.clock.now()
        await world.stop()
        assert world.clock.now() - began < 11 * SECOND
        assert await world.dispositions() == {"delivered": 2}  # what was heard was whole; the line stayed open


@in_virtual_time
async def test_a_switch_that_does_not_hang_up_holds_the_engine_no_longer(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=2, grace=10 * SECOND) as world:
        world.carrier.tells = lambda event: [] if isinstance(event, Ended) else [(timedelta(), event)]
        world.start()
        await world.until_called(2)
        await passes(2 * SECOND)
        began = world.clock.now()
        await world.stop()
        assert world.clock.now() - began < 13 * SECOND
        assert await world.dispositions() == {None: 2}


@pytest.mark.parametrize("late", [n * 20 * MS for n in range(12)])
@in_virtual_time
async def test_whenever_it_is_stopped_everything_is_written_and_nothing_looks_lost(
    tmp_path: Path, late: timedelta
) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, limits=TrunkLimits(20, 20, 20)) as world:
        world.database.taking = 70 * MS
        world.start()
        await world.until_called(3)
        await passes(late)
        await world.stop()
        assert set(await world.dispositions()) <= {"busy", "withdrawn", "cancelled"}
        assert len(await world.attempts()) >= len(world.carrier.carried)


@in_virtual_time
async def test_a_database_that_is_away_does_not_keep_the_engine_from_stopping(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=5, attempts=1) as world:
        world.start()
        world.database.fails = lambda work: work == "conclude"
        await world.until_called(5)
        await passes(SECOND)
        began = world.clock.now()
        await world.stop()
        assert world.clock.now() - began < 12 * SECOND
        world.open_database()
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"lost": 5}
        assert set(world.carrier.numbers.values()) == {1}


# ---- chaos ---------------------------------------------------------------------------------------


def garbled(chance: Random, event: Event) -> list[tuple[timedelta, Event]]:
    """Told late, twice or never; what the flow says is told once and in order, for it is not told over a network."""
    if isinstance(event, MessageStarted | MessageEnded):
        return [(timedelta(), event)]
    if chance.random() < 0.1:
        return []
    times = 1 + (chance.random() < 0.3)
    return [(chance.random() * 2 * SECOND, event) for _ in range(times)]


@pytest.mark.parametrize("seed", range(8))
@in_virtual_time
async def test_every_attempt_has_one_disposition_whatever_is_told(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    async with a_world(
        tmp_path, SeededStories(seed, SHARES), contacts=15, numbers_each=2, ring_seconds=5,
        limits=TrunkLimits(10, 8, 8),
    ) as world:  # fmt: skip
        world.carrier.tells = lambda event: garbled(chance, event)
        world.start()
        await world.until_finished(within=20 * MINUTE)
        await world.keeps_its_promises(per_number=2, spacing=30 * SECOND)


# ---- nobody to be called ---------------------------------------------------------------------------


@in_virtual_time
async def test_an_idle_engine_leaves_the_database_alone(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def count(work: str) -> bool:
        asked[work] += 1
        return False

    async with a_world(tmp_path, BUSY, contacts=1, attempts=1) as world:
        world.start()
        await world.until_finished()
        await passes(MINUTE)
        world.database.fails = count
        await passes(10 * MINUTE)
        world.database.fails = lambda _: False
    assert asked["wake"] <= 10 * 30
    assert asked["unvoiced"] <= 10 * 12


@in_virtual_time
async def test_a_list_that_comes_after_hours_of_silence_is_called_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path, contacts=0) as world:
        world.start()
        await passes(60 * MINUTE)
        await world.add(1)
        begun = world.clock.now()
        await world.until_called()
        assert world.clock.now() - begun < SECOND


@in_virtual_time
async def test_at_night_the_engine_sleeps_and_calls_when_the_window_opens(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def count(work: str) -> bool:
        asked[work] += 1
        return False

    evening, morning = datetime(2026, 11, 23, 21, tzinfo=UTC), datetime(2026, 11, 24, 7, tzinfo=UTC)
    windows = {"1": [("08:00", "20:00")], "2": [("08:00", "20:00")]}
    async with a_world(tmp_path, contacts=1, start=evening, windows=windows, stop_order=MINUTE) as world:
        world.start()
        world.database.fails = count
        await world.until_due(morning - 31 * MINUTE)
        assert asked["wake"] <= 10 * 60 + 10
        assert asked["unvoiced"] == 0
        await world.until_due(morning + SECOND)
        assert len(world.carrier.carried) == 1
