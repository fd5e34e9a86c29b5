"""What is the least that places calls and plays messages? The yardstick beside which the engine is measured.

An AMI loop that sends Originates at a fixed rate and notes when each was answered, and a FastAGI server that plays the
files it is told: raw asyncio streams, no window, no database, no limit, no second thought.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from dialer.adapters.ami.contract import CONTEXT, EXTENSION, PRIORITY
from lab.laboratory import Login

RING_TIME = 25  # s


@dataclass(slots=True)
class Placed:
    """One call; moments are seconds of one clock."""

    at: float
    answered: float | None = None
    ended: float | None = None


class BareDialer:
    """One AMI session: places calls and hears of them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._calls: dict[bytes, Placed] = {}
        self._left = 0
        self._none_left = asyncio.Event()

    async def run(self, numbers: Sequence[str], trunk: str, rate: float, patience: float) -> list[Placed]:
        """Call every number at that rate; the calls, once all have ended or the patience (s) is over."""
        self._left = len(numbers)
        hearing = asyncio.create_task(self._hear())
        begun = time.monotonic()
        for place, number in enumerate(numbers):
            ahead = begun + place / rate - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self._originate(number, trunk)
        with suppress(TimeoutError):  # whoever asked counts those without an end
            async with asyncio.timeout(patience):
                await self._none_left.wait()
        hearing.cancel()
        self._writer.close()
        return list(self._calls.values())

    def _originate(self, number: str, trunk: str) -> None:
        name = secrets.token_hex(16)
        self._calls[name.encode()] = Placed(time.monotonic())
        self._writer.write(
            f"Action: Originate\r\nActionID: {name}\r\nChannel: PJSIP/{number}@{trunk}\r\nContext: {CONTEXT}\r\n"
            f"Exten: {EXTENSION}\r\nPriority: {PRIORITY}\r\nTimeout: {RING_TIME * 1000}\r\nCallerID: +48380000001\r\n"
            f"Async: true\r\nChannelId: {name}\r\n\r\n".encode()
        )

    async def _hear(self) -> None:
        while True:
            message = await self._reader.readuntil(b"\r\n\r\n")
            if message.startswith(b"Event: OriginateResponse\r\n"):
                call = self._calls[_value(message, b"ActionID")]
                if b"\r\nResponse: Success\r\n" in message:
                    call.answered = time.monotonic()
                else:
                    self._end(call)
            elif message.startswith(b"Event: Hangup\r\n"):
                self._end(self._calls[_value(message, b"Uniqueid")])

    def _end(self, call: Placed) -> None:
        if call.ended is None:
            call.ended = time.monotonic()
            self._left -= 1
        if not self._left:
            self._none_left.set()


async def dialer(login: Login) -> BareDialer:
    """A session that is logged in."""
    # Past the knee events come faster than they are read, and a line may be cut anywhere.
    reader, writer = await asyncio.open_connection(login.endpoint.host, login.endpoint.port, limit=1 << 20)
    writer.write(f"Action: Login\r\nUsername: {login.user}\r\nSecret: {login.secret}\r\n\r\n".encode())
    async with asyncio.timeout(10):
        while not (await reader.readuntil(b"\r\n\r\n")).startswith(b"Event: FullyBooted"):
            pass
    return BareDialer(reader, writer)


@asynccontextmanager
async def messages(host: str, port: int, files: Sequence[str]) -> AsyncIterator[None]:
    """A FastAGI server that plays these files to everybody, and hangs up."""
    listening: set[asyncio.StreamWriter] = set()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listening.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the callee has left
            await reader.readuntil(b"\n\n")
            for file in files:
                writer.write(f'STREAM FILE "{file}" ""\n'.encode())
                if not (await reader.readline()).startswith(b"200 result=0"):
                    break
        writer.close()
        listening.discard(writer)

    server = await asyncio.start_server(play, host, port, backlog=2_000)
    try:
        yield
    finally:
        server.close()
        await asyncio.sleep(0.1)  # whoever was just let in begins
        while listening:
            for writer in listening:
                writer.transport.abort()
            await asyncio.sleep(0.01)


def _value(message: bytes, header: bytes) -> bytes:
    begin = message.find(b"\r\n" + header + b": ") + len(header) + 4
    return message[begin : message.index(b"\r\n", begin)]
