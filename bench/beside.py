"""Do calls keep their timing while the HTTP interface is busy?

    python -m bench.beside [--rows 200000] [--seconds 20] [--small 500]

The engine calls 100 a second over a simulated switch, in real time, in one process with the API: first alone, then
while another process sends a list, takes out as many events, asks 500 small requests a second and settles twenty cases
a second. A call is late by the time between its start and the earliest moment at which the trunk's rules let it start
(core/trunks.py): whatever the engine did not have ready by then is lateness.
"""

import argparse
import asyncio
import gc
import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from time import monotonic

import structlog
import uvloop

from api.server import serving
from bench.asking import Asked, Asks, run
from bench.intake_http import write_lines
from bench.ledger import fill, story
from dialer.__main__ import SWITCH_INTERVAL
from dialer.adapters.clock import SystemClock
from dialer.adapters.placing import PlacingFiles
from dialer.adapters.reading import ReadElsewhere
from dialer.adapters.simulated import SimulatedSwitch
from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.store import claimed
from dialer.adapters.store.feed import append
from dialer.core import trunks
from dialer.core.feed import EventType, FeedEvent
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.lists.intake import Intake
from dialer.model import OutgoingCall
from tests.support.api import Api, api_on
from tests.support.profiles import PROFILES

LIMITS = TrunkLimits(100, 500, 200)
PORTION = 10_000  # events written in one transaction
WARM_UP = 2.0  # s
SLOWEST_ROW = 1 / 2_000  # s that a row of the list takes at most: for so long there is somebody to call
SETTLED = 2_000  # cases that are settled, again and again; they would be called last


@dataclass(frozen=True, slots=True)
class Timing:
    """Of calls that were placed one after another; monotonic s."""

    starts: Sequence[float]

    def late(self) -> list[float]:
        """By how many seconds each call started after the earliest moment that was permitted to it."""
        memory = trunks.memory(LIMITS)
        due = (
            trunks.next_start(LIMITS, self.starts[max(0, n - memory) : n], self.starts[n - 1])
            for n in range(1, len(self.starts))
        )
        return [start - at for start, at in zip(self.starts[1:], due, strict=True)]

    def told(self) -> str:
        late = [1000 * each for each in self.late()]
        cuts = quantiles(late, n=1000)
        spent = self.starts[-1] - self.starts[0]
        fewest = min(self._in_each_second()[1:-1], default=0)
        return (
            f"{(len(self.starts) - 1) / spent:5.1f} calls/s, {fewest} in the poorest second; "
            f"late ms: p50 {cuts[499]:.1f}  p99 {cuts[989]:.1f}  p99.9 {cuts[998]:.1f}  max {max(late):.1f}"
        )

    def _in_each_second(self) -> list[int]:
        whole = [int(start - self.starts[0]) for start in self.starts]
        return [whole.count(second) for second in range(whole[-1] + 1)]


class Starts(CarrierLog):
    """When each call left."""

    def __init__(self) -> None:
        super().__init__(LIMITS)
        self.at: list[float] = []

    def on_placed(self, call: OutgoingCall, at: datetime) -> None:
        self.at.append(monotonic())
        super().on_placed(call, at)

    def between(self, since: float, until: float, most: int) -> Timing:
        """``most``: so many calls there were to be made altogether; a trunk that rests after them is not late."""
        return Timing([each for each in self.at[:most] if since <= each < until])


@asynccontextmanager
async def api_of_engine(folder: Path) -> AsyncIterator[Api]:
    """Put together as ``dzwonek up`` does, but for Asterisk and speech."""
    clock, placing = SystemClock(), PlacingFiles(folder / "placing")
    bounds = Bounds([Route("carrier", LIMITS)], NumberingPlan.TEST)
    async with api_on(folder) as made:
        store = made.store
        engine = Engine(store, SilentVoice(), clock, placing.new_id, bounds, placing)
        await engine.stopping.look()
        await engine.roster.load()
        reading = ReadElsewhere(store, str(store._db.url))
        intake = Intake(store, engine.lanes, clock, NumberingPlan.TEST, 5, PROFILES, reading)
        service = replace(made.service, engine=engine, clock=clock, intake=intake)
        with claimed(store._db):
            async with serving(service, "127.0.0.1", 0) as address:
                yield replace(made, service=service, engine=engine, address=address)
        await reading.close()
    placing.close()


@asynccontextmanager
async def calling(api: Api) -> AsyncIterator[Starts]:
    """The API's engine calls for as long as the block runs."""
    starts, stop = Starts(), asyncio.Event()
    switch = SimulatedSwitch(story, api.service.clock, starts)
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(switch.run(api.engine.tracker))
        running = tasks.create_task(api.engine.run(switch, stop, switch))
        yield starts
        stop.set()
        await running
        telling.cancel()


async def measure(rows: int, seconds: float, small: float, folder: Path) -> None:
    path = folder / "list.ndjson.gz"
    await asyncio.to_thread(write_lines, path, rows)
    calls = int(LIMITS.calls_per_second * (WARM_UP + 2 * seconds + rows * SLOWEST_ROW))
    async with api_of_engine(folder) as api:
        operator = await api.with_campaigns()
        await fill(api.store, calls + SETTLED, api.service.clock.now())
        event = FeedEvent(EventType.WRONG_NUMBER, api.service.clock.now(), "CL-ENERGIA", "EN/1")
        for first in range(0, rows, PORTION):
            await api.store._db.write(append, [event] * min(PORTION, rows - first))
        gc.collect()
        gc.freeze()  # as the engine does
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as others:
            async with calling(api) as starts:
                await asyncio.sleep(WARM_UP + seconds)
                print(
                    f"calls alone        {starts.between(starts.at[0] + WARM_UP, monotonic(), calls).told()}",
                    flush=True,
                )
                began = monotonic()
                asked = await asyncio.get_running_loop().run_in_executor(
                    others, run, asks(api, operator.token or "", path, calls, seconds, small)
                )
                print(f"calls beside all   {starts.between(began, monotonic(), calls).told()}")
    show(rows, asked)


def asks(api: Api, key: str, path: Path, calls: int, seconds: float, per_second: float) -> Asks:
    """Small requests, and payments of those whom nobody has called yet."""
    case = "/v1/cases/RENT%2FD{}?client_id=CL-CZYNSZ"
    small = ["/v1/campaigns/RENT", "/v1/contacts/{}", case, "/v1/events?after={}&limit=10", "/v1/contacts/{}/attempts"]
    return Asks(
        url=api.base,
        key=key,
        call_list=path,
        campaign_id="EN-OVERDUE",
        small=[each.format(n) for n in range(1, 100) for each in small],
        small_per_second=per_second,
        client_id="CL-CZYNSZ",
        cases=[f"RENT/D{n}" for n in range(calls, calls + SETTLED)],
        settled_per_second=20,
        seconds=seconds,
    )


def show(rows: int, asked: Asked) -> None:
    print(f"the list           {rows:,} rows in {asked.listed:.1f} s, {rows / asked.listed:,.0f} rows/s")
    print(
        f"the export         {asked.rows:,} rows in {asked.exported:.1f} s, {asked.rows / asked.exported:,.0f} rows/s"
    )
    print(f"small requests     {asked.small.told()}, {len(asked.small.ms) / asked.seconds:.0f}/s")
    print(f"settlements        {asked.settled.told()}, {len(asked.settled.ms) / asked.seconds:.0f}/s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.beside", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--small", type=float, default=500.0, help="requests a second")
    given = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="dzwonek-beside-") as made:
        uvloop.run(measure(given.rows, given.seconds, given.small, Path(made)))


if __name__ == "__main__":
    main()
