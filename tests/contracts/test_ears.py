"""Do simulated telephones of supervisors and those behind Asterisk, fake or real, keep the same promises?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from dialer.adapters.ami.link import LinkSettings
from dialer.adapters.ami.switch import AsteriskSettings, AsteriskSwitch
from dialer.adapters.simulated.ears import SimulatedEars
from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.core.call import End
from dialer.core.legs import Down, Up
from dialer.core.listening import ListenMode
from dialer.ports import Ears, Presence
from dialer.ports.ears import EarEvent, ear_id_for, heard_by
from lab.laboratory import Laboratory
from tests.support.ami_server import REFUSED, TALKS, FakeAsterisk
from tests.support.asterisk_switch import settings_for
from tests.support.ear import Ear, RealClock

BOSS, NOBODY = "agent4", "a-telephone-that-is-not-there"
RINGS_FOR = timedelta(seconds=5)


@dataclass(slots=True)
class EarsEar(Ear):
    """Hears of ears, too."""

    ears: list[EarEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        Ear.__init__(self)

    def on_ear(self, event: EarEvent) -> None:
        self.ears.append(event)
        self._news.set()

    async def hears_ear(self, kind: type[EarEvent], ear_id: str) -> EarEvent:
        def told() -> list[EarEvent]:
            return [each for each in self.ears if isinstance(each, kind) and each.leg_id == ear_id]

        await self.until(lambda: bool(told()))
        return told()[0]


@dataclass(frozen=True, slots=True)
class World:
    ears: Ears
    ear: EarsEar


@asynccontextmanager
async def simulated(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    ears, ear = SimulatedEars(SimulatedLegs([BOSS], RealClock())), EarsEar()
    ears.begin(ear)
    yield World(ears, ear)


@asynccontextmanager
async def running(switch: AsteriskSwitch) -> AsyncIterator[World]:
    task = asyncio.create_task(switch.run(Ear(), None, ear := EarsEar()))
    try:
        await ear.hears_presence(Presence.READY)
        yield World(switch, ear)
        for left in await switch.live_ears():
            switch.hang_up_ear(left)
            await ear.hears_ear(Down, left)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def fake(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with (
        FakeAsterisk({BOSS: TALKS, NOBODY: REFUSED}) as server,
        running(AsteriskSwitch(settings_for(server), RealClock(), lambda: 0.5)) as world,
    ):
        yield world


@asynccontextmanager
async def real(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    laboratory: Laboratory = request.getfixturevalue("laboratory")
    await asyncio.to_thread(laboratory.up, with_agents=True)
    login = laboratory.pbx_ami
    link = LinkSettings(login.endpoint.host, login.endpoint.port, login.user, login.secret)
    async with running(AsteriskSwitch(AsteriskSettings(link), RealClock(), lambda: 0.5)) as world:
        yield world


@pytest.fixture(params=[simulated, fake, pytest.param(real, marks=pytest.mark.lab)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param(request) as world:
        yield world


def an_ear() -> str:
    return ear_id_for("anna", uuid4().hex)


async def listens(world: World) -> str:
    world.ears.call_supervisor(ear_id := an_ear(), BOSS, ListenMode.LISTEN, RINGS_FOR)
    await world.ear.hears_ear(Up, ear_id)
    return ear_id


async def test_a_supervisor_who_picks_up_is_there_until_hung_up(world: World) -> None:
    ear_id = await listens(world)
    assert await world.ears.live_ears() == [ear_id]
    assert heard_by(ear_id) == "anna"
    world.ears.hang_up_ear(ear_id)
    down = await world.ear.hears_ear(Down, ear_id)
    assert isinstance(down, Down)
    assert down.why is End.NORMAL
    assert await world.ears.live_ears() == []


async def test_another_way_of_taking_part_ends_nothing(world: World) -> None:
    ear_id = await listens(world)
    for mode in ListenMode:
        world.ears.attune(ear_id, mode)
    assert await world.ears.live_ears() == [ear_id]
    assert not [event for event in world.ear.ears if isinstance(event, Down)]


async def test_a_telephone_that_is_not_there_hears_nobody(world: World) -> None:
    world.ears.call_supervisor(ear_id := an_ear(), NOBODY, ListenMode.BARGE, RINGS_FOR)
    down = await world.ear.hears_ear(Down, ear_id)
    assert isinstance(down, Down)
    assert down.why is End.NOT_PLACED


@pytest.mark.parametrize(
    ("agent", "unique"), [("an na", "0" * 32), ("anna\r\nAction: Logoff", "0" * 32), ("anna", "x")]
)
def test_an_ears_id_says_whom_it_hears_and_nothing_else(agent: str, unique: str) -> None:
    with pytest.raises(ValueError, match="cannot be part"):
        ear_id_for(agent, unique)
