"""How fast does a call list come in, beside a bare bulk insert of the same rows, and what do calls notice of it?

    python -m bench.intake [--rows 100000] [--postgres URL]

The sample list is repeated with ids and numbers of its own. The bulk insert gets the very rows that the intake made,
into tables equal to its own, by the driver alone, in one transaction. While the list is taken, the event loop is asked
every 5 ms how late it comes, and a socket how long a short message takes there and back: calls go on meanwhile.
"""

import argparse
import asyncio
import csv
import re
import resource
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import uvloop

from dialer.__main__ import SWITCH_INTERVAL
from dialer.adapters.reading import ReadElsewhere
from dialer.adapters.store import Database, SqlStore
from dialer.config_files import profiles_in
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.lanes import Lanes
from dialer.lists.calllist import Format
from dialer.lists.intake import Intake, Offer, ReadHere
from tests.support.calllists import CALLLISTS, read_json_fixture
from tests.support.stores import empty

NOW = datetime.fromisoformat("2026-11-21T12:00:00+01:00")  # the day of the sample list
TICK = 0.005  # s
TABLES = ("batches", "batch_rows", "lanes", "debtors", "contacts", "numbers", "cases")
_PHONE = re.compile(r"[1-9][0-9]{8}")


class Noon:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()


def write_list(path: Path, rows: int) -> None:
    """The sample list, again and again, every time with cases, debtors and numbers of its own."""
    with (CALLLISTS / "calllist_2000.csv").open(encoding="utf-8", newline="") as file:
        sample = list(csv.DictReader(file))
    written = 0
    fresh: dict[tuple[int, str], str] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sample[0].keys())
        writer.writeheader()
        while written < rows:
            turn = written // len(sample)
            row = dict(sample[written % len(sample)])
            for name in ("phone_1", "phone_2", "phone_3"):
                if _PHONE.fullmatch(row[name]):
                    row[name] = fresh.setdefault((turn, row[name]), f"28{len(fresh):07d}")
            if row["case_id"]:
                row["case_id"] = f"{row['case_id']}.{turn}"
            row["debtor_id"] = f"{row['debtor_id']}.{turn}"
            writer.writerow(row)
            written += 1


# ---- what calls notice ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Noticed:
    late: list[float] = field(default_factory=list)  # s behind the moment asked for
    echoed: list[float] = field(default_factory=list)  # s for a short message there and back
    written: list[float] = field(default_factory=list)  # s for a transaction of the engine

    def __str__(self) -> str:
        told = {"loop late": self.late, "socket there and back": self.echoed, "a transaction": self.written}
        return "\n".join(f"    {what:<22}{_spread(values)}" for what, values in told.items() if values)


def _spread(values: Sequence[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49] * 1e3:.1f} p99 {cuts[98] * 1e3:.1f} max {max(values) * 1e3:.1f} ms"


@asynccontextmanager
async def noticing(store: SqlStore | None = None) -> AsyncIterator[Noticed]:
    noticed = Noticed()

    async def write() -> None:
        while store is not None:
            begun = time.perf_counter()
            await store.wake(NOW)
            noticed.written.append(time.perf_counter() - begun)
            await asyncio.sleep(10 * TICK)

    async def tick() -> None:
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            noticed.late.append(time.perf_counter() - due)

    async def echo() -> None:
        here, there = socket.socketpair()
        (reader, writer), (far_reader, far_writer) = [await asyncio.open_connection(sock=end) for end in (here, there)]
        try:
            while True:
                begun = time.perf_counter()
                writer.write(b"ping\n")
                far_writer.write(await far_reader.readline())
                await reader.readline()
                noticed.echoed.append(time.perf_counter() - begun)
                await asyncio.sleep(TICK)
        finally:
            writer.close()
            far_writer.close()

    tasks = [asyncio.create_task(each()) for each in (tick, echo, write)]
    try:
        yield noticed
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# ---- intake and bulk insert -----------------------------------------------------------------------------


