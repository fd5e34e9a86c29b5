"""How long does it take to pick twenty contacts, out of a hundred thousand or ten million?

    python -m bench.pick [--contacts 100000,1000000] [--picks 300]

One campaign in SQLite, nine contacts in ten not due yet, every debtor with calls in the past; each pick saves twenty
attempts as the engine does. Sizes are measured in turn, so that a machine's mood falls on all of them.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import batches, lanes
from dialer.adapters.store.contact_tables import contacts, debtors, numbers
from dialer.core import choice
from dialer.core.choice import Candidate, Wait
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings, lane
from dialer.core.retry import Done
from dialer.model import Attempt, Lane

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PORTION = 20
HORIZON = timedelta(days=8)
DUE = 10  # one contact in so many
CHUNK = 50_000  # rows written at a time


@dataclass(slots=True)
class Filled:
    """A database of so many contacts, and how long its picks took."""

    contacts: int
    database: Database
    store: SqlStore
    took: list[float]


def settings() -> CampaignSettings:
    return CampaignSettings.model_validate(
        {
            "client_id": "CL-HURT",
            "brand": "Hurtownia Testowa",
            "brand_neutral": "Hurtownia Testowa",
            "creditor": "Hurtownia Testowa",
            "cli": "+48380000004",
            "callback_number": "+48380000054",
            "stages": ["overdue"],
            "windows": {str(day): [["08:00", "20:00"]] for day in range(1, 6)},
            "max_per_debtor_day": 3,
            "max_per_debtor_7_days": 7,
        }
    )


async def fill(folder: Path, how_many: int) -> Filled:
    database = Database(f"sqlite:///{folder / f'{how_many}.db'}")
    database.migrate()
    store = SqlStore(database)
    await store.put_campaign("HU", settings(), NOW, None)
    await database.write(_one_lane)
    for first in range(1, how_many + 1, CHUNK):
        await database.write(_rows, first, min(how_many, first + CHUNK - 1))
    return Filled(how_many, database, store, [])


def _one_lane(connection: sa.Connection) -> None:
    connection.execute(lanes.insert().values(id=1, campaign_id="HU", batch=0, timezone="Europe/Warsaw"))
    connection.execute(
        batches.insert().values(
            id=1, owner="", batch_id="B", digest="", mode="upsert", state="done", counts={}, notices=[], received_at=NOW
        )
    )


def _rows(connection: sa.Connection, first: int, last: int) -> None:
    ids = range(first, last + 1)
    connection.execute(
        debtors.insert(),
        [{"id": n, "client_id": "CL-HURT", "ref": f"D{n}", "type": "company", "language": "pl"} for n in ids],
    )
    connection.execute(contacts.insert(), [_contact(n) for n in ids])
    connection.execute(
        numbers.insert(),
        [
            {"contact_id": n, "e164": f"+4828{n:07d}", "position": 1, "type": "mobile", "attempts": 1, "batch": 1}
            for n in ids
        ],
    )
    connection.execute(attempts.insert(), [_attempt(n) for n in ids])


def _contact(n: int) -> dict[str, object]:
    is_due = n % DUE == 0
    return {
        "id": n, "campaign_id": "HU", "debtor_id": n, "lane_id": 1, "state": "ready" if is_due else "waiting",
        "due_at": NOW - timedelta(seconds=n % 3600) if is_due else NOW + timedelta(seconds=60 + n % 86400),
        "attempts": 1, "uncounted": 0, "batch": 1, "revision": 1, "message_key": "spoken", "message_day": NOW.date(),
    }  # fmt: skip


def _attempt(n: int) -> dict[str, object]:
    yesterday = NOW - timedelta(days=1)
    return {
        "id": f"{n:032x}", "contact_id": n, "debtor_id": n, "campaign_id": "HU", "lane_id": 1, "ordinal": 1,
        "number": f"+4828{n:07d}", "message_key": "spoken", "saved_at": yesterday, "placed_at": yesterday,
        "ended_at": yesterday, "disposition": "no_answer", "counted": True,
    }  # fmt: skip


def decision(plan: Lane) -> Callable[[Candidate], Attempt | Wait | Done | None]:
    serial = count(1)

    def decide(contact: Candidate) -> Attempt | Wait | Done | None:
        number = choice.choose(contact, plan, NumberingPlan.TEST, NOW)
        if isinstance(number, Wait | Done):
            return number
        return Attempt(
            f"f{next(serial):031x}", contact.contact_id, "HU", 1, contact.attempts + 1, number.e164, "spoken", NOW
        )

    return decide


async def measure(sizes: list[int], picks: int) -> None:
    with tempfile.TemporaryDirectory(prefix="dzwonek-pick-") as folder:
        filled = []
        for size in sizes:
            began = time.monotonic()
            filled.append(await fill(Path(folder), size))
            print(f"{size:>10,} contacts written in {time.monotonic() - began:.0f} s", file=sys.stderr)
        plan = lane(1, "HU", settings(), None, None, "Europe/Warsaw")
        decides = {each.contacts: decision(plan) for each in filled}
        for _ in range(picks):
            for each in filled:
                began = time.perf_counter()
                leased = await each.store.lease(1, PORTION, decides[each.contacts], NOW, HORIZON)
                each.took.append((time.perf_counter() - began) * 1000)
                if len(leased) != PORTION:
                    raise SystemExit(f"only {len(leased)} of {PORTION} were picked: ask for fewer picks")
        for each in filled:
            await each.database.close()
        _show(filled)


def _show(filled: list[Filled]) -> None:
    print(f"{'contacts':>12} {'p50 ms':>8} {'p99 ms':>8} {'p99 / smallest':>15}")
    smallest = statistics.quantiles(filled[0].took, n=100)[98]
    for each in filled:
        cuts = statistics.quantiles(each.took, n=100)
        print(f"{each.contacts:>12,} {cuts[49]:>8.2f} {cuts[98]:>8.2f} {cuts[98] / smallest:>15.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pick", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", default="100000,1000000", help="sizes, separated by commas")
    parser.add_argument("--picks", type=int, default=300)
    asked = parser.parse_args()
    asyncio.run(measure([int(size) for size in asked.contacts.split(",")], asked.picks))


if __name__ == "__main__":
    main()
