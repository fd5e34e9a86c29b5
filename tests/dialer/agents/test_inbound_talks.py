"""How is a talk with somebody who called a brand wrapped up?"""

from datetime import timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from dialer.agents.inbound_talks import InboundTalks
from dialer.agents.screens import Screens, ScreensStore
from dialer.ports.store import InboundCalls
from tests.dialer.test_inbound import CALLER, LINE, SETTINGS, World, inbound
from tests.support.engines import in_virtual_time
from tests.support.floor import a_floor, an_agent


@in_virtual_time
async def test_an_agent_may_take_as_long_as_the_brand_says(tmp_path: Path) -> None:
    world = World(SETTINGS.model_copy(update={"transfer_wait_seconds": 20, "wrap_up_seconds": 90}))
    calls = inbound(world)
    await calls.look()
    begun = calls.begin("1795.1", LINE, CALLER)
    assert begun is not None
    async with a_floor(tmp_path, an_agent("anna")) as floor:
        screens = Screens(cast(ScreensStore, world), floor.roster, floor.joins, floor.tracker, floor.lanes)
        talks = InboundTalks(calls, cast(InboundCalls, world), floor.joins, floor.roster, screens)
        talks.wants_agent("1795.1", begun[1], ZoneInfo("Europe/Warsaw"))

        terms = talks.terms("1795.1")
        assert terms is not None
        assert terms.limit == timedelta(seconds=90)
