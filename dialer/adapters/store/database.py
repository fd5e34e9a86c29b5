"""How does a unit of work reach the database?

Every unit of work is a plain function of a connection, run in one transaction on a thread of its own: one hop for
each transaction instead of one for each statement (docs/decisions/0003). SQLite has one writer at a time, so writes
queue here, in order but for urgent ones, rather than inside SQLite where they would fail after a time-out.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dialer.adapters.store.bell import Bell
from dialer.adapters.store.checkpoints import Checkpoints
from dialer.adapters.store.engines import READERS, postgres_engine, sqlite_engine
from dialer.adapters.store.turns import Turns
from dialer.ports.store import StoreFailed

P = ParamSpec("P")
T = TypeVar("T")
W = TypeVar("W", bound=Callable[..., Any])

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x447A776F  # our advisory locks; any numbers that nobody else uses
_CASES = 0x447A7770
_RINGS = "rings"
_URGENT = set[Callable[..., Any]]()


class DatabaseUnusable(Exception):
    """The database cannot be opened or is of another version; the message says what to do."""


def urgent(work: W) -> W:
    """A unit of work that overtakes those that wait: it ends calls or begins them, or every request waits for it."""
    _URGENT.add(work)
    return work


def ring_when_committed(connection: sa.Connection) -> None:
    """To be called by a unit of work after which ``Database.news`` is to ring."""
    connection.info[_RINGS] = True


class Database:
    """Runs units of work: writes one after another, reads beside them."""

    def __init__(self, url: str) -> None:
        """Raises DatabaseUnusable for a URL that names no database we know; nothing is opened yet."""
        try:
            self.url = sa.make_url(url)
        except sa.exc.ArgumentError as error:  # its message would show the password
            raise DatabaseUnusable(
                "the database URL cannot be read; it should be like sqlite:///var/dzwonek.db"
            ) from error
        match self.url.get_backend_name():
            case "sqlite":
                if not self.url.database or self.url.database == ":memory:":
                    raise DatabaseUnusable("an SQLite database needs a file, e.g. sqlite:///var/dzwonek.db")
                self._checkpoints: Checkpoints | None = Checkpoints(self.url.database)
                self._writes = sqlite_engine(self.url, durable=True)
                self._reads = sqlite_engine(self.url, durable=False)
            case "postgresql" | "postgres":
                self._checkpoints = None
                self._writes = postgres_engine(self.url)
                # What is shown by several queries belongs together, as it does in SQLite.
                self._reads = self._writes.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            case other:
                raise DatabaseUnusable(f"{other} is no database we know: use sqlite:///FILE or postgresql://…")
        self.news = Bell()  # rings after each commit of this process that has added to the feed
        self._writing = Turns(1, 1, "store-write")
        self._reading = Turns(1 if self.is_sqlite else READERS, READERS, "store-read")

    @property
    def name(self) -> str:
        """As it may be shown to people."""
        return self.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        return self._writes.dialect.name == "sqlite"

    def connect(self) -> sa.Connection:
        """A connection outside the units of work, to be closed by whoever asked."""
        return self._writes.connect()

    async def write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work in a transaction that is committed, on disk, when this returns; all or nothing."""
        return await self._write(self._writes.begin, work, *args, **kwargs)

    async def write_beside(
        self,
        begin: Callable[[sa.Engine], AbstractContextManager[sa.Connection]],
        work: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """As ``write``, in a transaction that ``begin`` opens, so that it sees more than the database."""
        return await self._write(partial(begin, self._writes), work, *args, **kwargs)

    async def read(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the work on one consistent picture of the data."""
        unit = self._unit(self._reads.begin, work, *args, **kwargs)
        return await self._reading.run(unit, is_urgent=work in _URGENT)

    async def aside(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what is no unit of work, on a thread of the readers."""
        return await asyncio.shield(self._reading.aside(partial(work, *args, **kwargs)))

    async def _write(
        self,
        begin: Callable[[], AbstractContextManager[sa.Connection]],
        work: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        unit = self._unit(begin, work, *args, **kwargs)

        def durably() -> T:
            done = unit()
            if self._checkpoints is not None:
                self._checkpoints.written()
            return done

        # Shielded: its caller may go away, what was asked to be written is written.
        return await asyncio.shield(self._writing.run(durably, is_urgent=work in _URGENT))

    def _unit(
        self,
        begin: Callable[[], AbstractContextManager[sa.Connection]],
        work: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Callable[[], T]:
        """The work in a transaction, to be carried out on a thread."""
        loop = asyncio.get_running_loop()

        def unit() -> T:
            try:
                with begin() as connection:
                    info = connection.info  # of the driver's connection, which lives on
                    info[_RINGS] = False
                    done = work(connection, *args, **kwargs)
            except sa.exc.OperationalError as error:  # locked, full, gone: not our mistake, and it may pass
                raise StoreFailed(str(error.orig)) from error
            if info[_RINGS]:
                loop.call_soon_threadsafe(self.news.ring)
            return done

        return partial(copy_context().run, unit)

    def cut_log(self) -> bool:
        """Leave nothing of the past in SQLite's log; False: somebody reads what is older. Blocks."""
        return self._checkpoints is None or self._checkpoints.cut()  # what PostgreSQL keeps is its operator's

    def migrate(self) -> None:
        """Bring the schema to this version of the code; harmless when it is there already.

        Raises:
            DatabaseUnusable: it cannot be reached, or is newer than the code.
        """
        config = _migrations()
        try:
            if self.is_sqlite:
                _create_private(Path(str(self.url.database)))
            with self._writes.connect() as connection:
                if self._writes.dialect.name == "postgresql":  # engines that start together migrate one after another
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
                config.attributes["connection"] = connection
                known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
                current = MigrationContext.configure(connection).get_current_revision()
                if current is not None and current not in known:
                    raise DatabaseUnusable(
                        f"the database is at schema {current}, which this version of Dzwonek does not know: "
                        "start the newer version, or restore the backup taken before the upgrade"
                    )
                command.upgrade(config, "head")
                connection.commit()
        except (OSError, sa.exc.SQLAlchemyError) as error:
            raise DatabaseUnusable(f"{self.name}: {error}") from error

    def expect_migrated(self) -> None:
        """Look whether it is there, with the schema of this version; nothing is created and nothing is changed.

        Raises:
            DatabaseUnusable: it is not.
        """
        if self.is_sqlite and not Path(str(self.url.database)).exists():
            raise DatabaseUnusable(
                f"there is no {self.url.database}: give the engine's DZWONEK_DATABASE, or go to the folder it runs in"
            )
        try:
            with self._reads.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except sa.exc.SQLAlchemyError as error:
            raise DatabaseUnusable(f"{self.name}: {error}") from error
        if current != ScriptDirectory.from_config(_migrations()).get_current_head():
            raise DatabaseUnusable(
                f"{self.name} is at schema {current}, which is not this version's: use the dzwonek that the engine runs"
            )

    async def close(self) -> None:
        """Wait for what has begun, then let go of every connection."""
        await asyncio.to_thread(self._writing.close)
        await asyncio.to_thread(self._reading.close)
        if self._checkpoints is not None:
            await asyncio.to_thread(self._checkpoints.close)
        self._writes.dispose()
        self._reads.dispose()


def change_cases_one_by_one(connection: sa.Connection) -> None:
    """Wait for other transactions that change cases, as SQLite's do for all that write.

    On PostgreSQL two files that name the same cases in different order would otherwise block each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CASES)))


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _create_private(path: Path) -> None:
    """An empty database that only we may read; SQLite gives the files beside it the same rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
