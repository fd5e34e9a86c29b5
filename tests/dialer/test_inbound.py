"""Is whoever calls a brand answered when there is something to say, and is nothing lost of what they tell?"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from dialer.adapters.simulated.voice import SilentVoice
from dialer.core.answers import NO_ANSWERS, Answers, Reply
from dialer.core.brands import BrandSettings
from dialer.core.inbound import InboundCall
from dialer.core.numbers import NumberingPlan
from dialer.core.scenarios import ScenarioVersion
from dialer.inbound import Inbound
from dialer.lanes import Lanes
from dialer.ports.store import Brand, Brands, Campaigns, InboundCalls, StoreFailed
from dialer.ports.store.inbound import Rest, Served
from tests.support.clock import StillClock

LINE, CALLER = "+48380000051", "+48280000001"
AGREED = ScenarioVersion(scenario="S12_inbound_complaints", version=1)
SETTINGS = BrandSettings(
    client_id="CL",
    name="Energia",
    neutral_name="Energia",
    caller_number="+48380000001",
    callback_number=LINE,
    answers_with=AGREED,
)


class World:
    """The store and the voice, as far as calls to us need them."""

    def __init__(self, settings: BrandSettings = SETTINGS) -> None:
        self.settings = settings
        self.fails = 0
        self.taken: list[InboundCall] = []
        self.recorded: list[str] = []
        self.written = asyncio.Event()

    async def brands(self) -> Sequence[Brand]:
        return [Brand("energia", self.settings, 1, StillClock().now())]

    async def take_inbound(self, call: InboundCall, rest: Rest, served: Served) -> int:
        if self.fails:
            self.fails -= 1
            raise StoreFailed("it is away")
        self.taken.append(call)
        self.written.set()
        return 1


class Refusing(SilentVoice):
    async def unanswerable(self, brand_id: str, brand: BrandSettings) -> str | None:
        return "it was retired"


def inbound(world: World, voice: SilentVoice | None = None, most: int = 3) -> Inbound:
    lanes = Lanes(cast(Campaigns, world))
    calls, brands = cast(InboundCalls, world), cast(Brands, world)
    return Inbound(
        calls, brands, voice or SilentVoice(), lanes, StillClock(), NumberingPlan.TEST, most, world.recorded.append
    )


async def test_both_numbers_of_a_brand_are_answered_and_no_others() -> None:
    calls = inbound(World())
    await calls.look()

    assert calls.begin("1", LINE, CALLER)
    assert calls.begin("2", "380000001", "unknown")
    assert calls.begin("3", "+48380000099", CALLER) is None


async def test_a_brand_without_a_scenario_is_not_answered() -> None:
    calls = inbound(World(SETTINGS.model_copy(update={"answers_with": None})))
    await calls.look()

    assert calls.begin("1", LINE, CALLER) is None


async def test_nobody_is_led_through_a_scenario_that_was_retired() -> None:
    calls = inbound(World(), Refusing())
    await calls.look()

    assert calls.begin("1", LINE, CALLER) is None


async def test_a_flood_leaves_room_again_when_calls_are_over() -> None:
    calls = inbound(World(), most=2)
    await calls.look()

    assert [bool(calls.begin(str(n), LINE, f"+4828000000{n}")) for n in range(4)] == [True, True, False, False]
    calls.over("0", timedelta(), "", NO_ANSWERS)
    calls.give_up("1")
    assert [bool(calls.begin(f"again {n}", LINE, f"+4828000000{n}")) for n in range(3)] == [True, True, False]


async def test_what_was_told_is_written_down_at_the_end_at_the_latest() -> None:
    world = World()
    calls = inbound(world)
    await calls.look()
    calls.begin("1", LINE, CALLER)
    calls.over("1", timedelta(seconds=9), "S12@1", Answers(replies=(Reply.DISPUTE,)))

    await calls.write_down()

    [call] = world.taken
    assert (call.caller, call.flow, call.answers.replies) == (CALLER, "S12@1", (Reply.DISPUTE,))
    assert call.ended_at is not None


async def test_a_recording_is_told_of_once_its_call_is_written_down() -> None:
    world = World()
    calls = inbound(world)
    await calls.look()
    for each in ("1", "2"):
        calls.begin(each, LINE, CALLER)
    calls.recording("1")
    for each in ("1", "2"):
        calls.over(each, timedelta(), "", NO_ANSWERS)
    assert world.recorded == []

    await calls.write_down()

    assert world.recorded == ["1"]


async def test_what_the_database_could_not_take_is_brought_again() -> None:
    world = World()
    world.fails = 1
    calls = inbound(world)
    await calls.look()
    calls.begin("1", LINE, CALLER)
    running = asyncio.create_task(calls.run())
    calls.over("1", timedelta(), "", NO_ANSWERS)

    async with asyncio.timeout(10):
        await world.written.wait()
    running.cancel()

    assert [call.id for call in world.taken] == ["1"]
