"""How fast is the FastAGI server beside a bare one on asyncio streams?

    python -m bench.agi [--uvloop]

The bare server reads the environment and the answers, and that is all: no limits, no session, no report. Both run in
turn in a process of their own, against the same synthetic switch, so the ratios are worth something even on a busy
machine. Ratios above 1: ours is faster.
"""

import argparse
import asyncio
import multiprocessing
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection

import structlog
import uvloop

from ivr.message import Message
from ivr.server import FastAGIServer
from ivr.session import Clip
from tests.support.agi_peer import environment

ROUNDS = 5
ANSWER = re.compile(r"200 result=(?P<result>-?\d+) endpos=(?P<endpos>\d+)\n")
IN_PARALLEL = 50
CONNECTIONS = 2_000
COMMANDS = 200  # per connection, in the second measurement

Stop = Callable[[], Awaitable[None]]


async def start_ours(commands: int) -> tuple[int, Stop]:
    message = Message((Clip("/sounds/hello", timedelta(milliseconds=20)),) * commands)
    server = FastAGIServer(lambda _: message, lambda *_: None, port=0)
    await server.start()
    return server.address[1], server.stop


async def start_bare(commands: int) -> tuple[int, Stop]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        block = (await reader.readuntil(b"\n\n")).decode()
        environment = dict(line.split(": ", 1) for line in block.splitlines() if line)
        assert environment["agi_uniqueid"]
        for _ in range(commands):
            writer.write(b'STREAM FILE "/sounds/hello" ""\n')
            answer = ANSWER.fullmatch((await reader.readline()).decode())
            assert answer is not None
            assert int(answer["endpos"]) == 160
        writer.write(b"HANGUP\n")
        await reader.readline()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=2_000)

    async def stop() -> None:
        server.close()

    return server.sockets[0].getsockname()[1], stop


def serve(kind: str, commands: int, fast: bool, wire: Connection) -> None:
    """The server's process: tells its port, ends when told, and tells the CPU seconds it took meanwhile."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))

    async def main() -> None:
        port, stop = await (start_ours if kind == "ours" else start_bare)(commands)
        wire.send(port)
        begun = time.process_time()
        await asyncio.to_thread(wire.recv)
        wire.send(time.process_time() - begun)
        await stop()

    (uvloop.run if fast else asyncio.run)(main())


class SyntheticCall(asyncio.Protocol):
    """A switch that plays everything in no time. Its result is the number of commands it was given."""

    def __init__(self, over: asyncio.Future[int]) -> None:
        self._over = over
        self._commands = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._transport.write(environment())

    def data_received(self, data: bytes) -> None:
        self._commands += 1
        self._transport.write(b"200 result=1\n" if data == b"HANGUP\n" else b"200 result=0 endpos=160\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._over.set_result(self._commands)


async def call(port: int, times: int, commands: int) -> float:
    """The seconds that ``times`` connections take."""
    loop = asyncio.get_running_loop()

    async def caller() -> None:
        for _ in range(times // IN_PARALLEL):
            over: asyncio.Future[int] = loop.create_future()
            await loop.create_connection(partial(SyntheticCall, over), "127.0.0.1", port)
            given = await over
            if given != commands + 1:  # and the hangup; a server that fails fast is not a fast server
                raise RuntimeError(f"{given} commands instead of {commands + 1}")

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(IN_PARALLEL):
            group.create_task(caller())
    return time.perf_counter() - begun


def measure(kind: str, connections: int, commands: int, fast: bool) -> tuple[float, float]:
    """Connections per second, and per second of the server's CPU."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(kind, commands, fast, there))
    server.start()
    port = here.recv()
    elapsed = (uvloop.run if fast else asyncio.run)(call(port, connections, commands))
    here.send("enough")
    cpu = here.recv()
    server.join()
    return connections / elapsed, connections / cpu


def compare(what: str, connections: int, commands: int, unit: int, fast: bool) -> None:
    rounds = [{kind: measure(kind, connections, commands, fast) for kind in ("bare", "ours")} for _ in range(ROUNDS)]
    for kind in ("bare", "ours"):
        rate, per_cpu = (statistics.median(got[kind][i] for got in rounds) * unit for i in range(2))
        print(f"{what:12} {kind}  {rate:9,.0f}/s  {per_cpu:9,.0f} per CPU-second")
    ratios = [statistics.median(got["ours"][i] / got["bare"][i] for got in rounds) for i in range(2)]
    print(f"{what:12} ours/bare: {ratios[0]:.2f} by the clock, {ratios[1]:.2f} by CPU")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--uvloop", action="store_true", help="both servers and the switch on uvloop")
    fast = arguments.parse_args().uvloop
    compare("connections", CONNECTIONS, 1, 1, fast)
    compare("commands", IN_PARALLEL * 2, COMMANDS, COMMANDS, fast)


if __name__ == "__main__":
    main()
