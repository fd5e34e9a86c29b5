"""Is no call placed any more once the engine is told to stop, whoever tells it and whatever fails?"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.adapters.simulated import Story
from dialer.adapters.store import Database, SqlStore
from dialer.core.trunks import TrunkLimits
from dialer.model import OutgoingCall
from dialer.ports.store import StopOrder, StoreFailed
from dialer.stopping import FRESH, LOOK
from tests.support.carrier import LISTENS, RINGS
from tests.support.clock import MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

HALF_A_MINUTE = 30 * SECOND
BUSY_TRUNK = TrunkLimits(100, 400, 400)


def rings_or_listens(call: OutgoingCall) -> Story:
    return LISTENS if int(call.number[5:9]) % 2 else RINGS


@asynccontextmanager
async def another_process(world: World) -> AsyncIterator[SqlStore]:
    """What `dzwonek stop` has: the database, and nothing of the engine."""
    database = Database(world.database.url.render_as_string())
    try:
        yield SqlStore(database)
    finally:
        await database.close()


async def obeyed(store: SqlStore) -> StopOrder:
    async with asyncio.timeout(5):
        while not (order := await store.stop_order()).is_obeyed:
            await passes(10 * MS)
    return order


async def nothing_is_placed(world: World, span: timedelta) -> None:
    placed = len(world.carrier.carried)
    await passes(span)
    world.check()
    assert len(world.carrier.carried) == placed


async def reasons(world: World) -> Counter[str | None]:
    """Why attempts were withdrawn."""
    return Counter(each.platform_code for each in await world.attempts() if each.disposition == "withdrawn")


# ---- no call after the order ---------------------------------------------------------------------


@pytest.mark.parametrize("late", [0 * MS, 60 * MS, 130 * MS, 240 * MS])
@in_virtual_time
async def test_with_200_calls_live_none_is_placed_after_the_reply(tmp_path: Path, late: timedelta) -> None:
    async with a_world(tmp_path, RINGS, contacts=500, limits=BUSY_TRUNK) as world:
        world.database.taking = 20 * MS
        world.start()
        await world.until(lambda: len(world.engine.tracker) >= 200)
        await passes(late)
        await world.engine.stopping.stop("key:dz1", None)
        await nothing_is_placed(world, HALF_A_MINUTE)
        assert not len(world.engine.tracker)
        assert set(await reasons(world)) <= {"engine_stopped"}
        assert all(attempt.disposition for attempt in await world.attempts())


@pytest.mark.parametrize("late", [0 * MS, 60 * MS, 130 * MS, 240 * MS])
@in_virtual_time
async def test_none_is_placed_once_an_order_from_elsewhere_is_obeyed(tmp_path: Path, late: timedelta) -> None:
    async with (
        a_world(tmp_path, RINGS, contacts=500, limits=BUSY_TRUNK) as world,
        another_process(world) as elsewhere,
    ):
        world.start()
        await world.until(lambda: len(world.engine.tracker) >= 200)
        await passes(late)
        await elsewhere.order_stop("cli", None, world.clock.now(), hangs_up=False)
        ordered = world.clock.monotonic()
        await obeyed(elsewhere)
        assert world.clock.monotonic() - ordered <= 2 * LOOK.total_seconds()
        await nothing_is_placed(world, HALF_A_MINUTE)


@in_virtual_time
async def test_what_was_saved_when_the_order_came_is_withdrawn(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=50, limits=BUSY_TRUNK) as world:
        stopping, ordering = world.engine.stopping, list[asyncio.Future[StopOrder]]()
        world.start()
        world.carrier.cut()
        await world.until(lambda: len(world.voice.rendered) == 50)
        await passes(SECOND)  # all are ready
        world.database.after = {"lease": lambda: ordering.append(asyncio.ensure_future(stopping.stop("cli", None)))}
        world.carrier.meet(world.engine.tracker)
        await world.until(lambda: bool(ordering))
        await asyncio.gather(*ordering)
        await passes(2 * SECOND)
        assert not world.carrier.carried
        assert await reasons(world) == {"engine_stopped": 25}  # those of a quarter of a second


@in_virtual_time
async def test_while_the_database_is_slow_the_stop_holds_from_the_moment_of_asking(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=500, limits=BUSY_TRUNK) as world:
        world.start()
        await world.until_called(50)
        world.database.taking = 3 * SECOND
        asking = asyncio.create_task(world.engine.stopping.stop("cli", None))
        await passes(timedelta())
        await nothing_is_placed(world, 2 * SECOND)
        assert not asking.done()
        await asking
        await nothing_is_placed(world, HALF_A_MINUTE)


@in_virtual_time
async def test_live_calls_go_on_to_their_end(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=5, attempts=1) as world:
        world.start()
        await world.until_called(5)
        await world.engine.stopping.stop("cli", None)
        await passes(20 * SECOND)
        assert await world.dispositions() == {"delivered": 5}


@pytest.mark.parametrize("by_cli", [False, True])
@in_virtual_time
async def test_ringing_can_be_given_up_while_messages_play_to_their_end(tmp_path: Path, by_cli: bool) -> None:
    async with a_world(tmp_path, rings_or_listens, contacts=20, attempts=1) as world, another_process(world) as cli:
        world.start()
        await world.until_called(20)
        await passes(4 * SECOND)
        if by_cli:
            await cli.order_stop("cli", None, world.clock.now(), hangs_up=True)
        else:
            await world.engine.stopping.stop("key:dz1", None, hangs_up=True)
        await passes(SECOND)
        assert len(world.engine.tracker) == 10
        await passes(20 * SECOND)
        assert await world.dispositions() == {"cancelled": 10, "delivered": 10}


# ---- how long it holds ---------------------------------------------------------------------------


@pytest.mark.parametrize("is_killed", [False, True])
@in_virtual_time
async def test_a_stopped_engine_is_still_stopped_after_a_restart(tmp_path: Path, is_killed: bool) -> None:
    async with a_world(tmp_path, RINGS, contacts=50) as world:
        world.start()
        await world.until_called(5)
        await world.engine.stopping.stop("cli", None)
        if is_killed:
            await world.kill()
        else:
            await world.stop()
            await world.database.close()
            world.open_database()
        world.start()
        await nothing_is_placed(world, HALF_A_MINUTE)
        assert world.engine.stopping.order.actor == "cli"


@in_virtual_time
async def test_an_order_given_while_no_engine_runs_holds_from_its_start(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=50) as world, another_process(world) as cli:
        await cli.order_stop("cli", None, world.clock.now(), hangs_up=False)
        world.start()
        await obeyed(cli)
        await nothing_is_placed(world, HALF_A_MINUTE)
        assert not world.carrier.carried


@pytest.mark.parametrize("by_cli", [False, True])
@in_virtual_time
async def test_after_a_resume_everybody_is_called(tmp_path: Path, by_cli: bool) -> None:
    async with a_world(tmp_path, RINGS, contacts=60, attempts=1) as world, another_process(world) as cli:
        world.start()
        await world.until_called(10)
        await cli.order_stop("cli", None, world.clock.now(), hangs_up=False)
        await obeyed(cli)
        await passes(HALF_A_MINUTE)
        if by_cli:
            await cli.order_resume("cli", None, world.clock.now())
        else:
            await world.engine.stopping.resume("key:dz1", None)
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}


@pytest.mark.parametrize("pause", [n * 30 * MS for n in range(0, 9, 2)])
@in_virtual_time
async def test_a_stop_however_short_leaves_nobody_uncalled(tmp_path: Path, pause: timedelta) -> None:
    async with a_world(tmp_path, RINGS, contacts=60, attempts=1) as world, another_process(world) as cli:
        world.start()
        await world.until_called(10)
        await cli.order_stop("cli", None, world.clock.now(), hangs_up=False)
        await passes(pause)
        await cli.order_resume("cli", None, world.clock.now())
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}


# ---- when others fail ----------------------------------------------------------------------------


@in_virtual_time
async def test_an_order_that_cannot_be_read_is_a_stop(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=40, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda work: work == "stop_order"
        await passes(LOOK)
        await nothing_is_placed(world, HALF_A_MINUTE)
        assert "no space left" in world.engine.troubles()["stop"]
        world.database.fails = lambda work: False
        await world.until_finished()
        assert world.engine.troubles() == {}


@in_virtual_time
async def test_a_database_that_does_not_answer_is_a_stop(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=40, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.silent = asyncio.Event()
        await passes(FRESH + LOOK)
        assert "does not answer" in world.engine.troubles()["stop"]
        await nothing_is_placed(world, HALF_A_MINUTE)
        world.database.silent.set()
        await world.until_finished()


@in_virtual_time
async def test_a_stop_that_cannot_be_written_holds_and_is_written_when_it_can_be(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=40) as world, another_process(world) as elsewhere:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda work: work == "order"
        with pytest.raises(StoreFailed):
            await world.engine.stopping.stop("key:dz1", "wrong amounts")
        await nothing_is_placed(world, HALF_A_MINUTE)
        world.database.fails = lambda work: False
        await passes(2 * SECOND)
        order = await elsewhere.stop_order()
        assert (order.is_stopped, order.actor, order.reason) == (True, "key:dz1", "wrong amounts")


@in_virtual_time
async def test_a_resume_takes_back_a_stop_that_was_never_written(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=40, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda work: work == "order"
        with pytest.raises(StoreFailed):
            await world.engine.stopping.stop("key:dz1", None)
        with pytest.raises(StoreFailed):
            await world.engine.stopping.resume("key:dz1", None)
        await nothing_is_placed(world, SECOND)
        world.database.fails = lambda work: False
        await world.engine.stopping.resume("key:dz1", None)
        await world.until_finished()


@in_virtual_time
async def test_a_stop_that_is_ordered_during_a_resume_holds(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=40) as world:
        stopping = world.engine.stopping
        world.start()
        await stopping.stop("cli", None)
        world.database.taking = 100 * MS
        resuming = asyncio.create_task(stopping.resume("cli", None))
        await passes(50 * MS)
        await asyncio.gather(resuming, stopping.stop("key:dz1", None))
        assert stopping.is_stopped
        assert (await world.store.stop_order()).actor == "key:dz1"
        await nothing_is_placed(world, HALF_A_MINUTE)
