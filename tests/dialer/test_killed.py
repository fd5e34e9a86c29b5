"""Is every promise kept when the engine is killed at any moment, again and again?"""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from dialer.adapters.simulated import SeededStories, Shares
from dialer.core.call import End
from dialer.core.trunks import TrunkLimits
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import World, a_world, in_virtual_time

KILLS = 6
SHARES = Shares(
    {End.NORMAL: 0.4, End.BUSY: 0.25, End.NO_ANSWER: 0.25, End.NOT_PLACED: 0.1},
    rings_for=2 * SECOND,
    message=3 * SECOND,
)
UNITS = ("wake", "lease", "conclude", "voice", "unvoiced", "open")


async def kill_somewhere(world: World, chance: Random) -> None:
    """After a while: at a step of the event loop, or in the moment between a commit and its being heard of."""
    await passes(chance.uniform(0, 12) * SECOND)
    if chance.random() < 0.5:
        for _ in range(chance.randrange(300)):
            await passes(timedelta())
        await world.kill()
        return
    world.database.after = {chance.choice(UNITS): world.strike}
    await passes(2 * SECOND)
    await world.kill()


@pytest.mark.parametrize("seed", range(10))
@in_virtual_time
async def test_no_promise_is_broken_by_being_killed(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    async with a_world(
        tmp_path, SeededStories(seed, SHARES), contacts=12, numbers_each=2, attempts=2, ring_seconds=5,
        limits=TrunkLimits(chance.choice([2, 10, 40]), 10, 10),
    ) as world:  # fmt: skip
        for _ in range(KILLS):
            world.database.taking = chance.choice([0, 5, 60]) * MS
            world.start()
            await kill_somewhere(world, chance)
            await passes(chance.uniform(1, 8) * SECOND)  # a process takes a second to start again
        world.start()
        await world.until_finished(within=30 * MINUTE)
        await world.keeps_its_promises(per_number=2, spacing=30 * SECOND)
        assert {contact.state for contact in await world.contacts()} == {"finished"}
