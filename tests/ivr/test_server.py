import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
import uvloop

from ivr.conversation import Conversation, Desk
from ivr.limits import Counts, Limits
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Act, Clip, EndedBy, Happening, How, Message, Outcome, Play, Script, Session
from tests.support.agi_peer import USAGE, AgiPeer, Clock, environment

LENGTH = timedelta(seconds=10)
SOUNDS = {"/sounds/hello": LENGTH, "/sounds/sum": LENGTH, "/sounds/empty": timedelta()}
MESSAGE = Message((Clip("/sounds/hello", LENGTH), Clip("/sounds/sum", LENGTH)))
WHOLE = Outcome(2 * LENGTH, 2 * LENGTH, How.WHOLE, EndedBy.US)
SOON = timedelta(milliseconds=30)


class Answering:
    """A server with the scripts of some calls, what it reported, and the time its calls take."""

    def __init__(self, scripts: dict[str, Script], limits: Limits | None = None) -> None:
        self.clock = Clock()
        self.reports: asyncio.Queue[tuple[str, Outcome]] = asyncio.Queue()
        self._scripts = scripts
        self.server = FastAGIServer(self._find, self._report, port=0, limits=limits, clock=self.clock)

    def peer(self, **traits: object) -> AgiPeer:
        return AgiPeer(**({"sounds": SOUNDS, "play": self.clock.play} | traits))  # type: ignore[arg-type]

    async def reported(self) -> tuple[str, Outcome]:
        async with asyncio.timeout(5):
            return await self.reports.get()

    async def serves(self) -> None:
        """Fails unless a whole call goes well now."""
        self._scripts["proof"] = MESSAGE
        await self.peer().call(self.server.address, "proof")
        assert await self.reported() == ("proof", WHOLE)

    async def raw(self, *pieces: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.server.address)
        for piece in pieces:
            writer.write(piece)
        return reader, writer

    def _find(self, request: Request) -> Script | None:
        return self._scripts.get(request.uniqueid) if request.route == "/message" else None

    def _report(self, request: Request, outcome: Outcome) -> None:
        self.reports.put_nowait((request.uniqueid, outcome))


@asynccontextmanager
async def answering(limits: Limits | None = None, /, **scripts: Script) -> AsyncIterator[Answering]:
    house = Answering({"attempt-1": MESSAGE} | scripts, limits)
    async with asyncio.timeout(20), house.server:
        yield house
        assert house.reports.empty()


async def to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What a raw peer reads until it is let go, politely or not."""
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


class Endless:
    """What never comes to its end while nobody ends it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def play(self, _: timedelta) -> None:
        self.begun.set()
        await asyncio.Event().wait()


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


async def test_a_hundred_calls_at_once_are_each_reported_once() -> None:
    calls: dict[str, Script] = {f"call-{n}": MESSAGE for n in range(100)}
    async with answering(**calls) as house, asyncio.TaskGroup() as group:
        for uniqueid in calls:
            group.create_task(house.peer().call(house.server.address, uniqueid))
        reports = [await house.reported() for _ in calls]
        assert {uniqueid for uniqueid, _ in reports} == set(calls)
        assert {outcome for _, outcome in reports} == {WHOLE}


class Breaking:
    """A script with an error in it."""

    def begin(self) -> tuple[Session, Act]:
        return self, Play("/sounds/hello", LENGTH)

    def after(self, happening: Happening) -> tuple[Session, Act]:
        raise RuntimeError(f"a script does not understand {happening}")


class Insisting:
    """A script that plays on whatever happens."""

    def begin(self) -> tuple[Session, Act]:
        return self, Play("/sounds/hello", LENGTH)

    def after(self, _: Happening) -> tuple[Session, Act]:
        return self.begin()


class Stillborn:
    def begin(self) -> tuple[Session, Act]:
        raise RuntimeError("a script that cannot begin")


async def test_a_script_that_breaks_ends_its_own_call_and_is_reported() -> None:
    async with answering(broken=Breaking()) as house:
        peer = house.peer()
        await peer.call(house.server.address, "broken")
        assert peer.said[-1] == "HANGUP"
        assert (await house.reported())[1].ended_by is EndedBy.FAILURE
        assert house.server.counts.broken_callbacks == 1
        await house.serves()


async def test_a_script_that_cannot_begin_is_hung_up() -> None:
    async with answering(broken=Stillborn()) as house:
        peer = house.peer()
        await peer.call(house.server.address, "broken")
        assert peer.said == ["HANGUP"]
        assert house.server.counts.broken_callbacks == 1


async def test_a_script_cannot_go_on_when_the_switch_is_gone() -> None:
    async with answering(insisting=Insisting()) as house:
        reader, writer = await house.raw(environment("insisting"))
        await reader.readline()
        writer.close()
        assert (await house.reported())[1].ended_by is EndedBy.FAILURE


async def test_an_error_while_looking_for_the_script_is_no_reason_to_stop_serving() -> None:
    def find(_: Request) -> Script | None:
        raise LookupError("no such table")

    async with FastAGIServer(find, lambda *_: None, port=0) as server:
        peer = AgiPeer(sounds=SOUNDS, play=Clock().play)
        await peer.call(server.address)
        await peer.call(server.address)
        assert peer.said == ["HANGUP", "HANGUP"]
        assert server.counts.broken_callbacks == 2


async def test_an_error_while_reporting_is_no_reason_to_stop_serving() -> None:
    def report(*_: object) -> None:
        raise OSError("disk full")

    clock = Clock()
    async with FastAGIServer(lambda _: MESSAGE, report, port=0, clock=clock) as server:
        for _ in range(2):
            peer = AgiPeer(sounds=SOUNDS, play=clock.play)
            await peer.call(server.address)
            assert peer.said[-1] == "HANGUP"
        assert server.counts.broken_callbacks == server.counts.finished == 2


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
    desk = Desk(server, lambda _: MESSAGE, lambda *_: None, Limits(), Counts(), Clock())
    conversation = Conversation(desk)
    conversation.connection_made(transport)
    for data in (environment(), b"HANGUP\n"):
        conversation.get_buffer(-1)[: len(data)] = data
        conversation.buffer_updated(len(data))
    assert transport.aborted


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
