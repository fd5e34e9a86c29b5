"""Where do a list's judged rows wait until every one of them is judged?

Apart from everything else, so that a list which breaks off has changed nothing: beside SQLite in a file of its own, in
PostgreSQL in a schema of its own. A transaction that takes from it finds the tables under their plain names, so that
the same statements serve both. What waits is written without care for a loss of power; ``settle`` brings it to disk.
"""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.database import Database
from dialer.adapters.store.engines import PATIENCE
from dialer.adapters.store.staged import numbers_of, row_of, staged, staged_numbers, staged_rows
from dialer.adapters.store.staged_repeats import refuse_repeats
from dialer.ports.store import StoreFailed, TakenRow

_ROWS = Bulk(staged_rows.columns.keys(), lambda _: staged_rows.insert())
_NUMBERS = Bulk(staged_numbers.columns.keys(), lambda _: staged_numbers.insert())
_ASIDE = re.compile(r"staged_([0-9]+)")


class Staging:
    def __init__(self, database: Database) -> None:
        self._db = database

    def open(self, batch: int) -> None:
        """Make room for a list's rows; what an earlier try has left is dropped."""
        self.drop(batch)
        if self._db.is_sqlite:
            self._file(batch).touch(mode=0o600)
        with self._begin(batch, is_new=True) as connection:
            staged.create_all(connection)

    def add(self, batch: int, rows: Sequence[TakenRow]) -> None:
        """Rows in any order, from any process."""
        with self._begin(batch) as connection:
            _ROWS.run_ordered(connection, map(row_of, rows))
            _NUMBERS.run_ordered(connection, [number for taken in rows for number in numbers_of(taken.verdict)])

    def settle(self, batch: int) -> int:
        """All rows are there: refuse those that repeat others, and bring the rest to disk; the last row's number."""
        with self._begin(batch) as connection:
            refuse_repeats(connection)
            last: int = connection.execute(sa.select(sa.func.coalesce(sa.func.max(staged_rows.c.row), 0))).scalar_one()
        if self._db.is_sqlite:
            with self._file(batch).open("rb") as file:
                os.fsync(file.fileno())
        return last

    @contextmanager
    def beside(self, batch: int, engine: sa.Engine) -> Iterator[sa.Connection]:
        """A transaction of the database in which the rows that wait can be read."""
        with engine.connect() as connection:
            if not self._db.is_sqlite:
                with connection.begin():
                    _look_there(connection, batch)
                    yield connection
                return
            driver: Any = connection.connection.driver_connection
            driver.execute("ATTACH DATABASE ? AS staged", (str(self._existing(batch)),))
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("DETACH DATABASE staged")

    def drop(self, batch: int) -> None:
        if self._db.is_sqlite:
            self._file(batch).unlink(missing_ok=True)
        else:
            with self._db.connect() as connection, connection.begin():
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS staged_{batch} CASCADE")

    def batches(self) -> Sequence[int]:
        """Those of which anything waits."""
        if self._db.is_sqlite:
            names = [path.suffix[1:] for path in self._folder.glob(f"{self._database.name}.staged_*")]
        else:
            with self._db.connect() as connection:
                names = sa.inspect(connection).get_schema_names()
        return sorted(int(found[1]) for name in names if (found := _ASIDE.fullmatch(name)))

    @property
    def _database(self) -> Path:
        return Path(str(self._db.url.database))

    @property
    def _folder(self) -> Path:
        return self._database.parent

    def _file(self, batch: int) -> Path:
        return self._folder / f"{self._database.name}.staged_{batch}"

    def _existing(self, batch: int) -> Path:
        path = self._file(batch)
        if not path.exists():
            raise StoreFailed(f"{path.name} is gone: send the list again")
        return path

    @contextmanager
    def _begin(self, batch: int, *, is_new: bool = False) -> Iterator[sa.Connection]:
        try:
            if self._db.is_sqlite:
                engine = sa.create_engine(
                    "sqlite://", creator=partial(_connect, self._existing(batch)), poolclass=sa.pool.NullPool
                )
                with engine.begin() as connection:
                    yield connection
            else:
                with self._db.connect() as connection, connection.begin():
                    if is_new:
                        connection.exec_driver_sql(f"CREATE SCHEMA staged_{batch}")
                    _look_there(connection, batch, alone=True)
                    yield connection
        except (sa.exc.OperationalError, OSError) as error:  # locked, full, gone: not our mistake, and it may pass
            raise StoreFailed(str(getattr(error, "orig", error))) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE.total_seconds())
    # What a crash leaves of it is thrown away.
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    return connection


def _look_there(connection: sa.Connection, batch: int, *, alone: bool = False) -> None:
    before = "" if alone else "current_setting('search_path') || ', ' || "
    connection.exec_driver_sql(f"SELECT set_config('search_path', {before}'staged_{batch}', true)")
