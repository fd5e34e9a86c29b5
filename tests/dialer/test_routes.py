"""Which trunk carries a call, where there are several?"""

from collections import Counter
from pathlib import Path

from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from tests.support.carrier import BUSY, LISTENS, REFUSED
from tests.support.clock import MINUTE, passes
from tests.support.engines import a_world, in_virtual_time


@in_virtual_time
async def test_what_the_first_trunk_cannot_carry_goes_over_the_reserve(tmp_path: Path) -> None:
    limits = TrunkLimits(10, 4, 50)
    routes = [Route("main", limits), Route("reserve", limits, order=2)]
    async with a_world(tmp_path, LISTENS, contacts=30, attempts=1, routes=routes) as world:
        world.start()
        await world.until_finished()
        carried = Counter(attempt.trunk for attempt in await world.attempts())
        assert carried.keys() == {"main", "reserve"}
        assert world.carrier.most_on_trunk == {"main": 4, "reserve": 4}


@in_virtual_time
async def test_a_trunk_without_a_network_is_left_for_the_other_and_costs_nobody_an_attempt(tmp_path: Path) -> None:
    limits = TrunkLimits(10, 20, 50)
    routes = [Route("dead", limits), Route("well", limits, order=2)]
    async with a_world(
        tmp_path, lambda call: REFUSED if call.trunk == "dead" else BUSY, contacts=40, attempts=2, routes=routes
    ) as world:
        world.start()
        await passes(5 * MINUTE)  # a few try again whether the trunk is back
        made = [each for each in await world.attempts() if each.disposition]
        assert {(each.trunk, each.disposition, each.counted) for each in made} == {
            ("dead", "not_placed", False),
            ("well", "busy", True),
        }
        carried = Counter(each.trunk for each in made)
        assert carried["well"] >= 70
        assert carried["dead"] < 30


@in_virtual_time
async def test_a_campaign_calls_only_over_trunks_that_present_its_number(tmp_path: Path) -> None:
    limits = TrunkLimits(10, 20, 50)
    routes = [Route("other", limits, caller_numbers=frozenset({"+48388999999"})), Route("any", limits, order=2)]
    async with a_world(tmp_path, BUSY, contacts=10, attempts=1, routes=routes) as world:
        world.start()
        await world.until_finished()
        assert {attempt.trunk for attempt in await world.attempts()} == {"any"}


@in_virtual_time
async def test_a_number_that_no_trunk_presents_is_not_called_from(tmp_path: Path) -> None:
    routes = [Route("other", TrunkLimits(10, 20, 50), caller_numbers=frozenset({"+48388999999"}))]
    async with a_world(tmp_path, BUSY, contacts=10, attempts=1, routes=routes) as world:
        world.start()
        await passes(10 * MINUTE)
        assert not world.carrier.carried
        assert await world.attempts() == []
