"""Can what was copied while calls went on be worked with?"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.access_tables import audit
from dialer.model import CampaignState, Disposition
from dialer.ports.store import AttemptFilter
from tests.support.carrier import BUSY
from tests.support.clock import SECOND, passes
from tests.support.engines import CAMPAIGN, World, a_world, in_virtual_time
from tests.support.feed import disagreements, whole_feed
from tests.support.postgres import Postgres
from tests.support.stores import NOW, call_all, row, settings, take

MINUTE = timedelta(minutes=1)


def copied(world: World, to: Path) -> None:
    """As ``sqlite3 … ".backup …"`` does, page by page, beside the engine."""
    with closing(sqlite3.connect(str(world.database.url.database))) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy, pages=16, sleep=0)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@in_virtual_time
async def test_a_copy_made_while_calls_go_on_agrees_with_itself(tmp_path: Path) -> None:
    async with a_world(tmp_path, BUSY, contacts=30) as world:
        world.start()
        await world.until_called(5)
        copied(world, tmp_path / "copy")
        made = {each.id for each in await world.attempts()}
        await passes(20 * SECOND)

        restored = Database(f"sqlite:///{tmp_path / 'copy'}")
        try:
            restored.expect_migrated()
            store = SqlStore(restored)
            kept = {each.id for each in await store.attempts(AttemptFilter(campaign_id=CAMPAIGN), "", 1000)}
            assert kept
            assert kept <= made
            assert await disagreements(store, CAMPAIGN) == []
            assert [each.seq for each in await whole_feed(store)] == list(range(1, await store.last_event() + 1))
            campaign = await store.campaign(CAMPAIGN)
            assert campaign is not None
            assert campaign.state is CampaignState.RUNNING  # which is why campaigns are paused before a copy is used
        finally:
            await restored.close()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[SqlStore]:
    database = Database(url)
    try:
        yield SqlStore(database)
    finally:
        await database.close()


async def call_on(store: SqlStore, until: asyncio.Event) -> None:
    """A list and its calls, again and again."""
    for times in count(1):
        await take(store, f"B-{times}", *(row(f"D{times}-{n}") for n in range(5)), now=NOW)
        await call_all(store, Disposition.BUSY, NOW)
        if until.is_set():
            return


@pytest.mark.postgres
async def test_a_dump_made_while_calls_go_on_is_restored_whole(postgres: Postgres, tmp_path: Path) -> None:
    kept, empty = postgres.create("to_be_dumped"), postgres.create("to_be_restored")
    async with opened(kept) as store:
        store._db.migrate()
        await store.put_campaign("RENT", settings(attempts=1), NOW, None)
        await store.set_campaign_state("RENT", CampaignState.RUNNING, NOW)
        dumped = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(call_on(store, dumped))
            async with asyncio.timeout(30):
                while await store.last_event() < 20:
                    await asyncio.sleep(0)
            before = await store.last_event()
            await postgres.dump(kept, tmp_path / "dump")
            dumped.set()
        after = await store.last_event()

    await postgres.restore(tmp_path / "dump", empty)
    async with opened(empty) as store:
        store._db.expect_migrated()
        assert before <= await store.last_event() < after
        assert await disagreements(store, "RENT") == []
        assert await store.attempts(AttemptFilter(campaign_id="RENT"), "", 1000)
        with pytest.raises(sa.exc.DBAPIError, match="audit"):
            await store._db.write(lambda connection: connection.execute(sa.delete(audit)))
        last = await store.last_event()
        await take(store, "B-new", row("D-new"), now=NOW + MINUTE)
        assert await call_all(store, Disposition.BUSY, NOW + MINUTE)
        assert [each.seq for each in await whole_feed(store)] == list(range(1, await store.last_event() + 1))
        assert await store.last_event() > last
