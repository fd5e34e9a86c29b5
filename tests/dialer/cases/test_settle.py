"""Is nobody called who has paid, whatever the engine is doing when the payment becomes known?"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.adapters.simulated import SeededStories, Story
from dialer.calloff import Found
from dialer.cases.settle import Receipt, Settlement
from dialer.core.balances import BalanceStatus
from dialer.core.call import End
from dialer.core.trunks import TrunkLimits
from dialer.lists.balancefile import BalanceFile
from dialer.lists.calllist import Format
from dialer.model import Disposition
from tests.support.carrier import BUSY, LISTENS, RINGS, SHARES
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import CAMPAIGN, World, a_world, in_virtual_time
from tests.support.feed import disagreements

KEY = "key:abcd"

_serial = count()


def balances(folder: Path, debtors: Collection[int], amount: str = "0.00", version: int = 2) -> BalanceFile:
    lines = [f"RENT/D{debtor},{amount},PLN,{version}" for debtor in debtors]
    path = folder / f"balances-{next(_serial)}.csv"
    path.write_text("\n".join(["case_id,balance,currency,version", *lines]) + "\n")
    return BalanceFile("CL-CZYNSZ", Format.CSV, path)


async def pay(world: World, folder: Path, *debtors: int, amount: str = "0.00", version: int = 2) -> Receipt:
    settlement = Settlement(world.store, world.engine.calloff, world.clock)
    return await settlement.settle(balances(folder, debtors, amount, version), KEY)


def number(debtor: int) -> str:
    return f"+4828{debtor:04d}000"


def becomes(receipt: Receipt) -> list[tuple[Found, Disposition | None]]:
    return [(each.found, each.outcome) for each in receipt.calls]


# ---- one debtor -----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_ringing_call_is_hung_up_before_the_reply(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        paid_at = world.clock.now()

        receipt = await pay(world, tmp_path, 0)

        assert becomes(receipt) == [(Found.RINGING, Disposition.CANCELLED)]
        assert not world.carrier.up_at(number(0))
        assert world.clock.now() - paid_at < SECOND
        await world.until_finished()
        [contact] = await world.contacts()
        assert (contact.finished, contact.attempts) == ("settled", 1)
        assert [attempt.counted for attempt in await world.attempts()] == [True]  # the telephone rang


@in_virtual_time
async def test_who_is_called_later_is_not_called_at_all(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)  # the next attempt is due in half a minute
        receipt = await pay(world, tmp_path, 0)
        assert (receipt.settled.finished, receipt.settled.calls_before, list(receipt.calls)) == (1, 1, [])
        await passes(2 * MINUTE)
        assert len(world.carrier.carried) == 1


@in_virtual_time
async def test_an_attempt_that_was_saved_is_never_placed(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, limits=TrunkLimits(1, 10, 10)) as world:
        world.start()
        await world.until_called(1)
        await world.until(lambda: world.database.leased > 1)
        receipt = await pay(world, tmp_path, 1, 2)
        assert receipt.settled.finished == 2
        await passes(MINUTE)
        assert set(world.carrier.numbers) == {number(0)}


@in_virtual_time
async def test_what_was_leased_before_and_is_heard_of_after_is_never_placed(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.database.heard_after = {"lease": SECOND}
        world.start()
        await world.until(lambda: world.database.leased == 1)

        receipt = await pay(world, tmp_path, 0)

        assert becomes(receipt) == [(Found.SAVED, Disposition.WITHDRAWN)]
        await world.until_finished()
        assert not world.carrier.carried
        [attempt] = await world.attempts()
        assert (attempt.platform_code, attempt.counted) == ("called_off", False)


@in_virtual_time
async def test_a_call_that_had_ended_is_past(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY) as world:
        world.database.fails = lambda work: work == "conclude"
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        receipt = await pay(world, tmp_path, 0)
        assert becomes(receipt) == [(Found.ENDED, Disposition.BUSY)]
        world.database.fails = lambda _: False
        await world.until_finished()


@in_virtual_time
async def test_a_message_that_plays_takes_its_leave_before_the_reply(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        receipt = await pay(world, tmp_path, 0)
        assert becomes(receipt) == [(Found.PLAYING, Disposition.BROKEN_OFF)]
        assert not world.carrier.up_at(number(0))


@in_virtual_time
async def test_who_cancels_the_request_does_not_keep_the_call_ringing(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        world.database.taking = SECOND
        paying = asyncio.create_task(pay(world, tmp_path, 0))
        await passes(500 * MS)
        paying.cancel()
        await asyncio.wait([paying])
        await passes(100 * MS)
        assert not world.carrier.up_at(number(0))


@in_virtual_time
async def test_a_call_that_rings_while_the_switch_is_away_is_hung_up_when_it_is_back(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        world.carrier.cut()
        receipt = await pay(world, tmp_path, 0)
        assert [each.outcome for each in receipt.calls] == [None]
        world.carrier.meet(world.engine.tracker)
        await passes(SECOND)
        assert not world.carrier.up_at(number(0))
        await world.until_finished()
        assert [contact.finished for contact in await world.contacts()] == ["settled"]


@in_virtual_time
async def test_who_answers_while_the_switch_is_away_hears_nothing_of_what_is_paid(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        world.carrier.cut()
        await pay(world, tmp_path, 0)
        world.carrier.meet(world.engine.tracker)
        await world.until_finished()
        [attempt] = await world.attempts()
        assert attempt.message_at is None


@in_virtual_time
async def test_what_was_saved_for_a_switch_that_has_frozen_is_withdrawn_at_once(tmp_path: Path) -> None:
    frozen = Story(End.BUSY, ends=10 * MINUTE, starts=9 * MINUTE)
    async with a_world(tmp_path, frozen, contacts=5, limits=TrunkLimits(20, 50, 2)) as world:
        world.start()
        await world.until_called(2)
        await passes(5 * SECOND)  # it takes two calls that it has not begun; three more are saved
        paid_at = world.clock.now()

        receipt = await pay(world, tmp_path, 2, 3, 4)

        assert becomes(receipt) == [(Found.SAVED, Disposition.WITHDRAWN)] * 3
        assert world.clock.now() - paid_at < SECOND
        assert len(world.carrier.carried) == 2


# ---- another sum ----------------------------------------------------------------------------------------


@in_virtual_time
async def test_a_call_about_another_sum_is_hung_up_while_it_rings_and_made_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await passes(2 * SECOND)
        receipt = await pay(world, tmp_path, 0, amount="20.00")
        assert becomes(receipt) == [(Found.RINGING, Disposition.CANCELLED)]
        assert receipt.settled.changed == 1
        await world.until_called(2)
        spacing = world.carrier.carried[1].at - world.carrier.carried[0].at
        assert spacing >= timedelta(seconds=30)


@in_virtual_time
async def test_who_listens_to_another_sum_may_go_on_listening(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        receipt = await pay(world, tmp_path, 0, amount="20.00")
        assert [(each.found, each.may_go_on) for each in receipt.calls] == [(Found.PLAYING, True)]
        await world.until_finished()
        assert await world.dispositions() == {"delivered": 1}


@in_virtual_time
async def test_who_pays_the_rest_while_listening_is_told_off_the_line(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS) as world:
        world.start()
        await world.until_called()
        await passes(5 * SECOND)
        await pay(world, tmp_path, 0, amount="20.00")
        receipt = await pay(world, tmp_path, 0, version=3)
        assert becomes(receipt) == [(Found.PLAYING, Disposition.BROKEN_OFF)]


@in_virtual_time
async def test_who_owes_again_is_called_again(tmp_path: Path) -> None:
    async with a_world(tmp_path, RINGS) as world:
        world.start()
        await world.until_called()
        await pay(world, tmp_path, 0)
        await pay(world, tmp_path, 0, amount="153.20", version=3)
        await world.until_called(2)


# ---- killed between the commit and the calls' end -------------------------------------------------------


@pytest.mark.parametrize("story", [RINGS, LISTENS])
@in_virtual_time
async def test_a_crash_right_after_the_payment_was_kept_keeps_no_call_up(tmp_path: Path, story: Story) -> None:
    async with a_world(tmp_path, story, contacts=3) as world:
        world.start()
        await world.until_called(3)
        await passes(2 * SECOND)
        world.database.after = {"settle": world.strike}
        paying = asyncio.create_task(pay(world, tmp_path, 0, 1))
        await passes(100 * MS)
        paying.cancel()
        await asyncio.wait([paying])
        await world.kill()
        assert world.carrier.up_at(number(0))
        world.start()
        await passes(SECOND)
        assert not world.carrier.up_at(number(0)) + world.carrier.up_at(number(1))
        again = await pay(world, tmp_path, 0, 1)
        assert again.counts == {BalanceStatus.DUPLICATE: 2}
        await world.until_finished()
        finished = {contact.debtor_ref: contact.finished for contact in await world.contacts()}
        assert (finished["D0"], finished["D1"]) == ("settled", "settled")


# ---- under load -----------------------------------------------------------------------------------------

DEBTORS = 25


@dataclass(frozen=True)
class Day:
    """A schedule of payments, in whatever state of the engine they find it."""

    seed: int
    rate: int
    taking: timedelta
    heard_after: timedelta
    payments: list[tuple[timedelta, list[int]]]


days = st.builds(
    Day,
    st.integers(0, 10_000),
    st.sampled_from([2, 10, 40]),
    st.sampled_from([0 * MS, 5 * MS, 60 * MS]),
    st.sampled_from([0 * MS, 30 * MS, 300 * MS]),
    st.lists(
        st.tuples(
            st.integers(0, 8000).map(lambda ms: ms * MS), st.lists(st.integers(0, DEBTORS - 1), min_size=1, max_size=12)
        ),
        min_size=1,
        max_size=6,
    ),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days)
def test_nothing_rings_at_who_has_paid_from_the_reply_on(tmp_path: Path, day: Day) -> None:
    @in_virtual_time
    async def live() -> None:
        async with a_world(
            tmp_path, SeededStories(day.seed, SHARES), contacts=DEBTORS, attempts=2, ring_seconds=5,
            limits=TrunkLimits(day.rate, 20, 20),
        ) as world:  # fmt: skip
            world.database.taking = day.taking
            world.database.heard_after = {"lease": day.heard_after}
            world.start()
            paid: dict[int, float] = {}  # when the reply came

            async def payment(after: timedelta, debtors: list[int]) -> None:
                await passes(after)
                receipt = await pay(world, tmp_path, *debtors)
                assert all(each.is_done for each in receipt.calls)
                for debtor in debtors:
                    assert not world.carrier.up_at(number(debtor))
                    paid.setdefault(debtor, world.clock.monotonic())

            async with asyncio.TaskGroup() as tasks:
                for after, debtors in day.payments:
                    tasks.create_task(payment(after, debtors))
            await world.until_finished(within=30 * MINUTE)
            late = [
                each
                for each in world.carrier.carried
                for debtor, replied in paid.items()
                if each.call.number == number(debtor) and each.placed > replied
            ]
            assert not late
            await world.keeps_its_promises(per_number=2, spacing=30 * SECOND)
            assert not await disagreements(world.store, CAMPAIGN)

    live()
