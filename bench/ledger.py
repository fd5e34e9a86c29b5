"""How many attempts a second go through the whole ledger, and how much of the time is the database's?

    python -m bench.ledger [--contacts 10000] [--postgres URL]

The engine itself, in real time: attempts are picked, saved, paced, placed, followed, concluded and told to the feed.
The carrier is simulated, lets every call end within half a second, and has more room than the engine can use.
"""

import argparse
import asyncio
import logging
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa
import structlog
import uvloop

from bench.noon import where_it_is_noon
from dialer.adapters.clock import SystemClock
from dialer.adapters.placing import PlacingFiles
from dialer.adapters.simulated import Listening, SimulatedSwitch, Story
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.store import Database, SqlStore, claimed
from dialer.core.call import End
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.model import CampaignState, OutgoingCall
from tests.support.stores import row, settings, take, voice_all

LIMITS = TrunkLimits(1000, 2000, 2000)  # a thousand a second, as four portions
PORTION = 1000  # rows of the list taken in one transaction
MS = timedelta(milliseconds=1)


@dataclass(slots=True)
class Busy:
    """How long connections were in use, by kind of thread: from the begin of a transaction to the end of its commit."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    transactions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _since: dict[int, float] = field(default_factory=dict)

    def out(self, *_: object) -> None:
        self._since[threading.get_ident()] = time.perf_counter()

    def back(self, *_: object) -> None:
        began = self._since.pop(threading.get_ident(), None)
        kind = threading.current_thread().name.rpartition("_")[0]
        if began is not None:
            self.seconds[kind] += time.perf_counter() - began
            self.transactions[kind] += 1


@contextmanager
def watched() -> Iterator[Busy]:
    busy = Busy()
    sa.event.listen(sa.pool.Pool, "checkout", busy.out)
    sa.event.listen(sa.pool.Pool, "checkin", busy.back)
    try:
        yield busy
    finally:
        sa.event.remove(sa.pool.Pool, "checkout", busy.out)
        sa.event.remove(sa.pool.Pool, "checkin", busy.back)


def story(call: OutgoingCall) -> Story:
    """Four in ten listen to the whole message, the others are busy."""
    chance = Random(call.attempt_id)
    later = chance.uniform(50, 400) * MS
    if chance.random() < 0.4:
        return Story(End.NORMAL, later + 100 * MS, 5 * MS, 10 * MS, later, Listening(100 * MS, whole=True))
    return Story(End.BUSY, later, 5 * MS, 10 * MS)


async def measure(name: str, url: str, contacts: int, folder: Path) -> None:
    database = Database(url)
    database.migrate()
    store, clock = SqlStore(database), SystemClock()
    with claimed(database):
        await fill(store, contacts, clock.now())
        placing = PlacingFiles(folder / "placing")
        bounds = Bounds([Route("carrier", LIMITS)], NumberingPlan.TEST)
        engine = Engine(store, SilentVoice(), clock, placing.new_id, bounds, placing)
        switch, stop, ended = SimulatedSwitch(story, clock), asyncio.Event(), 0
        all_ended = asyncio.Event()

        def count(_: object) -> None:
            nonlocal ended
            ended += 1
            if ended == contacts:
                all_ended.set()

        engine.concluder.watchers.append(count)
        with watched() as busy:
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(switch.run(engine.tracker))
                began, cpu = time.perf_counter(), time.process_time()
                running = tasks.create_task(engine.run(switch, stop, switch))
                await all_ended.wait()
                took, used = time.perf_counter() - began, time.process_time() - cpu
                stop.set()
                await running
                telling.cancel()
        placing.close()
    await database.close()
    _show(name, contacts, took, used, busy)


async def fill(store: SqlStore, contacts: int, now: datetime) -> None:
    """A list whose messages are rendered, of a campaign that may call at any time, each of its debtors once."""
    always = {str(day): [("00:00", "00:00")] for day in range(1, 8)}
    await store.put_campaign("RENT", settings(windows=always, holidays=None, attempts=1), now, None)
    await store.set_campaign_state("RENT", CampaignState.RUNNING, now)
    zone = where_it_is_noon(now)
    for first in range(0, contacts, PORTION):
        numbered = range(first, min(contacts, first + PORTION))
        rows = [row(f"D{n}", numbers=[f"+4828{n:07d}"], timezone=zone) for n in numbered]
        await take(store, f"B-{first}", *rows, now=now)
    await voice_all(store, now)


def _show(name: str, contacts: int, took: float, used: float, busy: Busy) -> None:
    writing, reading = busy.seconds["store-write"], busy.seconds["store-read"]
    print(
        f"{name:12} {contacts / took:7.0f} attempts/s; writer busy {writing / took:4.0%} of the time, "
        f"{writing / contacts * 1000:.2f} ms for each attempt in {busy.transactions['store-write']} transactions; "
        f"readers {reading / took:4.0%}; {used / contacts * 1000:.2f} ms of processor time for each, all told"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--postgres", help="URL of an empty database that may be filled")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="dzwonek-ledger-") as made:
        uvloop.run(measure("SQLite", f"sqlite:///{made}/dzwonek.db", given.contacts, Path(made)))
        if given.postgres:
            uvloop.run(measure("PostgreSQL", given.postgres, given.contacts, Path(made)))


if __name__ == "__main__":
    main()
