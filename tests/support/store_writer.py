"""A process that writes to a database and tells what it wrote, for tests that end it at any moment.

python -m tests.support.store_writer work URL NAME      calls of a new list, until it is killed
python -m tests.support.store_writer fill URL LIMIT     lists, until no file may grow beyond LIMIT bytes; then on
"""

import asyncio
import resource
import sys
from itertools import count

from dialer.adapters.store import Database, SqlStore
from dialer.model import Disposition
from dialer.ports.store import StoreFailed
from tests.support.balances import balance, numbered
from tests.support.stores import HORIZON, NOW, add, calls, conclusion, follow, order, ready_all, row, settings, take

PORTION = 50


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def work(store: SqlStore, name: str) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await store.fail_interrupted_batches()
    for number in count():
        batch, _ = await store.begin_batch(order(f"{name}-{number}"))
        for first in (1, PORTION + 1):
            await add(store, batch, *(row(f"{name}-{number}-{first + n}") for n in range(PORTION)), first=first)
        await store.finish_batch(batch.key, NOW)
        tell("done", batch.key)
        await ready_all(store)
        while attempts := await store.lease(1, 5, calls(), NOW, HORIZON):
            for attempt in attempts:
                tell("leased", attempt.id)
            await store.conclude([conclusion(attempt, Disposition.BUSY) for attempt in attempts[1:]], follow)
            for attempt in attempts[1:]:
                tell("concluded", attempt.id)
        paying = [f"RENT/{name}-{number}-{n}" for n in range(1, 2 * PORTION, 7)]
        await store.settle(numbered(*map(balance, paying)), "key:test", NOW)
        for case in paying:
            tell("settled", case)


async def fill(store: SqlStore, limit: int) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    for number in count():
        try:
            await take(store, f"B-{number}", *(row(f"D{number}-{n}") for n in range(PORTION)))
            tell("done", number)
        except StoreFailed as error:
            tell("failed", number, error)
            break
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.fail_interrupted_batches()
    await take(store, f"B-{number}", *(row(f"D{number}-{n}") for n in range(PORTION)))
    tell("done", number)


async def main(what: str, url: str, argument: str) -> None:
    database = Database(url)
    database.migrate()
    try:
        await (work(SqlStore(database), argument) if what == "work" else fill(SqlStore(database), int(argument)))
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
