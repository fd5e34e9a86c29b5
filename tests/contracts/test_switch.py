"""Do the simulated switch and the one on Asterisk, fake or real, keep the same promises? One suite, run on all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from dialer.adapters.ami.link import LinkSettings
from dialer.adapters.ami.switch import AsteriskSettings, AsteriskSwitch
from dialer.adapters.carrier.script import role
from dialer.adapters.simulated import SimulatedSwitch, Story
from dialer.core.call import Answered, End, Rang, Started
from dialer.model import OutgoingCall
from dialer.ports import CallPhase, Presence, SwitchAway
from lab.laboratory import Laboratory
from tests.support.ami_server import RINGS, TALKS, FakeAsterisk
from tests.support.asterisk_switch import MS, settings_for
from tests.support.ear import Ear, RealClock
from tests.support.relay import Relay

# Who lives at which number, the same in all three worlds.
BUSY, UNAVAILABLE, REJECTED, CONGESTED, INVALID, SILENT, TALKER, LEAVER = (f"+4828000000{n}" for n in range(1, 9))
ENDS = {
    BUSY: End.BUSY,
    UNAVAILABLE: End.UNAVAILABLE,
    REJECTED: End.REJECTED,
    CONGESTED: End.CONGESTION,
    INVALID: End.INVALID_NUMBER,
}

Switch = SimulatedSwitch | AsteriskSwitch


@dataclass(frozen=True, slots=True)
class World:
    """A running switch, who hears it, and a way to tear the link to it for a moment."""

    switch: Switch
    ear: Ear
    tear: Callable[[], None]


@asynccontextmanager
async def running(switch: Switch, ear: Ear) -> AsyncIterator[None]:
    task = asyncio.create_task(switch.run(ear))
    try:
        await ear.hears_presence(Presence.READY)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# ---- the simulated switch --------------------------------------------------------------------------

STORIES = {
    BUSY: Story(End.BUSY, ends=20 * MS),
    UNAVAILABLE: Story(End.UNAVAILABLE, ends=20 * MS),
    REJECTED: Story(End.REJECTED, ends=20 * MS, rings=10 * MS),
    CONGESTED: Story(End.CONGESTION, ends=20 * MS),
    INVALID: Story(End.INVALID_NUMBER, ends=20 * MS),
    SILENT: Story(End.NO_ANSWER, ends=timedelta.max, rings=10 * MS),
    TALKER: Story(End.NORMAL, ends=timedelta(hours=1), rings=10 * MS, answers=20 * MS),
    LEAVER: Story(End.NORMAL, ends=60 * MS, rings=10 * MS, answers=20 * MS),
}


@asynccontextmanager
async def simulated(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    switch = SimulatedSwitch(lambda call: STORIES[call.number], RealClock())

    def tear() -> None:
        switch.become(Presence.AWAY)
        asyncio.get_running_loop().call_later(0.02, switch.become, Presence.READY)

    async with running(switch, ear := Ear()):
        yield World(switch, ear, tear)


# ---- Asterisk, played from captures ----------------------------------------------------------------

CAPTURES = {
    BUSY: "busy",
    UNAVAILABLE: "unavailable",
    REJECTED: "rejected",
    CONGESTED: "congestion",
    INVALID: "invalid_number",
    SILENT: RINGS,
    TALKER: TALKS,
    LEAVER: "callee_hangs_up",
}


@asynccontextmanager
async def fake(_: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with FakeAsterisk(CAPTURES) as server:
        switch = AsteriskSwitch(settings_for(server), RealClock(), lambda: 0.5)
        async with running(switch, ear := Ear()):
            yield World(switch, ear, server.cut)


# ---- a real Asterisk -------------------------------------------------------------------------------

PEOPLE = {
    BUSY: "busy/0.1/",
    UNAVAILABLE: "unavailable/0.1/",
    REJECTED: "rejected/0.1/",
    CONGESTED: "congestion/0.1/",
    INVALID: "unallocated/0.1/",
    SILENT: "noanswer/30/",
    TALKER: "human/0.2/",
    LEAVER: "human/0.2/hangup@1s",
}


async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A flow that says nothing until the call is over."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        await reader.readuntil(b"\n\n")
        writer.write(b"EXEC Wait 600\n")
        await reader.readline()
    writer.transport.abort()


@asynccontextmanager
async def real(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    laboratory: Laboratory = request.getfixturevalue("laboratory")
    await asyncio.to_thread(laboratory.set_script, [role(number, does) for number, does in PEOPLE.items()])
    login, agi = laboratory.pbx_ami, laboratory.settings.agi
    relay = Relay(login.endpoint.host, login.endpoint.port)
    relaying = await asyncio.start_server(relay, "127.0.0.1", 0)
    host, port = relaying.sockets[0].getsockname()
    link = LinkSettings(host, port, login.user, login.secret, first_pause=20 * MS)
    switch = AsteriskSwitch(AsteriskSettings(link), RealClock(), lambda: 0.5)
    async with relaying, await asyncio.start_server(stay, agi.host, agi.port), running(switch, ear := Ear()):
        yield World(switch, ear, relay.tear)
        await ear.until(lambda: switch.presence is Presence.READY and switch.outstanding == 0)
        for left in await switch.live_calls():
            switch.hang_up(left)
            await ear.hears_end(left)


# ---- the promises ----------------------------------------------------------------------------------


@pytest.fixture(params=[simulated, fake, pytest.param(real, marks=pytest.mark.lab)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with request.param(request) as world:
        yield world


def a_call(number: str, ring_time: timedelta = timedelta(seconds=20)) -> OutgoingCall:
    return OutgoingCall(uuid4().hex, number, "+48388000001", ring_time, "carrier")


@pytest.mark.parametrize("number", ENDS)
async def test_each_way_of_not_being_answered_has_its_word(world: World, number: str) -> None:
    world.switch.place(call := a_call(number))
    assert (await world.ear.hears_end(call.attempt_id)).why is ENDS[number]
    assert world.ear.kinds(call.attempt_id)[0] == "Started"
    assert "Answered" not in world.ear.kinds(call.attempt_id)


async def test_nobody_is_rung_longer_than_the_ring_time(world: World) -> None:
    world.switch.place(call := a_call(SILENT, ring_time=400 * MS))
    ended = await world.ear.hears_end(call.attempt_id)
    assert ended.why is End.NO_ANSWER
    assert world.ear.kinds(call.attempt_id) == ["Started", "Rang", "Ended"]
    started = await world.ear.hears(Started, call.attempt_id)
    assert 300 * MS < ended.at - started.at < 3000 * MS


async def test_a_call_that_is_answered_ends_when_the_callee_leaves(world: World) -> None:
    world.switch.place(call := a_call(LEAVER))
    assert (await world.ear.hears_end(call.attempt_id)).why is End.NORMAL
    assert sorted(world.ear.kinds(call.attempt_id)) == ["Answered", "Ended", "Rang", "Started"]


async def test_the_moments_of_a_call_are_in_order_and_utc(world: World) -> None:
    world.switch.place(call := a_call(LEAVER))
    await world.ear.hears_end(call.attempt_id)
    moments = [event.at for event in world.ear.of(call.attempt_id)]
    assert moments == sorted(moments)
    assert {moment.utcoffset() for moment in moments} == {timedelta()}


async def test_a_ringing_call_that_we_end_is_ended_by_us(world: World) -> None:
    world.switch.place(call := a_call(SILENT))
    await world.ear.hears(Rang, call.attempt_id)
    world.switch.hang_up(call.attempt_id)
    assert (await world.ear.hears_end(call.attempt_id)).why is End.BY_US


async def test_a_call_that_we_end_at_once_is_ended_by_us(world: World) -> None:
    world.switch.place(call := a_call(SILENT))
    world.switch.hang_up(call.attempt_id)
    assert (await world.ear.hears_end(call.attempt_id)).why is End.BY_US


async def test_an_answered_call_that_we_end_ended_normally(world: World) -> None:
    world.switch.place(call := a_call(TALKER))
    await world.ear.hears(Answered, call.attempt_id)
    world.switch.hang_up(call.attempt_id)
    assert (await world.ear.hears_end(call.attempt_id)).why is End.NORMAL


async def test_hanging_up_what_is_not_there_does_nothing(world: World) -> None:
    world.switch.hang_up(uuid4().hex)
    world.switch.place(call := a_call(BUSY))
    await world.ear.hears_end(call.attempt_id)
    world.switch.hang_up(call.attempt_id)
    await world.switch.live_calls()
    assert world.ear.kinds(call.attempt_id).count("Ended") == 1


async def test_an_attempt_is_never_placed_twice(world: World) -> None:
    world.switch.place(call := a_call(SILENT))
    with pytest.raises(ValueError, match="placed already"):
        world.switch.place(call)


async def test_calls_are_outstanding_until_the_switch_begins_them(world: World) -> None:
    calls = [a_call(SILENT) for _ in range(3)]
    for call in calls:
        world.switch.place(call)
    assert world.switch.outstanding == 3
    for call in calls:
        await world.ear.hears(Started, call.attempt_id)
    assert world.switch.outstanding == 0


async def test_live_calls_are_known_with_how_far_they_came(world: World) -> None:
    calls = {number: a_call(number) for number in (SILENT, TALKER, BUSY)}
    for call in calls.values():
        world.switch.place(call)
    await world.ear.hears(Rang, calls[SILENT].attempt_id)
    await world.ear.hears(Answered, calls[TALKER].attempt_id)
    await world.ear.hears_end(calls[BUSY].attempt_id)
    assert await world.switch.live_calls() == {
        calls[SILENT].attempt_id: CallPhase.RINGING,
        calls[TALKER].attempt_id: CallPhase.ANSWERED,
    }


async def test_a_switch_that_is_away_takes_no_call_and_tells_nothing(world: World) -> None:
    world.tear()
    await world.ear.hears_presence(Presence.AWAY)
    with pytest.raises(SwitchAway):
        world.switch.place(a_call(BUSY))
    with pytest.raises(SwitchAway):
        await world.switch.live_calls()
    assert world.switch.outstanding == 0


async def test_a_call_outlives_the_link_and_is_ended_over_the_next(world: World) -> None:
    world.switch.place(call := a_call(TALKER))
    await world.ear.hears(Answered, call.attempt_id)
    world.tear()
    await world.ear.hears_presence(Presence.READY, times=2)
    assert await world.switch.live_calls() == {call.attempt_id: CallPhase.ANSWERED}
    world.switch.hang_up(call.attempt_id)
    assert (await world.ear.hears_end(call.attempt_id)).why is End.NORMAL


async def test_ready_comes_once_per_link(world: World) -> None:
    world.tear()
    await world.ear.hears_presence(Presence.READY, times=2)
    assert world.ear.presences == [Presence.READY, Presence.AWAY, Presence.READY]
