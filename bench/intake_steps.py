"""What does each step of taking a call list cost, in processor time for each row?

    python -m bench.intake_steps [--rows 100000] [--rounds 3]

The list of ``bench.intake_http``, read in one process, so that nothing but the steps is counted; SQLite. On a machine
that others use as well a processor second is worth less: compare with the bare insert of the same run.
"""

import argparse
import asyncio
import gzip
import os
import tempfile
import time
from itertools import islice
from pathlib import Path

from bench.intake import NOW, insert_sqlite, rows_of
from bench.intake_http import write_lines
from dialer.adapters.store import Database, SqlStore
from dialer.config_files import profiles_in
from dialer.core.numbers import NumberingPlan
from dialer.core.plan import CampaignSettings
from dialer.lists.calllist import Format
from dialer.lists.collection import postponed
from dialer.lists.intake import PORTION, Offer, Rules, judge, open_list
from dialer.ports.store import BatchOrder
from tests.support.calllists import read_json_fixture


async def steps(folder: Path, path: Path) -> dict[str, float]:
    """Seconds of a processor for the whole list, by step."""
    url = f"sqlite:///{folder / 'steps.db'}"
    database = Database(url)
    database.migrate()
    store = SqlStore(database)
    campaigns = {}
    for campaign in read_json_fixture("campaigns.json"):
        name = campaign.pop("campaign_id")
        campaigns[name] = CampaignSettings.model_validate(campaign)
        await store.put_campaign(name, campaigns[name], NOW, None)
    offer = Offer(None, Format.NDJSON, path, "digest", "bench", campaign_id="EN-OVERDUE")
    rules = Rules(NumberingPlan.TEST, 5.0, profiles_in(), campaigns)
    used = dict.fromkeys(("open", "judge", "put aside", "keep", "bare insert"), 0.0)

    begun = time.process_time()
    opened = open_list(offer, rules)
    used["open"] = time.process_time() - begun
    batch, _ = await store.begin_batch(BatchOrder("", "bench", "digest", "upsert", None, None, NOW))
    with postponed():
        for part in opened.parts:
            judged = judge(offer, rules, NOW, part)
            while True:
                begun = time.process_time()
                portion = list(islice(judged, PORTION))
                used["judge"] += time.process_time() - begun
                if not portion:
                    break
                begun = time.process_time()
                await store.add_rows(batch.key, portion)
                used["put aside"] += time.process_time() - begun
    begun = time.process_time()
    await store.finish_batch(batch.key, NOW)
    used["keep"] = time.process_time() - begun
    await database.close()

    kept = rows_of(url)
    bare = folder / "bare.db"
    database = Database(f"sqlite:///{bare}")
    database.migrate()
    await database.close()
    begun = time.process_time()
    insert_sqlite(bare, kept)
    used["bare insert"] = time.process_time() - begun
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dzwonek-bench-") as made:
        packed, path = Path(made) / "list.ndjson.gz", Path(made) / "list.ndjson"
        write_lines(packed, arguments.rows)
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        for number in range(arguments.rounds):
            folder = Path(made) / str(number)
            folder.mkdir()
            used = asyncio.run(steps(folder, path))
            told = " · ".join(f"{what} {seconds / arguments.rows * 1e6:.1f}" for what, seconds in used.items())
            print(f"µs of a processor a row: {told}   (load average {os.getloadavg()[0]:.1f})", flush=True)


if __name__ == "__main__":
    main()
