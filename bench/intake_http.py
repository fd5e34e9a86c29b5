"""How fast does a call list come in over HTTP into the running engine, beside a bare bulk insert of the same rows?

    python -m bench.intake_http [--rows 100000]

A list of consecutive cases is sent as gzip NDJSON with one POST, as a CRM would; the clock stops when the answer with
the counts is there and everything is on disk. Every row is validated and looked for among the others. The bulk insert
gets the very rows that the intake made, by the driver alone, in one transaction. Meanwhile a second connection asks the
engine, again and again, for something that needs no database: it cannot answer earlier than its event loop comes to it.
"""

import argparse
import asyncio
import gzip
import json
import os
import statistics
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.intake import insert_sqlite, rows_of
from bench.stand import Processor, Stand, stand
from dialer.adapters.store import Database
from lab.engine import Api
from tests.support.calllists import read_json_fixture

ROUNDS = 2
PAUSE = 0.02  # s between two questions
PATIENCE = 600  # s


def write_lines(path: Path, rows: int) -> None:
    """The sample cases, again and again, every time with cases, debtors and numbers of their own; packed."""
    sample = [json.dumps(case, ensure_ascii=False) for case in read_json_fixture("calllist_100.json")["cases"]]
    fresh = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=6) as file:
        for number in range(rows):
            case = json.loads(sample[number % len(sample)])
            case["case_id"], case["debtor"]["id"] = f"EN/2026/{number:07d}", f"D{number:07d}"
            for phone in case["phones"]:
                if len(phone["number"]) == 9 and phone["number"].startswith("28"):
                    phone["number"], fresh = f"28{fresh:07d}", fresh + 1
            file.write(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n")


@contextmanager
def asking(address: str) -> Iterator[list[float]]:
    """How many seconds each answer took meanwhile."""
    took: list[float] = []
    over = threading.Event()

    def ask() -> None:
        parts = urlsplit(address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        while not over.wait(PAUSE):
            begun = time.perf_counter()
            connection.request("GET", "/no/such/thing")
            connection.getresponse().read()
            took.append(time.perf_counter() - begun)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def most_memory(pid: int) -> dict[str, int]:
    """MiB that the process and its children have needed at most, by what they are."""
    found = {"engine": _most(pid)}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split():
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"spawn_main" in command:
            found[f"reader {len(found)}"] = _most(int(child))
    return found


def _most(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10


def over_http(on: Stand, path: Path) -> float:
    """Seconds until the answer; what was noticed meanwhile is printed."""
    with on.engine() as engine:
        for campaign in read_json_fixture("campaigns.json"):
            engine.api.put(f"/v1/campaigns/{campaign['campaign_id']}", campaign)
        own = Processor(engine.daemon.pid)
        with asking(engine.api.url) as answered:
            begun, used = time.perf_counter(), own.seconds()
            batch = _post(engine.api, path)
            took = time.perf_counter() - begun
        print("   ", json.dumps(batch["counts"]))
        print(f"    engine's CPU {own.seconds() - used:.1f} s; most memory, MiB: {most_memory(engine.daemon.pid)}")
        cuts = statistics.quantiles(answered, n=100)
        told = f"p50 {cuts[49] * 1e3:.1f} p99 {cuts[98] * 1e3:.1f} max {max(answered) * 1e3:.1f} ms"
        print(f"    another request meanwhile: {told}")
        return took


def _post(api: Api, path: Path) -> Any:
    request = urllib.request.Request(
        f"{api.url}/v1/batches?batch_id=bench&campaign_id=EN-OVERDUE", path.read_bytes(), method="POST"
    )
    request.add_header("Content-Type", "application/x-ndjson")
    request.add_header("Content-Encoding", "gzip")
    request.add_header("Authorization", f"Bearer {api.key}")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


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
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    rows = arguments.rows
    with stand() as on:
        path = on.settings.state / "list.ndjson.gz"
        write_lines(path, rows)
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{rows:,} rows, {path.stat().st_size >> 20} MiB packed")
        ratios = []
        for _ in range(arguments.rounds):
            took = over_http(on, path)
            bulk, inserted = bulk_insert(on)
            ratios.append(bulk / took)
            print(f"    over HTTP   {rows / took:8,.0f} rows/s  ({took:.2f} s)")
            print(
                f"    bulk insert {rows / bulk:8,.0f} rows/s  ({bulk:.2f} s, {inserted:,} rows in all tables)",
                flush=True,
            )
        print(f"    ratio       {statistics.median(ratios):8.2f}  (median of {arguments.rounds})")


if __name__ == "__main__":
    main()
