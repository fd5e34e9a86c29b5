"""Can what was copied while calls went on be worked with?"""

import sqlite3
from contextlib import closing
from pathlib import Path

from dialer.adapters.store import Database, SqlStore
from dialer.model import CampaignState
from dialer.ports.store import AttemptFilter
from tests.support.carrier import BUSY
from tests.support.clock import SECOND, passes
from tests.support.engines import CAMPAIGN, World, a_world, in_virtual_time
from tests.support.feed import disagreements, whole_feed


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
