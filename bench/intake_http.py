"""How fast does a call list come in over HTTP into the running engine, beside a bare bulk insert of the same rows?

    python -m bench.intake_http [--rows 100000]

The list of bench/intake.py is sent with one POST, as a CRM would; the clock stops when the answer with the counts is
there and everything is on disk. The bulk insert gets the very rows that the intake made, by the driver alone, in one
transaction.
"""

import argparse
import asyncio
import json
import os
import statistics
import time

from bench.intake import insert_sqlite, rows_of, write_list
from bench.stand import Processor, Stand, stand
from dialer.adapters.store import Database
from tests.support.calllists import read_json_fixture

ROUNDS = 2


def over_http(on: Stand, body: bytes) -> tuple[float, float]:
    """Seconds until the answer, and CPU seconds of the engine without the process in which it reads the list."""
    with on.engine() as engine:
        for campaign in read_json_fixture("campaigns.json"):
            engine.api.put(f"/v1/campaigns/{campaign['campaign_id']}", campaign)
        own = Processor(engine.daemon.pid)
        begun, used = time.perf_counter(), own.seconds()
        batch = engine.api.post("/v1/batches?batch_id=bench", body, "text/csv")
        took = time.perf_counter() - begun
        print("   ", json.dumps(batch["counts"]))
        return took, own.seconds() - used


def bulk_insert(on: Stand) -> tuple[float, int]:
    """Seconds for the rows that the engine has left behind, and how many there are, in all tables."""
    kept = rows_of(f"sqlite:///{on.folder / 'dzwonek.db'}")
    bare = on.folder / "bare.db"
    database = Database(f"sqlite:///{bare}")
    database.migrate()
    asyncio.run(database.close())
    return insert_sqlite(bare, kept), sum(len(values) for _, values in kept.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with stand() as on:
        path = on.settings.state / "list.csv"
        write_list(path, rows)
        body = path.read_bytes()
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{rows:,} rows, {len(body) >> 20} MiB")
        ratios = []
        for _ in range(ROUNDS):
            took, used = over_http(on, body)
            bulk, inserted = bulk_insert(on)
            ratios.append(bulk / took)
            print(f"    over HTTP   {rows / took:8,.0f} rows/s  ({took:.2f} s, engine's CPU {used:.2f} s)")
            print(
                f"    bulk insert {rows / bulk:8,.0f} rows/s  ({bulk:.2f} s, {inserted:,} rows in all tables)",
                flush=True,
            )
        print(f"    ratio       {statistics.median(ratios):8.2f}  (median of {ROUNDS})")


if __name__ == "__main__":
    main()