async def take(url: str, path: Path, *, here: bool) -> tuple[float, float, Noticed]:
    """Seconds, CPU seconds, and what was noticed meanwhile."""
    database = Database(url)
    database.migrate()
    store = SqlStore(database)
    for campaign in read_json_fixture("campaigns.json"):
        name = campaign.pop("campaign_id")
        await store.put_campaign(name, CampaignSettings.model_validate(campaign), NOW, None)
    reading = ReadHere(store) if here else ReadElsewhere(store, url)
    intake = Intake(store, Lanes(store), Noon(), NumberingPlan.TEST, 5.0, profiles_in(), reading)
    async with noticing(store) as noticed:
        begun, cpu = time.perf_counter(), _cpu()
        batch = await intake.take(Offer(None, Format.CSV, path, "sha256", "BENCH"))
        took = time.perf_counter() - begun
    if isinstance(reading, ReadElsewhere):
        await reading.close()
    used = _cpu() - cpu
    print("   ", dict(batch.counts))
    await database.close()
    return took, used, noticed


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rows_of(url: str) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """All rows as the driver gives and takes them."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = {}
        for name in ("campaigns", *TABLES):
            result = connection.exec_driver_sql(f"SELECT * FROM {name}")  # as they are: no types of ours
            found[name] = (list(result.keys()), [tuple(map(_plain, row)) for row in result])
    engine.dispose()
    return found


def _plain(value: Any) -> Any:
    return psycopg.types.json.Json(value) if isinstance(value, dict) else value


def insert_sqlite(path: Path, rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    with sqlite3.connect(path, isolation_level=None) as connection:
        # As the store sets them.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for name, (columns, values) in rows.items():
            places = ", ".join("?" * len(columns))
            connection.executemany(f'INSERT INTO {name} ("{_names(columns)}") VALUES ({places})', values)
        connection.execute("COMMIT")
        return time.perf_counter() - begun


def insert_postgres(url: str, rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        begun = time.perf_counter()
        for name, (columns, values) in rows.items():
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO {name} ("{_names(columns)}") VALUES ({places})'.encode(), values)
        connection.commit()
        return time.perf_counter() - begun


def _names(columns: Sequence[str]) -> str:
    return '", "'.join(columns)


async def compare(what: str, rows: int, url: str, path: Path, *, here: bool) -> None:
    print(what, "on threads of the engine" if here else "in a process of its own")
    took, used, noticed = await take(url, path, here=here)
    kept = rows_of(url)
    if url.startswith("sqlite"):
        fresh = Path(url.removeprefix("sqlite:///")).with_suffix(".bare")
        database = Database(f"sqlite:///{fresh}")
        database.migrate()
        await database.close()
        bulk = insert_sqlite(fresh, kept)
    else:
        empty(url)
        bulk = insert_postgres(url, kept)
        empty(url)
    print(f"    intake      {rows / took:8,.0f} rows/s  ({took:.2f} s, CPU {used:.2f} s)")
    print(f"    bulk insert {rows / bulk:8,.0f} rows/s  ({bulk:.2f} s, {sum(len(v) for _, v in kept.values()):,} rows)")
    print(f"    ratio       {bulk / took:8.2f}")
    print(noticed)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--postgres", help="URL of an empty database that may be filled and emptied")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dzwonek-bench-") as made:
        path = Path(made) / "list.csv"
        write_list(path, arguments.rows)
        print(f"{arguments.rows:,} rows, {path.stat().st_size >> 20} MiB; resting loop:")
        async with noticing() as noticed:
            await asyncio.sleep(400 * TICK)
        print(noticed)
        for here in (True, False):
            await compare("SQLite", arguments.rows, f"sqlite:///{made}/{here}.db", path, here=here)
            if arguments.postgres:
                await compare("PostgreSQL", arguments.rows, arguments.postgres, path, here=here)
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_INTERVAL)
    uvloop.run(main())
