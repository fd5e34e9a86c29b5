from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dialer.adapters.simulated import Listening
from dialer.core.call import Ended, MessageEnded, MessageStarted
from dialer.core.trunks import TrunkLimits
from tests.support.carrier import BUSY, LISTENS, RINGS
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

SPACING = timedelta(seconds=30)


def moments(world: World) -> list[timedelta]:
    """Between the calls of the only contact, as the carrier saw them."""
    return [later.at - earlier.at for earlier, later in pairwise(world.carrier.carried)]


# ---- our own crash -------------------------------------------------------------------------------


@in_virtual_time
async def test_a_call_that_the_switch_still_knows_is_followed_to_its_end(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(SECOND)
        await world.kill()
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"delivered": 1}
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_a_call_answered_before_the_crash_was_answered(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, attempts=1) as world:
        world.carrier.tells = lambda event: (
            [] if isinstance(event, MessageStarted | MessageEnded) else [(timedelta(), event)]
        )
        world.start()
        await world.until_called()
        await passes(4 * SECOND)
        await world.kill()  # its flow dies with us
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"hung_up": 1}


@in_virtual_time
async def test_a_call_that_the_switch_does_not_know_is_lost_counted_and_not_repeated(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, attempts=2) as world:
        world.start()
        await world.until_called()
        await world.kill()
        await passes(SECOND)  # the call ends unheard
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"lost": 1, "busy": 1}
        assert [attempt.counted for attempt in await world.attempts()] == [True, True]
        assert min(moments(world)) >= SPACING


@pytest.mark.parametrize("rate", [0.5, 5])
@in_virtual_time
async def test_a_lost_call_is_spaced_from_when_it_may_have_left(tmp_path: Path, rate: float) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, limits=TrunkLimits(rate, 10, 10)) as world:
        world.database.taking = 400 * MS
        world.start()
        await world.until_called(3)
        await world.kill()
        world.start()
        await world.until_finished()
        last = world.carrier.carried[2]
        again = next(each for each in world.carrier.carried[3:] if each.call.number == last.call.number)
        assert again.at - last.at >= SPACING


@in_virtual_time
async def test_nothing_is_placed_before_both_sides_agree(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=5) as world:
        world.carrier.unlistable = 1
        world.start()
        await passes(SECOND)
        assert not world.carrier.carried


@in_virtual_time
async def test_a_switch_that_cannot_list_its_calls_is_asked_again_soon(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.carrier.unlistable = 2
        world.start()
        await passes(6 * SECOND)
        assert world.carrier.carried


@in_virtual_time
async def test_what_was_never_placed_is_not_followed(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=4) as world:
        world.start()
        await world.until_finished()
        await world.stop()
        world.open_database()
        world.start()
        await passes(10 * SECOND)
        assert len(world.engine.tracker) == 0


# ---- the switch's crash --------------------------------------------------------------------------


@in_virtual_time
async def test_calls_that_died_with_the_switch_are_accounted_for_and_the_campaign_goes_on(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=20, attempts=2) as world:
        world.start()
        await world.until_called(8)
        world.carrier.crash()
        await passes(5 * SECOND)
        world.carrier.meet(world.engine.tracker)
        back = world.clock.now()
        await world.until_called(9)
        assert world.clock.now() - back < 2 * SECOND
        await world.until_finished()
        outcomes = await world.dispositions()
        assert outcomes["delivered"] == 20
        assert 1 <= outcomes["lost"] <= 8
        assert set(outcomes) <= {"delivered", "lost", "withdrawn"}


@in_virtual_time
async def test_a_cut_link_ends_no_call(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=3) as world:
        world.start()
        await world.until_called(3)
        await passes(SECOND)
        world.carrier.cut()
        await passes(SECOND)
        world.carrier.meet(world.engine.tracker)
        await world.until_finished()
        assert await world.dispositions() == {"delivered": 3}


# ---- events that never come ----------------------------------------------------------------------


@in_virtual_time
async def test_an_end_that_was_never_told_is_found_out(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, attempts=1) as world:
        world.carrier.tells = lambda event: [] if isinstance(event, Ended) else [(timedelta(), event)]
        world.start()
        await world.until_called()
        await world.until_finished(within=2 * MINUTE + 20 * SECOND)
        assert await world.dispositions() == {"lost": 1}


@in_virtual_time
async def test_a_flow_that_never_reports_holds_no_contact_for_ever(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, attempts=1) as world:
        world.carrier.tells = lambda event: [] if isinstance(event, MessageEnded) else [(timedelta(), event)]
        world.start()
        await world.until_called()
        await world.until_finished(within=3 * MINUTE)
        assert await world.dispositions() == {"failed": 1}


@in_virtual_time
async def test_a_call_that_lasts_is_not_taken_for_lost(tmp_path: Path) -> None:
    long = replace(LISTENS, ends=4 * MINUTE, listening=Listening(4 * MINUTE - 3 * SECOND, whole=True))
    async with a_world(tmp_path, long, attempts=1) as world:
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"delivered": 1}


@in_virtual_time
async def test_what_was_saved_and_never_placed_costs_nobody_an_attempt(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3) as world:
        world.database.after = {"lease": lambda: world.strike() if world.database.leased else None}
        world.start()
        await passes(2 * SECOND)
        await world.kill()
        assert not world.carrier.carried

        world.start()
        await world.until_finished()

        assert await world.dispositions() == {"withdrawn": 3, "busy": 6}
        told = {
            (each.platform_code, each.counted) for each in await world.attempts() if each.disposition == "withdrawn"
        }
        assert told == {("engine_killed", False)}
        await world.keeps_its_promises(2, 30 * SECOND)
