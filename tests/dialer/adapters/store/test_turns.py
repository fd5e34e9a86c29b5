"""Do units of work take turns, and does one that takes long keep nobody waiting?"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from threading import Event

import pytest

from dialer.adapters.store.turns import IN_A_ROW, Turns
from tests.support.ear import PATIENCE


@asynccontextmanager
async def turns(most: int, threads: int, **more: timedelta) -> AsyncIterator[Turns]:
    made = Turns(most, threads, "test", **more)
    try:
        async with asyncio.timeout(PATIENCE):
            yield made
    finally:
        await asyncio.to_thread(made.close)


class Long:
    """A unit that takes until it is let go."""

    def __init__(self) -> None:
        self.goes_on, self.is_let_go = asyncio.Event(), Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> None:
        self._loop.call_soon_threadsafe(self.goes_on.set)
        assert self.is_let_go.wait(PATIENCE)


async def test_units_are_carried_out_in_the_order_they_were_asked() -> None:
    async with turns(1, 1) as these:
        begun: list[str] = []
        await asyncio.gather(*(these.run(partial(begun.append, name)) for name in "abcd"))
        assert begun == list("abcd")


async def test_what_is_urgent_overtakes_others_and_stops_nobody() -> None:
    async with turns(1, 1) as these:
        long, begun = Long(), list[str]()
        going_on = these.run(long)
        await long.goes_on.wait()
        urgent = [f"urgent {n}" for n in range(IN_A_ROW + 1)]
        asked = [these.run(partial(begun.append, name), is_urgent=name in urgent) for name in ("a", "b", *urgent)]
        long.is_let_go.set()
        await asyncio.gather(going_on, *asked)
        assert begun == [*urgent[:IN_A_ROW], "a", urgent[IN_A_ROW], "b"]


async def test_a_long_unit_is_overtaken() -> None:
    async with turns(1, 2) as these:
        long = Long()
        going_on = these.run(long)
        await long.goes_on.wait()
        assert await these.run(lambda: "a") == "a"
        assert await these.run(lambda: "b") == "b"
        assert not going_on.done()
        long.is_let_go.set()
        await going_on


async def test_units_that_are_not_overtaken_go_on_one_at_a_time() -> None:
    async with turns(1, 4, patience=timedelta(hours=1)) as these:
        going_on: list[int] = []

        def unit(number: int) -> list[int]:
            going_on.append(number)
            seen = going_on.copy()
            going_on.remove(number)
            return seen

        seen = await asyncio.gather(*(these.run(partial(unit, n)) for n in range(500)))
        assert seen == [[n] for n in range(500)]


async def test_what_is_given_up_before_it_begins_is_left_out() -> None:
    async with turns(1, 1) as these:
        long, begun = Long(), list[str]()
        going_on = these.run(long)
        await long.goes_on.wait()
        these.run(partial(begun.append, "given up")).cancel()
        last = these.run(partial(begun.append, "kept"))
        long.is_let_go.set()
        await asyncio.gather(going_on, last)
        assert begun == ["kept"]


async def test_whoever_gives_up_meanwhile_lets_the_next_one_begin() -> None:
    async with turns(1, 1) as these:
        long = Long()
        given_up = these.run(long)
        await long.goes_on.wait()
        given_up.cancel()
        long.is_let_go.set()
        assert await these.run(lambda: "next") == "next"


async def test_an_error_is_told_to_whoever_asked_and_to_nobody_else() -> None:
    async with turns(1, 1) as these:
        failing, fine = these.run(partial(_fail, ValueError)), these.run(lambda: "fine")
        with pytest.raises(ValueError, match="not so"):
            await failing
        assert await fine == "fine"


async def test_closing_waits_for_all_that_was_asked() -> None:
    async with turns(1, 1) as these:
        begun: list[int] = []
        asked = [these.run(partial(begun.append, n)) for n in range(100)]
        await asyncio.to_thread(these.close)
        assert begun == list(range(100))
        await asyncio.gather(*asked)


def _fail(error: Callable[[str], Exception]) -> None:
    raise error("not so")
