"""What becomes of a call that the server answers?"""

import asyncio
import socket
from datetime import timedelta

import pytest
import uvloop

from ivr.conversation import Conversation
from ivr.message import Message
from ivr.server import FastAGIServer
from ivr.session import Clip, EndedBy, How, Outcome, Script
from tests.support.agi_peer import USAGE, AgiPeer, Clock, environment
from tests.support.answering import LENGTH, MESSAGE, SOUNDS, WHOLE, answering, to_the_end


async def test_a_message_is_played_reported_and_hung_up() -> None:
    async with answering() as house:
        peer = house.peer()
        await peer.call(house.server.address)
        assert peer.said == ['STREAM FILE "/sounds/hello" ""', 'STREAM FILE "/sounds/sum" ""', "HANGUP"]
        assert await house.reported() == ("attempt-1", WHOLE)


async def test_the_first_clip_is_asked_for_before_anything_else_happens() -> None:
    async with answering() as house:
        reader, writer = await house.raw(environment())
        assert await reader.readline() == b'STREAM FILE "/sounds/hello" ""\n'
        writer.write(b"HANGUP\n")
        await to_the_end(reader, writer)
        await house.reported()


@pytest.mark.parametrize("announces_hangup", [True, False])
async def test_who_leaves_is_let_go_at_once(announces_hangup: bool) -> None:
    async with answering() as house:
        peer = house.peer(leaves_after=timedelta(seconds=13), announces_hangup=announces_hangup)
        await peer.call(house.server.address)
        assert peer.said[-1] == 'STREAM FILE "/sounds/sum" ""'
        _, outcome = await house.reported()
        assert outcome == Outcome(timedelta(seconds=13), 2 * LENGTH, How.PART, EndedBy.CALLEE)


@pytest.mark.parametrize("announces_hangup", [True, False])
async def test_who_left_before_we_spoke_has_heard_nothing(announces_hangup: bool) -> None:
    async with answering() as house:
        await house.peer(leaves_after=timedelta(), announces_hangup=announces_hangup).call(house.server.address)
        _, outcome = await house.reported()
        assert outcome == Outcome(timedelta(), 2 * LENGTH, How.NONE, EndedBy.CALLEE)


@pytest.mark.parametrize("path", ["/sounds/missing", "/sounds/empty"])
async def test_a_file_that_cannot_be_played_is_our_failure_and_the_callee_is_not_left_in_silence(path: str) -> None:
    async with answering(odd=Message((Clip(path, LENGTH),))) as house:
        peer = house.peer()
        await peer.call(house.server.address, "odd")
        assert await house.reported() == ("odd", Outcome(timedelta(), LENGTH, How.NONE, EndedBy.FAILURE))
        assert peer.said[-1] == "HANGUP"


async def test_a_path_with_quotes_and_spaces_reaches_the_switch() -> None:
    path = '/sounds/a "b" \\ ćma'
    async with answering(odd=Message((Clip(path, LENGTH),))) as house:
        await house.peer(sounds={path: LENGTH}).call(house.server.address, "odd")
        assert (await house.reported())[1].how is How.WHOLE


@pytest.mark.parametrize("refusal", [USAGE.encode(), b"510 Invalid or unknown command\n"])
async def test_a_switch_that_refuses_is_our_failure(refusal: bytes) -> None:
    async with answering() as house:
        reader, writer = await house.raw(environment())
        await reader.readline()
        writer.write(refusal)
        assert await reader.readline() == b"HANGUP\n"
        writer.write(b"200 result=1\n")
        assert await to_the_end(reader, writer) == b""
        assert (await house.reported())[1].ended_by is EndedBy.FAILURE


@pytest.mark.parametrize(("uniqueid", "script"), [("nobody", "message"), ("attempt-1", "elsewhere")])
async def test_a_call_nobody_knows_is_hung_up_and_not_reported(uniqueid: str, script: str) -> None:
    async with answering() as house:
        peer = house.peer()
        await peer.call(house.server.address, uniqueid, script)
        assert peer.said == ["HANGUP"]
        assert house.server.counts.unknown == 1
        assert house.server.counts.sessions == 0


async def test_a_hundred_calls_at_once_are_each_reported_once() -> None:
    calls: dict[str, Script] = {f"call-{n}": MESSAGE for n in range(100)}
    async with answering(**calls) as house, asyncio.TaskGroup() as group:
        for uniqueid in calls:
            group.create_task(house.peer().call(house.server.address, uniqueid))
        reports = [await house.reported() for _ in calls]
        assert {uniqueid for uniqueid, _ in reports} == set(calls)
        assert {outcome for _, outcome in reports} == {WHOLE}


async def test_the_address_is_known_only_while_it_listens() -> None:
    server = FastAGIServer(lambda _: None, lambda *_: None, port=0)
    with pytest.raises(RuntimeError, match="does not listen"):
        _ = server.address
    await server.stop()


async def test_answers_are_not_held_back_to_be_sent_together() -> None:
    seen: list[int] = []

    class Watching(FastAGIServer):
        def opened(self, conversation: Conversation) -> None:
            transport = conversation._transport
            seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().opened(conversation)

    async with Watching(lambda _: None, lambda *_: None, port=0) as server:
        await AgiPeer(sounds=SOUNDS, play=Clock().play).call(server.address)
    assert seen[0] != 0


async def test_without_another_clock_the_loop_tells_the_time() -> None:
    short = timedelta(milliseconds=40)

    async def at_once(_: timedelta) -> None:
        """A switch that sends all frames ahead."""

    reports: list[Outcome] = []
    message = Message((Clip("/sounds/short", short),))
    async with FastAGIServer(lambda _: message, lambda _, outcome: reports.append(outcome), port=0) as server:
        await AgiPeer(sounds={"/sounds/short": short}, play=at_once).call(server.address)
    assert reports == [Outcome(short, short, How.WHOLE, EndedBy.US)]


def test_it_serves_on_uvloop_as_well() -> None:
    async def ten_calls() -> None:
        async with answering() as house:
            for _ in range(10):
                await house.serves()
            assert await to_the_end(*await house.raw(b"GET / HTTP/1.1\r\n")) == b""

    uvloop.run(ten_calls())
