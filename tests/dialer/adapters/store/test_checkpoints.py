"""Does what was written reach SQLite's file while the engine runs, and without anybody waiting for it?"""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.checkpoints import MOST_PAGES, Checkpoints
from tests.support.ear import PATIENCE
from tests.support.stores import NOW, settings


def in_the_file(path: Path) -> int:
    """The campaigns in it, without what still lies in the log beside it."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        count: int = connection.execute("SELECT count(*) FROM campaigns").fetchone()[0]
        return count


async def test_what_was_written_reaches_the_file_while_the_engine_runs(migrated_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "dzwonek.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    store = SqlStore(database)
    try:
        await store.put_campaign("RENT", settings(), NOW, None)
        async with asyncio.timeout(PATIENCE):
            while not in_the_file(path):
                await store.wake(NOW + timedelta(seconds=1))
    finally:
        await database.close()


async def test_whoever_writes_moves_nothing_unless_the_log_grows_far_too_long(
    migrated_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "dzwonek.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    try:
        for asked in (database.write, database.read):
            assert await asked(lambda each: each.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()) == MOST_PAGES
    finally:
        await database.close()


def test_a_file_that_cannot_be_written_is_told_of_and_holds_up_nobody(tmp_path: Path) -> None:
    with capture_logs() as told:
        checkpoints = Checkpoints(str(tmp_path / "none" / "dzwonek.db"))
        checkpoints.written()
        checkpoints.close()
    assert [each["event"] for each in told] == ["checkpoint_failed"]
