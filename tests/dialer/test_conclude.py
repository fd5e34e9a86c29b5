import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.conclude import MOST_WAITING, Concluder
from dialer.core.call import Call, End, State
from dialer.core.retry import Again, Number, Stand
from dialer.core.trunks import TrunkLimits
from dialer.lanes import Lanes
from dialer.model import Attempt, Disposition, Mode, NumberType
from dialer.ports.store import Concluded, Conclusion
from tests.support.carrier import BUSY, LISTENS
from tests.support.clock import MINUTE, MONDAY, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time
from tests.support.floor import Campaigns, a_lane


@in_virtual_time
async def test_conclusions_wait_for_the_database_and_none_is_lost(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=20, attempts=1) as world:
        world.start()
        await world.until_called(5)
        world.database.fails = lambda work: work == "conclude"
        await world.until_called(20)
        await passes(MINUTE)
        assert (await world.dispositions())[None] > 10
        assert not any(contact.state == "waiting" for contact in await world.contacts())
        world.database.fails = lambda work: False
        await world.until_finished()
        assert await world.dispositions() == {"busy": 20}
        assert set(world.carrier.numbers.values()) == {1}


def a_conclusion(world: World, n: int) -> Conclusion:
    now = world.clock.now()
    attempt = Attempt(f"{n:032x}", 1, "RENT", 1, n, "+48280000000", "m", now)
    return Conclusion(attempt, Call(attempt.id, now, State.ENDED, ended_at=now, end=End.BUSY), Disposition.BUSY)


@in_virtual_time
async def test_when_too_much_waits_to_be_written_dialing_stops_also_while_it_is_tried(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=20) as world:
        world.database.fails = lambda work: work == "conclude"
        world.database.taking = SECOND  # a database that takes its time to fail
        for n in range(MOST_WAITING + 1):
            world.engine.concluder.add(a_conclusion(world, n))
        world.start()
        await passes(MINUTE)
        assert not world.carrier.carried
        world.database.fails = lambda work: False
        await world.until_called(20)


@in_virtual_time
async def test_whoever_watches_hears_of_an_end_when_it_is_written(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=3, attempts=1) as world:
        heard: list[Conclusion] = []
        world.engine.concluder.watchers.append(heard.append)
        world.database.fails = lambda work: work == "conclude"
        world.start()
        await world.until_called(3)
        await passes(10 * SECOND)
        assert heard == []
        world.database.fails = lambda work: False
        await world.until_finished()
        assert sorted(each.attempt.contact_id for each in heard) == [1, 2, 3]


@in_virtual_time
async def test_an_end_told_again_by_another_engine_is_written_once(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, attempts=2) as world:
        again: list[Conclusion] = []
        world.engine.concluder.watchers.append(again.append)
        world.start()
        await world.until(lambda: bool(again))
        world.engine.concluder.add(again[0])
        await world.until_finished()
        assert world.carrier.numbers.total() == 2
        assert await world.dispositions() == {"busy": 2}


@in_virtual_time
async def test_the_row_tells_the_story_of_the_call(tmp_path: Path) -> None:
    async with a_world(tmp_path, LISTENS, limits=TrunkLimits(5, 1, 1)) as world:
        world.start()
        await world.until_finished()
        [row] = await world.attempts()
        [carried] = world.carrier.carried
        assert row.placed_at == carried.at
        story = [row.started_at, row.rang_at, row.answered_at, row.message_at, row.ended_at]
        assert [(moment - carried.at) / SECOND for moment in story if moment] == [0.05, 1, 3, 3, 8]
        assert row.heard_ms == timedelta(seconds=5) / timedelta(milliseconds=1)


class Book:
    """A ledger of contacts that stand the same, and what was decided."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.decided: asyncio.Queue[Concluded] = asyncio.Queue()

    async def conclude(
        self, conclusions: Sequence[Conclusion], decide: Callable[[Conclusion, Stand], Concluded]
    ) -> None:
        for each in conclusions:
            self.decided.put_nowait(decide(each, self._stand))


@pytest.mark.parametrize("attempts", [0, 1, 5])
@in_virtual_time
async def test_who_was_promised_a_call_gets_one_also_when_the_plan_has_none_left(attempts: int) -> None:
    number = "+48280000000"
    lanes = Lanes(Campaigns(a_lane(mode=Mode.MESSAGE)))  # type: ignore[arg-type]
    await lanes.refresh()
    book = Book(Stand([Number(number, 1, attempts, NumberType.MOBILE)], {}, None, 0))
    concluder = Concluder(book, lanes)  # type: ignore[arg-type]
    call = Call("a", MONDAY, State.ENDED, started_at=MONDAY, ended_at=MONDAY + 30 * SECOND, end=End.NORMAL)
    concluder.add(Conclusion(Attempt("a", 1, "RENT", 1, 1, number, "m", MONDAY), call, Disposition.UNSERVED))
    running = asyncio.create_task(concluder.run())
    decided = await book.decided.get()
    running.cancel()
    assert decided.next == Again(MONDAY + MINUTE), "after the spacing"
    assert decided.call_back_at == MONDAY + MINUTE
