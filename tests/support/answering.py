"""A FastAGI server with scripts for some calls, on loopback, and what it reported."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from ivr.limits import Limits
from ivr.message import Message
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Clip, EndedBy, How, Outcome, Script
from tests.support.agi_peer import AgiPeer, Clock

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
