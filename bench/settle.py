"""How long do 50,000 balances take, and what do calls notice of it?

    python -m bench.settle [--rows 50000] [--postgres URL]

Half of the cases are paid, half in part. The bare update gives the very same cases the very same sums, by the driver
alone, in one transaction. While balances are taken, the event loop is asked how late it comes, and every 50 ms the
engine writes a transaction of its own.
"""

import argparse
import asyncio
import gc
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import sqlalchemy as sa
import uvloop

from bench.intake import NOW, Noon, noticing, take, write_list
from dialer.__main__ import SWITCH_INTERVAL
from dialer.adapters.clock import new_id
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.contact_tables import cases
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.lists.balancefile import BalanceFile
from dialer.lists.calllist import Format

LISTED_FOR_EACH = 1.05  # rows of the call list for each that is accepted


async def settle(url: str, folder: Path, rows: int) -> None:
    database = Database(url)
    store = SqlStore(database)
    found = await database.read(
        lambda connection: connection.execute(
            sa.select(cases.c.id, cases.c.client_id, cases.c.case_id, cases.c.amount, cases.c.currency).limit(rows)
        ).all()
    )
    left = {case.id: case.amount // 2 * (place % 2) for place, case in enumerate(found)}
    path = folder / "balances.csv"
    lines = [
        f"{case.client_id},{case.case_id},{left[case.id] / 100:.2f},{case.currency},99,{NOW.isoformat()},paid"
        for case in found
    ]
    path.write_text("\n".join(["client_id,case_id,balance,currency,version,as_of,reason", *lines]))
    gc.collect()
    gc.freeze()  # as ``dzwonek up`` does
    engine = Engine(
        store, SilentVoice(), Noon(), new_id, Bounds([Route("carrier", TrunkLimits(5, 30, 50))], NumberingPlan.TEST)
    )
    for what in ("taken", "sent again"):
        async with noticing(store) as noticed:
            begun = time.perf_counter()
            receipt = await engine.settlement.settle(BalanceFile(None, Format.CSV, path), "bench")
            took = time.perf_counter() - begun
            await asyncio.sleep(0.1)  # until whatever waited for its turn to write has noticed it
        counts = {str(status): count for status, count in receipt.counts.items()}
        print(f"    {what:12} {len(found) / took:8,.0f} rows/s  ({took:.2f} s) {counts}")
        print(noticed)
    await database.close()
    bare = (bare_postgres if url.startswith("postgresql") else bare_sqlite)(url, left)
    print(f"    bare update  {len(found) / bare:8,.0f} rows/s  ({bare:.2f} s)")


def bare_sqlite(url: str, left: dict[int, int]) -> float:
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE cases SET amount = ?, balance_version = 99 WHERE id = ?",
            [(amount, case) for case, amount in left.items()],
        )
        connection.execute("COMMIT")
        return time.perf_counter() - begun


def bare_postgres(url: str, left: dict[int, int]) -> float:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.executemany(
            "UPDATE cases SET amount = %s, balance_version = 99 WHERE id = %s",
            [(amount, case) for case, amount in left.items()],
        )
        connection.commit()
        return time.perf_counter() - begun


async def fifty_thousand(rows: int, postgres: str | None) -> None:
    with tempfile.TemporaryDirectory(prefix="dzwonek-bench-") as made:
        path = Path(made) / "list.csv"
        write_list(path, round(rows * LISTED_FOR_EACH))
        for url in filter(None, (f"sqlite:///{made}/dzwonek.db", postgres)):
            print(url.partition(":")[0])
            await take(url, path, here=False)
            await settle(url, Path(made), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--postgres", help="URL of an empty database that may be filled")
    arguments = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    uvloop.run(fifty_thousand(arguments.rows, arguments.postgres))


if __name__ == "__main__":
    main()
