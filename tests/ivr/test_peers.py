"""Who may speak with the server, and what can a peer that misbehaves do to it?"""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from ivr.conversation import Conversation
from ivr.desk import Desk
from ivr.limits import Counts, Limits
from ivr.message import Message
from ivr.owner import Owner
from ivr.server import FastAGIServer
from ivr.session import Clip, EndedBy, How, Outcome
from tests.support.agi_peer import Clock, environment
from tests.support.answering import LENGTH, MESSAGE, SOON, WHOLE, answering, to_the_end


@pytest.mark.parametrize("header", [b"", b"agi_net", environment()[:-1]])
async def test_half_a_header_is_not_waited_for_for_ever(header: bytes) -> None:
    async with answering(Limits(header=SOON)) as house:
        assert await to_the_end(*await house.raw(header)) == b""
        assert house.server.counts.header_timeouts == 1
        await house.serves()


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02", b"agi_a: " + b"x" * 20_000, b"\n"])
async def test_what_is_not_agi_is_shown_the_door(garbage: bytes) -> None:
    async with answering() as house:
        assert await to_the_end(*await house.raw(garbage)) == b""
        assert house.server.counts.garbled == 1
        await house.serves()


async def test_an_environment_without_a_call_is_shown_the_door() -> None:
    async with answering() as house:
        assert await to_the_end(*await house.raw(b"agi_network: yes\n\n")) == b""
        assert house.server.counts.garbled == 1


async def test_a_flood_after_the_header_ends_only_its_own_call() -> None:
    async with answering() as house:
        reader, writer = await house.raw(environment())
        await reader.readline()
        writer.write(b"x" * 1_000_000)
        await to_the_end(reader, writer)
        assert (await house.reported())[1] == Outcome(timedelta(), 2 * LENGTH, How.NONE, EndedBy.FAILURE)
        await house.serves()


async def test_port_probes_harm_nobody() -> None:
    async with answering() as house:
        for _ in range(50):
            _, writer = await house.raw()
            writer.close()
            await writer.wait_closed()
        await house.serves()
        assert house.server.counts.left_early == 50
        assert house.server.open_connections == 0


@pytest.mark.parametrize("reset", [True, False])
async def test_a_switch_that_dies_in_the_middle_is_reported_with_what_was_heard(reset: bool) -> None:
    async with answering() as house:
        reader, writer = await house.raw(environment())
        await reader.readline()
        await house.clock.play(timedelta(seconds=4))
        writer.write(b"200 resu")
        if reset:
            writer.transport.abort()
        else:
            writer.close()
        _, outcome = await house.reported()
        assert outcome == Outcome(timedelta(seconds=4), 2 * LENGTH, How.PART, EndedBy.FAILURE)


async def test_a_switch_that_falls_silent_is_given_up_after_the_clip_and_a_margin() -> None:
    short = Message((Clip("/sounds/short", SOON),))
    async with answering(Limits(reply=SOON), short=short) as house:
        reader, writer = await house.raw(environment("short"))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await to_the_end(reader, writer)
        assert loop.time() - begun >= SOON.total_seconds()
        _, outcome = await house.reported()
        assert (outcome.how, outcome.ended_by) == (How.NONE, EndedBy.FAILURE)
        assert house.server.counts.reply_timeouts == 1


async def test_the_limit_of_the_header_does_not_cut_off_the_message() -> None:
    async with answering(Limits(header=SOON)) as house:

        async def play(length: timedelta) -> None:
            header_is_due = asyncio.Event()
            asyncio.get_running_loop().call_later(2 * SOON.total_seconds(), header_is_due.set)
            await header_is_due.wait()
            await house.clock.play(length)

        await house.peer(play=play).call(house.server.address)
        assert await house.reported() == ("attempt-1", WHOLE)


async def test_a_switch_that_does_not_answer_our_hangup_is_left() -> None:
    async with answering(Limits(reply=SOON)) as house:
        reader, writer = await house.raw(environment("nobody"))
        assert await to_the_end(reader, writer) == b"HANGUP\n"
        assert house.server.counts.reply_timeouts == 1


async def test_a_flood_of_silent_peers_does_not_keep_calls_out() -> None:
    async with answering(Limits(connections=4)) as house, AsyncExitStack() as silent:
        for _ in range(10):
            _, writer = await house.raw()
            silent.callback(writer.close)
        await house.serves()
        assert house.server.counts.displaced == 7
        assert house.server.counts.refused_full == 0


async def test_running_calls_are_not_displaced() -> None:
    async with answering(Limits(connections=2)) as house:
        running = [await house.raw(environment()) for _ in range(2)]
        for reader, _ in running:
            await reader.readline()
        assert await to_the_end(*await house.raw(environment())) == b""
        assert house.server.counts.refused_full == 1
        for reader, writer in running:
            writer.write(b"HANGUP\n")
            await to_the_end(reader, writer)
            assert (await house.reported())[1].ended_by is EndedBy.CALLEE


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_only_loopback_without_being_told_twice(host: str) -> None:
    for wish in ({}, {"allow_remote": True}, {"peers": ["192.0.2.1"]}):
        with pytest.raises(ValueError, match="not loopback"):
            FastAGIServer(lambda _: None, lambda *_: None, host=host, **wish)
    FastAGIServer(lambda _: None, lambda *_: None, host=host, allow_remote=True, peers=["192.0.2.1"])


async def test_only_the_peers_named_may_enter() -> None:
    server = FastAGIServer(lambda _: MESSAGE, lambda *_: None, port=0, allow_remote=True, peers=["192.0.2.0/24"])
    async with server:
        reader, writer = await asyncio.open_connection(*server.address)
        assert await to_the_end(reader, writer) == b""
        assert server.counts.strangers == 1


class FullTransport(asyncio.Transport):
    """A socket whose peer has stopped reading."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 40_000)})
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Kept in the buffer."""

    def get_write_buffer_size(self) -> int:
        return 30

    def abort(self) -> None:
        self.aborted = True


async def test_a_peer_that_does_not_read_is_not_waited_for() -> None:
    transport = FullTransport()
    server = FastAGIServer(lambda _: MESSAGE, lambda *_: None)
    counts = Counts()
    owner = Owner(lambda _: MESSAGE, lambda *_: None, lambda *_: None, counts)
    desk = Desk(server, owner, Limits(), counts, Clock())
    conversation = Conversation(desk)
    conversation.connection_made(transport)
    for data in (environment(), b"HANGUP\n"):
        conversation.get_buffer(-1)[: len(data)] = data
        conversation.buffer_updated(len(data))
    assert transport.aborted
