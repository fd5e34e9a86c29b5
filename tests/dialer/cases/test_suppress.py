"""Is nobody called who asked not to be, whatever the engine is doing when the wish comes?"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.adapters.simulated import SeededStories
from dialer.calloff import Ending, Found
from dialer.cases.suppress import Kept, Suppressing
from dialer.core.suppressions import Wish
from dialer.core.trunks import TrunkLimits
from dialer.model import Disposition
from tests.support.carrier import BUSY, LISTENS, RINGS, SHARES
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time
from tests.support.suppressions import everywhere, wish

KEY = "key:abcd"


def number(debtor: int, place: int = 0) -> str:
    return f"+4828{debtor:04d}{place:03d}"


def suppressing(world: World) -> Suppressing:
    return Suppressing(world.store, world.engine.calloff, world.clock)


async def leave_in_peace(world: World, asked: Wish) -> Kept:
    return await suppressing(world).suppress(asked, KEY)


def becomes(calls: list[Ending]) -> list[tuple[Found, Disposition | None]]:
    return [(each.found, each.outcome) for each in calls]


# ---- one wish -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [wish(number(0)), wish(debtor="D0"), everywhere(number(0))])
@in_virtual_time
async def test_a_ringing_call_is_hung_up_before_the_reply(tmp_path: Path, asked: Wish) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        asked_at = world.clock.now()

        kept = await leave_in_peace(world, asked)

        assert becomes([*kept.calls]) == [(Found.RINGING, Disposition.CANCELLED)]
        assert not world.carrier.up_at(number(0))
        assert world.clock.now() - asked_at < SECOND
        await world.until_finished()
        [contact] = await world.contacts()
        assert (contact.finished, contact.attempts) == ("do_not_call", 1)


@in_virtual_time
async def test_whoever_listens_is_taken_leave_of(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        kept = await leave_in_peace(world, wish(number(0)))
        assert becomes([*kept.calls]) == [(Found.PLAYING, Disposition.BROKEN_OFF)]


@in_virtual_time
async def test_another_number_of_the_debtor_is_called_instead(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, numbers_each=2) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        kept = await leave_in_peace(world, wish(number(0)))
        assert becomes([*kept.calls]) == [(Found.RINGING, Disposition.CANCELLED)]
        await world.until_called(3)
        assert world.carrier.numbers == {number(0): 1, number(0, 1): 2}


@in_virtual_time
async def test_what_was_leased_before_and_is_heard_of_after_is_never_placed(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.database.heard_after = {"lease": SECOND}
        world.start()
        await world.until(lambda: world.database.leased == 1)

        kept = await leave_in_peace(world, wish(number(0)))

        assert becomes([*kept.calls]) == [(Found.SAVED, Disposition.WITHDRAWN)]
        await world.until_finished()
        assert not world.carrier.carried


@in_virtual_time
async def test_a_list_that_names_the_number_again_does_not_bring_it_back(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        await leave_in_peace(world, wish(number(0)))
        await world.add(1, batch_id="B-2")
        await passes(2 * MINUTE)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_whoever_takes_the_wish_back_is_called_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        kept = await leave_in_peace(world, wish(number(0)))
        lifted = await suppressing(world).lift(kept.suppressed.suppression.id, KEY)
        assert lifted is not None
        await world.until_called(2)
        assert world.carrier.carried[1].at - world.carrier.carried[0].at >= 30 * SECOND


@in_virtual_time
async def test_a_wish_for_a_while_is_over_after_it(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        until = world.clock.now() + 5 * MINUTE
        await leave_in_peace(world, wish(number(0), until=until))
        await world.until_called(2)
        assert timedelta() <= world.carrier.carried[1].at - until <= 2 * MINUTE


@in_virtual_time
async def test_a_database_that_fails_lets_a_wish_hold_longer(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        until = world.clock.now() + 5 * MINUTE
        await leave_in_peace(world, wish(number(0), until=until))
        world.database.fails = lambda work: work == "lift_if_outlived"
        await passes(10 * MINUTE)
        assert len(world.carrier.carried) == 1
        world.database.fails = lambda _: False
        await world.until_called(2)


@in_virtual_time
async def test_a_crash_right_after_the_wish_was_kept_keeps_no_call_up(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS, contacts=2, numbers_each=2) as world:
        world.start()
        await world.until_called(2)
        await passes(2 * SECOND)
        world.database.after = {"suppress": world.strike}
        asking = asyncio.create_task(leave_in_peace(world, wish(number(0))))
        await passes(100 * MS)
        asking.cancel()
        await asyncio.wait([asking])
        await world.kill()
        assert world.carrier.up_at(number(0))
        world.start()
        await passes(SECOND)
        assert not world.carrier.up_at(number(0))


# ---- under load -----------------------------------------------------------------------------------------

DEBTORS = 20


@dataclass(frozen=True)
class Day:
    """When somebody asks not to be called, in whatever state of the engine that finds the calls."""

    seed: int
    rate: int
    taking: timedelta
    heard_after: timedelta
    wishes: list[tuple[timedelta, Wish]]


moments = st.integers(0, 8000).map(lambda ms: ms * MS)
whose = st.integers(0, DEBTORS - 1)
wishes = st.one_of(
    whose.map(lambda debtor: wish(debtor=f"D{debtor}")),
    whose.map(lambda debtor: wish(number(debtor))),
    whose.map(lambda debtor: everywhere(number(debtor, 1))),
)
days = st.builds(
    Day,
    st.integers(0, 10_000),
    st.sampled_from([2, 10, 40]),
    st.sampled_from([0 * MS, 5 * MS, 60 * MS]),
    st.sampled_from([0 * MS, 30 * MS, 300 * MS]),
    st.lists(st.tuples(moments, wishes), min_size=1, max_size=8),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days)
def test_nothing_rings_against_a_wish_from_the_reply_on(tmp_path: Path, day: Day) -> None:
    @in_virtual_time
    async def live() -> None:
        async with a_world(
            tmp_path, SeededStories(day.seed, SHARES), contacts=DEBTORS, numbers_each=2, attempts=1, ring_seconds=5,
            limits=TrunkLimits(day.rate, 20, 20),
        ) as world:  # fmt: skip
            world.database.taking = day.taking
            world.database.heard_after = {"lease": day.heard_after}
            world.start()
            protected: dict[str, float] = {}  # numbers, and when the reply came

            async def asks(after: timedelta, asked: Wish) -> None:
                await passes(after)
                kept = await leave_in_peace(world, asked)
                assert all(each.is_done for each in kept.calls)
                debtor = int((asked.debtor_ref or "D0")[1:])
                for each in [asked.number] if asked.number else [number(debtor), number(debtor, 1)]:
                    assert not world.carrier.up_at(each)
                    protected.setdefault(each, world.clock.monotonic())

            async with asyncio.TaskGroup() as tasks:
                for after, asked in day.wishes:
                    tasks.create_task(asks(after, asked))
            await world.until_finished(within=30 * MINUTE)
            late = [
                each
                for each in world.carrier.carried
                if each.call.number in protected and each.placed > protected[each.call.number]
            ]
            assert not late
            await world.keeps_its_promises(per_number=1, spacing=timedelta())

    live()
