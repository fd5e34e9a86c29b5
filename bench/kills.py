"""Is a call ever repeated, or its outcome lost or told twice, when the engine is killed at any moment?

    python -m bench.kills [--kills 300] [--seed 1]

A whole engine with a simulated switch works through a list and is killed (SIGKILL) at random moments, while it starts
as well as while it calls; the next one goes on with the same database. The carrier's log lies outside the database.
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

import sqlalchemy as sa

from bench import killed_engine
from bench.kills_judged import Limits, Verdict, calls_of, judge
from bench.noon import where_it_is_noon
from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.contact_tables import contacts
from dialer.model import CampaignState
from tests.support.stores import row, settings, take

CONTACTS_PER_KILL = 20
LIMITS = Limits(per_number=3, per_debtor_day=4, spacing=timedelta(milliseconds=300))  # two numbers: the budget binds
LONGEST_LIFE = 0.7  # s from an engine's birth, or from its first call, to its death
BEGINS = 5.0  # s within which it calls, if somebody is left to be called
LATER = timedelta(seconds=5)  # who is due after that waits for another day
PATIENCE = 180.0  # s for the last engine to call whoever is left

_LEFT = sa.select(sa.func.count()).where(
    contacts.c.state.in_(["ready", "dialing"])
    | ((contacts.c.state == "waiting") & (contacts.c.due_at <= sa.bindparam("soon", type_=contacts.c.due_at.type)))
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        verdict = kill(Path(folder), given.kills, given.seed)
    print(f"{given.kills} kills in {time.monotonic() - began:.0f} s")
    for what, count in verdict.figures.items():
        print(f"    {what:40} {count:8,}")
    print("\n".join(verdict.problems) or "nothing repeated, nothing lost, nothing told twice")
    return 1 if verdict.problems else 0


def kill(folder: Path, kills: int, seed: int) -> Verdict:
    """Let engines call a list and kill each but the last; then hold the database against the carrier's log."""
    url, carrier = f"sqlite:///{folder}/killed.db", folder / "carrier.log"
    carrier.touch()
    asyncio.run(_fill(url, kills * CONTACTS_PER_KILL))
    chance = Random(seed)
    processes = multiprocessing.get_context("forkserver")  # an engine begins within milliseconds
    processes.set_forkserver_preload(["bench.killed_engine"])
    for life in range(kills):
        engine = processes.Process(target=killed_engine.run, args=(url, carrier, seed + life))
        engine.start()
        if life % 2:
            _until_it_calls(engine, carrier)
        engine.join(chance.uniform(0, LONGEST_LIFE))
        if engine.exitcode is not None:
            raise RuntimeError(f"engine {life} died by itself: {engine.exitcode}")
        engine.kill()
        engine.join()
    last = processes.Process(target=killed_engine.run, args=(url, carrier, seed))
    last.start()
    try:
        _until_nobody_is_left(url, last)
    finally:
        last.kill()
        last.join()
    with Database(url).connect() as connection:
        return judge(connection, calls_of(carrier), LIMITS)


def _until_it_calls(engine: BaseProcess, carrier: Path) -> None:
    """Of every second engine the life is counted from there: on a busy machine, too, kills find it at its work."""
    before, deadline = carrier.stat().st_size, time.monotonic() + BEGINS
    while carrier.stat().st_size == before and engine.exitcode is None and time.monotonic() < deadline:
        engine.join(0.005)


async def _fill(url: str, how_many: int) -> None:
    database = Database(url)
    database.migrate()
    store, now = SqlStore(database), datetime.now(UTC)
    minutes = LIMITS.spacing / timedelta(minutes=1)
    always = {str(day): [("00:00", "00:00")] for day in range(1, 8)}
    rules = settings(
        windows=always, holidays=None, attempts=LIMITS.per_number, gap_minutes=f"{minutes:.3f}",
        max_per_debtor_day=LIMITS.per_debtor_day, max_per_number_day=LIMITS.per_number,
    )  # fmt: skip
    await store.put_campaign("RENT", rules, now, None)
    await store.set_campaign_state("RENT", CampaignState.RUNNING, now)
    zone = where_it_is_noon(now)
    rows = [
        row(f"D{n}", numbers=[f"+4828{n:06d}{place}" for place in range(2)], timezone=zone) for n in range(how_many)
    ]
    await take(store, "B-1", *rows, now=now)
    await database.close()


def _until_nobody_is_left(url: str, engine: BaseProcess) -> None:
    database, deadline = Database(url), time.monotonic() + PATIENCE
    while _left(database):
        engine.join(0.2)
        if engine.exitcode is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{_left(database)} contacts are left; the last engine's exit code: {engine.exitcode}")


def _left(database: Database) -> int:
    with database.connect() as connection:
        return int(connection.execute(_LEFT, {"soon": datetime.now(UTC) + LATER}).scalar_one())


if __name__ == "__main__":
    sys.exit(main())
