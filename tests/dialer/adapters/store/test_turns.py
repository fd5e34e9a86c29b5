"""Do reads take turns, and does one that takes long keep nobody waiting?"""

import asyncio
from datetime import timedelta

from dialer.adapters.store.turns import PATIENCE, Turns
from tests.support.clock import MS, passes
from tests.support.engines import in_virtual_time


class Readers:
    """Who reads, and who has begun so far."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self.reading = 0
        self.most = 0

    async def read(self, name: str, takes: timedelta) -> None:
        async with self.turns.turn():
            self.begun.append(name)
            self.reading += 1
            self.most = max(self.most, self.reading)
            await passes(takes)
            self.reading -= 1


@in_virtual_time
async def test_short_reads_follow_one_another_in_the_order_they_were_asked() -> None:
    readers = Readers(Turns(1))
    await asyncio.gather(*(readers.read(name, MS) for name in "abcd"))
    assert (readers.begun, readers.most) == (list("abcd"), 1)


@in_virtual_time
async def test_a_long_read_is_not_waited_for() -> None:
    readers = Readers(Turns(1))
    long = asyncio.create_task(readers.read("long", 100 * PATIENCE))
    await passes(MS)
    async with asyncio.timeout((2 * PATIENCE).total_seconds()):
        await asyncio.gather(readers.read("a", MS), readers.read("b", MS))
    assert not long.done()
    assert readers.most == 2
    await long


@in_virtual_time
async def test_whoever_gives_up_lets_the_next_one_begin() -> None:
    readers = Readers(Turns(1))
    first = asyncio.create_task(readers.read("first", 100 * PATIENCE))
    await passes(MS)
    first.cancel()
    await readers.read("second", MS)
    assert readers.begun == ["first", "second"]
    assert first.cancelled()
