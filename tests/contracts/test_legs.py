"""Do simulated telephones and those behind Asterisk, fake or real, keep the same promises? One suite, run on all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from dialer.adapters.ami.link import LinkSettings
from dialer.adapters.ami.switch import AsteriskSettings, AsteriskSwitch
from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.core.call import End
from dialer.core.legs import Down, Up
from dialer.ports import LegEvent, Legs, LiveLeg, Presence, SwitchAway
from dialer.ports.legs import agent_of, leg_id_for
from lab.laboratory import Laboratory
from tests.support.ami_server import REFUSED, TALKS, FakeAsterisk
from tests.support.asterisk_switch import settings_for
from tests.support.ear import Ear, RealClock
from tests.support.relay import Relay

ANNA, NOBODY = "agent1", "agent-without-a-telephone"
RINGS_FOR = timedelta(seconds=5)


@dataclass(slots=True)
class LegsEar(Ear):
    """Hears of legs, too."""

    legs: list[LegEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        Ear.__init__(self)

    def on_leg(self, event: LegEvent) -> None:
        self.legs.append(event)
        self._news.set()

    async def hears_leg(self, kind: type[LegEvent], leg_id: str) -> LegEvent:
        def told() -> list[LegEvent]:
            return [each for each in self.legs if isinstance(each, kind) and getattr(each, "leg_id", "") == leg_id]

        await self.until(lambda: bool(told()))
        return told()[0]


@dataclass(frozen=True, slots=True)
class World:
    legs: Legs
    ear: LegsEar
    tear: Callable[[], None]


@asynccontextmanager
async def simulated(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    legs, ear = SimulatedLegs([ANNA], RealClock()), LegsEar()
    legs.begin(ear)

    def tear() -> None:
        legs.become(Presence.AWAY)
        asyncio.get_running_loop().call_later(0.02, legs.become, Presence.READY)

    yield World(legs, ear, tear)


@asynccontextmanager
async def running(switch: AsteriskSwitch, ear: LegsEar) -> AsyncIterator[None]:
    task = asyncio.create_task(switch.run(Ear(), ear))
    try:
        await ear.hears_presence(Presence.READY)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def fake(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with FakeAsterisk({ANNA: TALKS, NOBODY: REFUSED}, phones={ANNA}) as server:
        switch = AsteriskSwitch(settings_for(server), RealClock(), lambda: 0.5)
        async with running(switch, ear := LegsEar()):
            yield World(switch, ear, server.cut)


@asynccontextmanager
async def real(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    laboratory: Laboratory = request.getfixturevalue("laboratory")
    await asyncio.to_thread(laboratory.up, with_agents=True)
    login = laboratory.pbx_ami
    relay = Relay(login.endpoint.host, login.endpoint.port)
    relaying = await asyncio.start_server(relay, "127.0.0.1", 0)
    host, port = relaying.sockets[0].getsockname()
    link = LinkSettings(host, port, login.user, login.secret, first_pause=timedelta(milliseconds=20))
    switch = AsteriskSwitch(AsteriskSettings(link), RealClock(), lambda: 0.5)
    async with relaying, running(switch, ear := LegsEar()):
        yield World(switch, ear, relay.tear)
        await ear.until(lambda: switch.presence is Presence.READY)
        for left in await switch.live_legs():
            switch.hang_up_leg(left)
            await ear.hears_leg(Down, left)


@pytest.fixture(params=[simulated, fake, pytest.param(real, marks=pytest.mark.lab)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param(request) as world:
        yield world


def a_leg() -> str:
    return leg_id_for("anna", uuid4().hex)


async def up(world: World) -> str:
    world.legs.call_phone(leg_id := a_leg(), ANNA, RINGS_FOR)
    await world.ear.hears_leg(Up, leg_id)
    return leg_id


async def test_a_telephone_that_answers_stays_on_the_line_and_is_listed(world: World) -> None:
    leg_id = await up(world)
    assert await world.legs.live_legs() == {leg_id: LiveLeg(is_up=True)}
    assert agent_of(leg_id) == "anna"


async def test_a_leg_that_we_end_is_gone(world: World) -> None:
    leg_id = await up(world)
    world.legs.hang_up_leg(leg_id)
    down = await world.ear.hears_leg(Down, leg_id)
    assert isinstance(down, Down)
    assert down.why is End.NORMAL
    assert await world.legs.live_legs() == {}


async def test_a_telephone_that_is_not_there_is_down_at_once(world: World) -> None:
    world.legs.call_phone(leg_id := a_leg(), NOBODY, RINGS_FOR)
    down = await world.ear.hears_leg(Down, leg_id)
    assert isinstance(down, Down)
    assert down.why is End.NOT_PLACED


async def test_which_telephones_there_are_can_be_asked(world: World) -> None:
    assert await world.legs.has_phone(ANNA)
    assert not await world.legs.has_phone(NOBODY)


async def test_ending_what_is_not_there_does_nothing(world: World) -> None:
    world.legs.hang_up_leg(a_leg())
    assert await world.legs.live_legs() == {}


async def test_a_switch_that_is_away_calls_nobody(world: World) -> None:
    world.tear()
    await world.ear.hears_presence(Presence.AWAY)
    with pytest.raises(SwitchAway):
        world.legs.call_phone(a_leg(), ANNA, RINGS_FOR)
    with pytest.raises(SwitchAway):
        await world.legs.live_legs()


async def test_a_leg_outlives_the_link_and_is_followed_over_the_next(world: World) -> None:
    leg_id = await up(world)
    world.tear()
    await world.ear.hears_presence(Presence.READY, times=2)
    assert await world.legs.live_legs() == {leg_id: LiveLeg(is_up=True)}
    world.legs.hang_up_leg(leg_id)
    await world.ear.hears_leg(Down, leg_id)
