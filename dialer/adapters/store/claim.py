"""Is this the only engine on its database?

Two would share no limits, and each would take the other's calls for lost. Others may ask whether one is running.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import sqlalchemy as sa

from dialer.adapters.store.database import Database, DatabaseUnusable

_ADVISORY_LOCK = 0x647A776F  # "dzwo": one number for all engines of a PostgreSQL database
_PATIENCE = timedelta(seconds=1)  # for those who only ask, and for the server to notice that an engine has gone
_POLL = timedelta(milliseconds=10)
_TRY = sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))
_IS_HELD = sa.text(
    "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE datname = current_database() AND locktype = 'advisory' AND classid = 0 AND objid = :number AND granted)"
).bindparams(number=_ADVISORY_LOCK)


@contextmanager
def claimed(database: Database) -> Iterator[None]:
    """Hold the database for this engine alone; the claim goes with the process, however it ends.

    Raises:
        DatabaseUnusable: another engine holds it.
    """
    with _file_lock(database) if database.is_sqlite else _advisory_lock(database):
        yield


def is_claimed(database: Database) -> bool:
    """Whether an engine is running on the database.

    Raises:
        DatabaseUnusable: that cannot be told.
    """
    if not database.is_sqlite:
        return _is_held(database)
    path = _lock_file(database)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DatabaseUnusable(f"{path}: {error.strerror}; ask as the user that the engine runs as") from error
    try:
        return not _try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _is_held(database: Database) -> bool:
    try:
        with database.connect() as connection:
            return bool(connection.execute(_IS_HELD).scalar_one())
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseUnusable(f"{database.name}: {error}") from error


def _lock_file(database: Database) -> Path:
    return Path(f"{database.url.database}.lock")


def _try_lock(handle: int, how: int) -> bool:
    """Whether it could be had at once."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _file_lock(database: Database) -> Iterator[None]:
    path = _lock_file(database)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise DatabaseUnusable(f"{path}: {error.strerror}; the folder must be writable for the engine") from error
    try:
        _take(database, lambda: _try_lock(handle, fcntl.LOCK_EX))
        yield
    finally:
        os.close(handle)


@contextmanager
def _advisory_lock(database: Database) -> Iterator[None]:
    with database.connect() as connection:
        connection.detach()  # the lock is its session's: back in the pool it would be held for ever
        _take(database, lambda: bool(connection.execute(_TRY).scalar_one()))
        connection.commit()
        yield


def _take(database: Database, is_taken: Callable[[], bool]) -> None:
    until = monotonic() + _PATIENCE.total_seconds()
    while not is_taken():
        if monotonic() > until:
            raise DatabaseUnusable(
                f"another engine is running on {database.name}: end it first, or give this one its own database"
            )
        sleep(_POLL.total_seconds())
