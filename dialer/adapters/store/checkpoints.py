"""When does SQLite move what was written from its log into its file? Beside the writer, not on its way.

Left to itself SQLite does so within the commit that fills the log: every tenth portion of attempts then waits until a
thousand pages, spread over the file, are written and on disk. The larger the file, the longer. A thread of its own does
it while nobody waits; the log can be written to meanwhile.
"""

import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import structlog

EVERY = timedelta(milliseconds=250)  # at most, and only if something was written
CUTTING = timedelta(milliseconds=500)  # for readers to go; who writes waits as long
CHASES = 4  # the log begins anew once all of it is moved: what was written meanwhile is moved, too, if it can be caught
# Should that not keep up, the writer does it itself. In a longer log SQLite looks longer for a page.
MOST_PAGES = 16_000

log = structlog.get_logger(__name__)


class Checkpoints:
    """Of one SQLite file; its log is shorter after each."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-checkpoint")
        self._connection: sqlite3.Connection | None = None
        self._moving: Future[None] | None = None
        self._due_at = 0.0

    def written(self) -> None:
        """To be called after each commit, by whoever writes."""
        now = monotonic()
        if now >= self._due_at and (self._moving is None or self._moving.done()):
            self._due_at = now + EVERY.total_seconds()
            self._moving = self._thread.submit(self._move)

    def cut(self) -> bool:
        """Move all of the log, and leave nothing in it; False: somebody reads what is older. Waits."""
        return self._thread.submit(self._cut).result()

    def close(self) -> None:
        """Wait for one that is under way."""
        self._thread.submit(self._disconnect)
        self._thread.shutdown()

    def _move(self) -> None:
        try:
            connection = self._connected()
            for _ in range(CHASES):
                _, written, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if moved == written:
                    break
        except sqlite3.Error as error:  # the log keeps it until the next one
            log.warning("checkpoint_failed", because=str(error))

    def _cut(self) -> bool:
        connection = self._connected()
        connection.execute(f"PRAGMA busy_timeout={CUTTING // timedelta(milliseconds=1)}")
        try:
            is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("checkpoint_failed", because=str(error))
            return False
        return not is_busy

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("PRAGMA synchronous=FULL")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
