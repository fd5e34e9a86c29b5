"""Is what forbids a call asked again right before it would leave?"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dialer.model import CampaignState
from dialer.ports.store import AttemptView
from tests.support.carrier import BUSY, RINGS
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

# A short pause at noon and a short night, so that tests need not wait through long ones. UTC is an hour less.
NOON_PAUSE = {"1": [("08:00", "12:00"), ("12:03", "20:00")]}
BEFORE_PAUSE, AFTER_PAUSE = datetime(2026, 11, 23, 10, 59, 59, tzinfo=UTC), datetime(2026, 11, 23, 11, 3, tzinfo=UTC)
SHORT_NIGHT = {"1": [("08:00", "00:00")], "2": [("00:03", "20:00")]}
BEFORE_NIGHT, NEXT_DAY = datetime(2026, 11, 23, 22, 59, 58, tzinfo=UTC), datetime(2026, 11, 23, 23, 3, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
HALF_A_MINUTE, HOUR = 30 * SECOND, timedelta(hours=1)


async def withdrawn(world: World) -> list[AttemptView]:
    return [attempt for attempt in await world.attempts() if attempt.disposition == "withdrawn"]


@in_virtual_time
async def test_after_a_pause_no_call_is_placed(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=30) as world:
        world.start()
        await world.until_called(7)
        await world.set_state(CampaignState.PAUSED)
        placed = len(world.carrier.carried)
        await passes(10 * MINUTE)
        assert len(world.carrier.carried) == placed
        assert all(attempt.disposition for attempt in await world.attempts())
        await world.set_state(CampaignState.RUNNING)
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {2}


@in_virtual_time
async def test_what_was_saved_when_the_pause_came_is_withdrawn(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30) as world:
        world.start()
        await world.until_called(3)
        world.database.taking = 300 * MS
        await passes(350 * MS)  # a lease is under way
        await world.set_state(CampaignState.PAUSED)
        await passes(SECOND)
        assert {attempt.platform_code for attempt in await withdrawn(world)} == {"campaign_not_running"}


@in_virtual_time
async def test_a_window_that_closes_before_the_call_is_placed_withdraws_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, start=BEFORE_PAUSE, windows=NOON_PAUSE, attempts=1) as world:
        world.database.taking = 180 * MS  # rendered, woken and picked before noon, saved after it
        world.start()
        await world.until_due(AFTER_PAUSE)
        assert not world.carrier.carried
        [attempt] = await withdrawn(world)
        assert (attempt.platform_code, attempt.counted) == ("outside_window", False)
        await world.until_finished()
        assert await world.dispositions() == {"withdrawn": 1, "busy": 1}


@in_virtual_time
async def test_nobody_is_called_outside_the_window_and_all_are_called_in_the_next(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, start=BEFORE_PAUSE, windows=NOON_PAUSE, attempts=1) as world:
        world.start()
        await world.until_finished()
        early = [each.at for each in world.carrier.carried if each.at < AFTER_PAUSE]
        assert 0 < len(early) < 20
        assert max(early) < BEFORE_PAUSE + SECOND
        assert set(world.carrier.numbers.values()) == {1}


@pytest.mark.parametrize("taking", [n * 10 * MS for n in range(1, 30, 7)])
@in_virtual_time
async def test_a_window_that_closes_at_any_step_loses_nobody(tmp_path: Path, taking: timedelta) -> None:
    async with a_world(tmp_path, BUSY, contacts=5, start=BEFORE_PAUSE, windows=NOON_PAUSE, attempts=1) as world:
        world.database.taking = taking
        world.start()
        await world.until_finished(within=5 * MINUTE)
        assert set(world.carrier.numbers.values()) == {1}


@in_virtual_time
async def test_an_edited_window_takes_effect_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30) as world:
        world.start()
        await world.until_called(5)
        await world.put(windows={"2": [("08:00", "20:00")]}, attempts=1)
        placed = len(world.carrier.carried)
        await passes(HALF_A_MINUTE)
        assert len(world.carrier.carried) == placed


@in_virtual_time
async def test_whoever_was_picked_by_a_plan_that_changed_is_judged_by_the_new_one(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=2, attempts=1) as world:
        world.start()
        world.carrier.cut()
        await world.until(lambda: len(world.voice.rendered) == 2)
        await passes(SECOND)  # all are ready
        edits: list[asyncio.Task[None]] = []

        def edit() -> None:
            world.database.after = {}
            edits.append(asyncio.create_task(world.put(attempts=1, priority=1)))

        world.database.after = {"lease": edit}
        world.carrier.meet(world.engine.tracker)
        await world.until_finished()
        assert len(edits) == 1
        assert {attempt.platform_code for attempt in await withdrawn(world)} == {"plan_changed"}
        assert set(world.carrier.numbers.values()) == {1}


@in_virtual_time
async def test_fewer_allowed_attempts_end_everybody_who_has_had_them(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=40, attempts=3) as world:
        world.start()
        await world.until_called(40)
        await world.put(attempts=1, gap_minutes="0.5", holidays=None)
        await world.until_finished()
        assert {contact.finished for contact in await world.contacts()} == {"exhausted"}


@in_virtual_time
async def test_audio_that_vanished_is_made_again_before_the_call(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, attempts=1) as world:
        world.start()
        world.carrier.cut()
        await world.until(lambda: bool(world.voice.rendered))
        await passes(SECOND)
        world.voice.gone = set(world.voice.keys)
        world.carrier.meet(world.engine.tracker)
        await world.until_finished()
        assert len(world.voice.rendered) == 2
        [attempt] = await world.attempts()
        assert attempt.message_key not in world.voice.gone


@in_virtual_time
async def test_audio_that_vanishes_after_picking_withdraws_the_call(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=2, attempts=1) as world:
        world.start()
        world.carrier.cut()
        await world.until(lambda: len(world.voice.rendered) == 2)
        await passes(SECOND)  # all are ready
        world.database.after = {"lease": lambda: world.voice.gone.update(world.voice.keys)}
        world.carrier.meet(world.engine.tracker)
        await world.until(lambda: bool(world.voice.gone))
        world.database.after = {}
        await world.until_finished()
        assert {attempt.platform_code for attempt in await withdrawn(world)} == {"no_message"}
        assert set(world.carrier.numbers.values()) == {1}


@in_virtual_time
async def test_a_message_of_yesterday_is_rendered_again_before_anybody_hears_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, start=BEFORE_NIGHT, windows=SHORT_NIGHT, attempts=1) as world:
        world.start()
        await world.until_finished()
        spoken_on = {attempt.number: attempt.message_key.split("/")[1] for attempt in await world.attempts()}
        heard_on = {each.call.number: str((each.at + HOUR).date()) for each in world.carrier.carried}
        assert set(heard_on.values()) == {str(MONDAY), str(TUESDAY)}
        assert spoken_on == heard_on


@in_virtual_time
async def test_a_morning_begins_with_calls_not_with_rendering(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=200, start=BEFORE_NIGHT, windows=SHORT_NIGHT, attempts=1) as world:
        world.start()
        await world.until_finished()
        assert world.clock.now() - NEXT_DAY < 25 * SECOND
