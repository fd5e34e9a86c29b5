"""Does a stop let running messages end, and report each that it breaks off?"""

import asyncio
from datetime import timedelta

import pytest

from ivr.limits import Limits
from ivr.session import EndedBy
from tests.support.answering import SOON, WHOLE, answering, to_the_end


class Endless:
    """What never comes to its end while nobody ends it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def play(self, _: timedelta) -> None:
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_stop_lets_running_messages_end() -> None:
    stopping = asyncio.Event()
    async with answering() as house:
        begun = asyncio.Event()

        async def play(length: timedelta) -> None:
            begun.set()
            await stopping.wait()
            await house.clock.play(length)

        async with asyncio.TaskGroup() as group:
            group.create_task(house.peer(play=play).call(house.server.address))
            await begun.wait()
            address = house.server.address
            stop = group.create_task(house.server.stop())
            while True:  # until nobody new is let in
                try:
                    _, writer = await asyncio.open_connection(*address)
                    writer.close()
                except ConnectionError:
                    break
            assert not stop.done()
            stopping.set()
        assert await house.reported() == ("attempt-1", WHOLE)


async def test_a_stop_breaks_off_what_outlasts_the_grace_and_reports_it() -> None:
    endless = Endless()
    async with answering(Limits(grace=SOON)) as house:
        async with asyncio.TaskGroup() as group:
            group.create_task(house.peer(play=endless.play).call(house.server.address))
            await endless.begun.wait()
            await house.server.stop()
        assert (await house.reported())[1].ended_by is EndedBy.US
        assert house.server.open_connections == 0


async def test_a_stop_that_is_cancelled_still_reports() -> None:
    endless = Endless()
    async with answering() as house, asyncio.TaskGroup() as group:
        group.create_task(house.peer(play=endless.play).call(house.server.address))
        await endless.begun.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SOON.total_seconds()):
                await house.server.stop()
        assert (await house.reported())[1].ended_by is EndedBy.US


async def test_a_stop_does_not_wait_for_peers_that_never_spoke() -> None:
    async with answering() as house:
        reader, writer = await house.raw()
        await house.serves()
        await house.server.stop()
        assert await to_the_end(reader, writer) == b""
