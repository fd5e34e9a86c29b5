"""Plans of campaigns and batches, called by the whole engine; its minutes are seconds here."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dialer.core.plan import Mailing
from tests.support.carrier import BUSY, RINGS
from tests.support.clock import SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time


def moments(world: World) -> dict[str, list[datetime]]:
    """Of each number's calls, as the carrier saw them."""
    found = defaultdict(list)
    for each in world.carrier.carried:
        found[each.call.number].append(each.at)
    return found


def are_apart(calls: list[datetime], spacing: timedelta) -> bool:
    """Whether each came when the spacing was over, or a moment later."""
    return all(spacing <= later - earlier < spacing + 2 * SECOND for earlier, later in pairwise(calls))


@in_virtual_time
async def test_two_batches_of_a_campaign_keep_their_own_plans(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=0, gap_minutes=1) as world:
        await world.add(1, batch_id="B-30", mailing=Mailing(attempts=2, gap_minutes=Decimal("0.5")), first=1)
        await world.add(1, batch_id="B-90", mailing=Mailing(attempts=4, gap_minutes=Decimal("1.5")), first=2)
        world.start()
        await world.until_finished()
        (_, first), (_, second) = sorted(moments(world).items())  # lanes take turns: either may be called first
        assert (len(first), len(second)) == (2, 4)
        assert are_apart(first, 30 * SECOND)
        assert are_apart(second, 90 * SECOND)


@in_virtual_time
@pytest.mark.parametrize("gap", [10, 180])
async def test_a_new_spacing_holds_for_whoever_waits_by_the_old_one(tmp_path: Path, gap: int) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, gap_minutes=1) as world:
        world.start()
        await world.until_called(3)
        await passes(5 * SECOND)
        await world.put(attempts=2, gap_minutes=Decimal(gap) / 60, holidays=None)
        await world.until_finished()
        assert all(len(calls) == 2 and are_apart(calls, gap * SECOND) for calls in moments(world).values())


@in_virtual_time
async def test_whoever_used_up_all_attempts_is_called_again_when_there_are_more(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3) as world:
        world.start()
        await world.until_finished()
        await world.put(attempts=3, gap_minutes="0.5", holidays=None)
        await world.until_called(9)
        await world.until_finished()
        await world.keeps_its_promises(3, 30 * SECOND)


@in_virtual_time
async def test_nobody_is_called_beyond_what_is_allowed_now(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, attempts=5) as world:
        world.start()
        await world.until_called(6)
        await world.put(attempts=2, gap_minutes="0.5", holidays=None)
        await world.until_finished(5 * SECOND)
        assert set(world.carrier.numbers.values()) == {2}
        await world.keeps_its_promises(2, 30 * SECOND)


@in_virtual_time
async def test_a_busy_telephone_is_called_again_sooner(tmp_path: Path) -> None:
    rules = {"busy": {"wait_minutes": Decimal("0.2"), "at_most": 3}}
    async with a_world(tmp_path, BUSY, attempts=5, gap_minutes=1, retry=rules) as world:
        world.start()
        await world.until_finished()
        [calls] = moments(world).values()
        assert len(calls) == 3
        assert are_apart(calls, 12 * SECOND)


@in_virtual_time
async def test_one_by_one_with_another_number_after_nobody_answered(tmp_path: Path) -> None:
    plan: dict[str, Any] = {"number_turns": "one_by_one", "retry": {"no_answer": {"then": "next_number"}}}
    async with a_world(tmp_path, RINGS, numbers_each=2, **plan) as world:
        world.start()
        await world.until_finished()
        called = [each.call.number[-1] for each in world.carrier.carried]
        assert called == ["0", "1", "0", "1"]


@in_virtual_time
async def test_a_telephone_rings_as_long_as_its_type_may(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, attempts=1, ring_seconds=25, ring_seconds_by_type={"mobile": 40}) as world:
        world.start()
        await world.until_finished()
        [call] = world.carrier.carried
        assert call.call.ring_time == 40 * SECOND
