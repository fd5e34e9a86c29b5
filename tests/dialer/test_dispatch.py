from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dialer.adapters.simulated import Story
from dialer.core.call import End
from dialer.core.plan import Mailing
from dialer.core.trunks import TrunkLimits
from dialer.model import Record
from dialer.ports.store import AttemptView
from tests.support.carrier import BUSY, LEAVES, LISTENS, REFUSED, RINGS
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

HALF_A_MINUTE = 30 * SECOND


async def withdrawn(world: World) -> list[AttemptView]:
    return [attempt for attempt in await world.attempts() if attempt.disposition == "withdrawn"]


def gaps(world: World) -> list[timedelta]:
    """Between the calls of each number as the carrier saw them."""
    moments = defaultdict(list)
    for each in world.carrier.carried:
        moments[each.call.number].append(each.at)
    return [later - earlier for calls in moments.values() for earlier, later in pairwise(calls)]


# ---- everybody is called, as often as allowed ----------------------------------------------------


@in_virtual_time
async def test_everybody_is_called_as_often_as_allowed(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=20, attempts=3) as world:
        world.start()
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {3}
        assert await world.dispositions() == {"busy": 60}
        assert {contact.finished for contact in await world.contacts()} == {"exhausted"}


@in_virtual_time
async def test_whoever_heard_the_message_is_called_no_more(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, contacts=5, attempts=3) as world:
        world.start()
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}
        assert await world.dispositions() == {"delivered": 5}


@in_virtual_time
async def test_the_numbers_of_a_contact_take_turns(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, numbers_each=3, attempts=2) as world:
        world.start()
        await world.until_finished()
        called = [each.call.number for each in world.carrier.carried]
        assert called == 2 * sorted(set(called))


@in_virtual_time
async def test_an_attempt_knows_what_calls_to_its_number_came_to(tmp_path: Path) -> None:
    stories, records = iter([BUSY, LEAVES, BUSY]), list[Record]()
    async with a_world(tmp_path, lambda _: next(stories), attempts=3) as world:
        world.engine.tracker.begun.append(lambda live: records.append(live.attempt.record))
        world.start()
        await world.until_finished()
    assert records == [Record(), Record(1, 0, 1, 0), Record(2, 1, 2, 1)]


@pytest.mark.parametrize("rate", [0.4, 1, 3, 25])
@in_virtual_time
async def test_attempts_start_at_least_the_spacing_apart_at_the_carrier(tmp_path: Path, rate: float) -> None:
    async with a_world(tmp_path, BUSY, contacts=8, attempts=3, limits=TrunkLimits(rate, 20, 20)) as world:
        world.start()
        await world.until_finished()
        assert len(gaps(world)) == 16
        assert min(gaps(world)) >= HALF_A_MINUTE


@in_virtual_time
async def test_a_call_that_never_left_is_tried_again_and_not_counted(tmp_path: Path) -> None:
    stories = iter([REFUSED, REFUSED, BUSY, BUSY])
    async with a_world(tmp_path, lambda _: next(stories), attempts=2) as world:
        world.start()
        await world.until_finished()
        assert await world.dispositions() == {"not_placed": 2, "busy": 2}


@in_virtual_time
async def test_a_number_that_is_never_dialled_ends_its_contact(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, plan="pl") as world:
        world.start()
        await world.until_finished()
        assert not world.carrier.carried
        assert [contact.finished for contact in await world.contacts()] == ["no_number"]


# ---- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limits", [TrunkLimits(2, 1, 5), TrunkLimits(10, 4, 50), TrunkLimits(7.5, 30, 1), TrunkLimits(60, 25, 50)]
)
@in_virtual_time
async def test_no_limit_is_exceeded_at_the_carrier(tmp_path: Path, limits: TrunkLimits) -> None:
    stories = {0: BUSY, 1: LISTENS, 2: RINGS}
    async with a_world(
        tmp_path, lambda call: stories[int(call.number[5:9]) % 3], contacts=40, attempts=1, limits=limits,
        ring_seconds=5,
    ) as world:  # fmt: skip
        world.start()
        await world.until_finished()
        assert len(world.carrier.numbers) == 40
        assert world.carrier.most_in_a_second <= limits.calls_per_second
        assert world.carrier.most_at_once <= limits.concurrent_calls


@in_virtual_time
async def test_a_switch_that_is_slow_to_begin_is_sent_no_more_than_may_be_outstanding(tmp_path: Path) -> None:
    slow = Story(End.BUSY, ends=3 * SECOND, starts=2 * SECOND)
    async with a_world(tmp_path, slow, contacts=40, attempts=1, limits=TrunkLimits(100, 200, 5)) as world:
        world.start()
        await world.until_called(40)
        begun = [each.at + 2 * SECOND for each in world.carrier.carried]
        for place, each in enumerate(world.carrier.carried):
            assert sum(moment > each.at for moment in begun[:place]) < 5


@in_virtual_time
async def test_what_waits_for_a_switch_that_goes_away_is_withdrawn_at_once(tmp_path: Path) -> None:
    never = Story(End.BUSY, ends=MINUTE, starts=50 * SECOND)
    async with a_world(tmp_path, never, contacts=40, attempts=1, limits=TrunkLimits(100, 200, 5)) as world:
        world.start()
        await world.until_called(5)
        await passes(SECOND)
        assert len(world.carrier.carried) == 5
        world.carrier.cut()
        await passes(SECOND)
        assert len(await world.store.open_attempts()) == 5


