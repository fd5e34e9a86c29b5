"""What becomes of calls when our own scripts, look-ups or reports fail?"""

from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Act, EndedBy, Happening, Play, Script, Session
from tests.support.agi_peer import AgiPeer, Clock, environment
from tests.support.answering import LENGTH, MESSAGE, SOUNDS, answering


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
