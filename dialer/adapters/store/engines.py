"""How is each kind of database opened?"""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.checkpoints import MOST_PAGES

READERS = 4
PATIENCE = timedelta(seconds=10)  # for another process that writes to the same SQLite file
POLL = timedelta(milliseconds=5)  # within which SQLite asks often; beyond, it asks so rarely that others overtake
_MS = timedelta(milliseconds=1)
# The indexes of a million contacts do not fit into the 2 MiB that SQLite keeps of a database by default: every row of a
# list would read pages again, and write them again.
_WRITER_KEEPS = ("cache_size=-65536",)  # KiB


def sqlite_engine(url: sa.URL, *, durable: bool) -> sa.Engine:
    """``durable``: to write with, on one connection; otherwise to read with."""
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # errors would print names and phone numbers
        poolclass=sa.pool.StaticPool if durable else sa.pool.QueuePool,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # or pysqlite begins no transaction at SELECT, and updates get lost
        for pragma in (
            f"busy_timeout={PATIENCE // _MS}",
            "journal_mode=WAL",
            # FULL: what was saved before a call is placed is still there after a loss of power.
            "synchronous=FULL" if durable else "query_only=ON",
            f"wal_autocheckpoint={MOST_PAGES}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased is overwritten, not only forgotten
            *(_WRITER_KEEPS if durable else ()),
        ):
            # Two connections that turn a new file to WAL at once are told "busy" without any waiting.
            _patiently(partial(connection.execute, f"PRAGMA {pragma}"))
        if durable:
            connection.execute(f"PRAGMA busy_timeout={POLL // _MS}")  # from now on we ask ourselves, more often

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if durable:
            _patiently(partial(connection.exec_driver_sql, "BEGIN IMMEDIATE"))
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _patiently(execute: Callable[[], object]) -> None:
    """Execute once nobody else is in the way; raises what SQLite says when that takes too long."""
    until = monotonic() + PATIENCE.total_seconds()
    while True:
        try:
            execute()
        except (sqlite3.OperationalError, sa.exc.OperationalError) as error:
            said = error.orig if isinstance(error, sa.exc.OperationalError) else error
            if getattr(said, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(POLL.total_seconds())
        else:
            return


def postgres_engine(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_size=READERS + 2, pool_pre_ping=True
    )
