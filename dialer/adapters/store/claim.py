"""Is this the only engine on its database?

Two would share no limits, and each would take the other's calls for lost.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from dialer.adapters.store.database import Database, DatabaseUnusable

_ADVISORY_LOCK = 0x647A776F  # "dzwo": one number for all engines of a PostgreSQL database


@contextmanager
def claimed(database: Database) -> Iterator[None]:
    """Hold the database for this engine alone; the claim goes with the process, however it ends.

    Raises:
        DatabaseUnusable: another engine holds it.
    """
    with _file_lock(database) if database.is_sqlite else _advisory_lock(database):
        yield


@contextmanager
def _file_lock(database: Database) -> Iterator[None]:
    path = Path(f"{database.url.database}.lock")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise DatabaseUnusable(f"{path}: {error.strerror}; the folder must be writable for the engine") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _taken(database) from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _advisory_lock(database: Database) -> Iterator[None]:
    with database.connect() as connection:
        connection.detach()  # the lock is its session's: back in the pool it would be held for ever
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))).scalar_one():
            raise _taken(database)
        connection.commit()
        yield


def _taken(database: Database) -> DatabaseUnusable:
    where = database.url.render_as_string(hide_password=True)
    return DatabaseUnusable(f"another engine is running on {where}: end it first, or give this one its own database")