@in_virtual_time
async def test_a_bound_on_outstanding_calls_below_a_portion_does_not_slow_the_rate(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=1000, attempts=1, limits=TrunkLimits(400, 2000, 50)) as world:
        world.start()
        await world.until_called(1000)
        first, last = world.carrier.carried[0].at, world.carrier.carried[-1].at
        assert last - first < 2.7 * SECOND


@in_virtual_time
async def test_the_rate_is_reached_while_contacts_are_waiting(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=400, attempts=1, limits=TrunkLimits(50, 100, 100)) as world:
        world.database.taking = 2 * MS
        world.start()
        await world.until_called(400)
        starts = [each.placed for each in world.carrier.carried]
        assert 300 / (starts[-1] - starts[-301]) >= 0.95 * 50


@in_virtual_time
async def test_the_rate_is_reached_although_the_database_is_slow(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=500, attempts=1, limits=TrunkLimits(50, 100, 100)) as world:
        world.database.taking = 100 * MS  # as others write, too
        world.start()
        await world.until_called(500)
        starts = [each.placed for each in world.carrier.carried]
        assert 400 / (starts[-1] - starts[-401]) >= 0.93 * 50


@in_virtual_time
async def test_a_dead_trunk_is_left_alone_for_longer_and_longer(tmp_path: Path) -> None:
    dead = replace(REFUSED, end=End.CONGESTION)
    async with a_world(tmp_path, dead, contacts=100, attempts=5, limits=TrunkLimits(5, 20, 20)) as world:
        world.start()
        await passes(5 * MINUTE)
        assert len(world.carrier.carried) < 30


@in_virtual_time
async def test_empty_lanes_hold_up_nobody(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=20, limits=TrunkLimits(5, 20, 20)) as world:
        for n in range(15):  # every batch with settings of its own has its own lane
            await world.add(1, batch_id=f"L-{n}", mailing=Mailing(attempts=1))
        await world.add(150, batch_id="L-last", mailing=Mailing(attempts=3))
        world.start()
        await world.until_called(450)  # all the time some contact becomes due
        assert world.clock.now() - world.carrier.carried[0].at < 99 * SECOND


# ---- when others fail ----------------------------------------------------------------------------


@in_virtual_time
async def test_a_link_that_breaks_while_placing_withdraws_the_call(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, attempts=1) as world:
        world.carrier.refusing = 2
        world.start()
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}
        assert await world.dispositions() == {"withdrawn": 2, "busy": 3}
        assert {attempt.platform_code for attempt in await withdrawn(world)} == {"switch_away"}


@in_virtual_time
async def test_while_the_switch_is_away_nobody_is_called(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.carrier.cut()
        placed = len(world.carrier.carried)
        await passes(MINUTE)
        assert len(world.carrier.carried) == placed
        world.carrier.meet(world.engine.tracker)
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}


@in_virtual_time
async def test_while_the_database_fails_nothing_is_dialled(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda work: True
        await passes(SECOND)
        placed = len(world.carrier.carried)
        await passes(MINUTE)
        assert len(world.carrier.carried) == placed
        world.database.fails = lambda work: False
        await world.until_finished()
        assert await world.dispositions() == {"busy": 30}


@pytest.mark.parametrize("work", ["wake", "lease", "unvoice", "conclude"])
@in_virtual_time
async def test_a_database_that_fails_in_one_thing_loses_nothing(tmp_path: Path, work: str) -> None:
    async with a_world(tmp_path, BUSY, contacts=30, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda name: name == work
        world.voice.gone = set(world.voice.keys)
        await passes(HALF_A_MINUTE)
        world.database.fails = lambda name: False
        await world.until_finished()
        assert set(world.carrier.numbers.values()) == {1}
        assert (await world.dispositions())["busy"] == 30


# ---- many plans at once --------------------------------------------------------------------------


@in_virtual_time
async def test_many_plans_cost_no_more_transactions_than_their_calls_need(tmp_path: Path) -> None:
    """Contacts become due one after another, each in one of many lanes: the others are not looked through for it."""
    picked: Counter[str] = Counter()

    def count(work: str) -> bool:
        picked[work] += 1
        return False

    limits = TrunkLimits(20, 200, 50)
    async with a_world(tmp_path, BUSY, contacts=0, limits=limits, attempts=3) as world:
        for lane in range(20):
            await world.add(4, batch_id=f"B-{lane}", first=4 * lane, mailing=Mailing(attempts=3))
        world.database.fails = count
        world.start()
        await world.until_finished()
        assert len(world.carrier.carried) == 20 * 4 * 3
        assert picked["lease"] <= len(world.carrier.carried)


@in_virtual_time
async def test_plans_of_the_same_priority_take_turns(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=0, limits=TrunkLimits(4, 10, 10)) as world:
        for lane in range(3):
            await world.add(10, batch_id=f"B-{lane}", first=10 * lane, mailing=Mailing(attempts=1))
        world.start()
        await world.until_called(9)
        called = Counter(int(each.call.number[5:9]) // 10 for each in world.carrier.carried[:9])
        assert called == {0: 3, 1: 3, 2: 3}


@in_virtual_time
async def test_calls_that_follow_others_on_a_full_trunk_are_saved_together(tmp_path: Path) -> None:
    picked: Counter[str] = Counter()

    def count(work: str) -> bool:
        picked[work] += 1
        return False

    async with a_world(tmp_path, LISTENS, contacts=300, limits=TrunkLimits(40, 60, 50)) as world:
        world.database.fails = count
        world.start()
        await world.until_finished()
        assert world.carrier.most_at_once >= 59
        assert picked["lease"] <= 300 / 3
