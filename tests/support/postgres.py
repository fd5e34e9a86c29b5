"""A PostgreSQL server of the tests' own: started once per session in a private directory, gone afterwards.

Debian's ``postgresql`` package brings the server; the cluster it may run itself is not touched.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from lab.process import start, wait_until

USER = "dzwonek"
STARTING = timedelta(seconds=30)
_UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    port: int
    sockets: Path
    programs: Path

    async def dump(self, url: str, to: Path) -> None:
        """As docs/operations.md has it."""
        await self._run("pg_dump", "--format=custom", "--exclude-schema=staged_*", f"--file={to}", url)

    async def restore(self, dump: Path, url: str) -> None:
        """As docs/operations.md has it."""
        await self._run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url}", dump)

    async def _run(self, program: str, *arguments: str | Path) -> None:
        running = await asyncio.create_subprocess_exec(
            self.programs / program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await running.communicate()
        assert running.returncode == 0, said.decode()

    def url(self, database: str) -> str:
        """On loopback, as an installation has it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A new database; its URL."""
        with psycopg.connect(
            host=str(self.sockets), port=self.port, user=USER, dbname="postgres", autocommit=True
        ) as c:
            c.execute(f'CREATE DATABASE "{database}"'.encode())
        return self.url(database)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server without tables. Fails when none is installed: run ``pytest -m "not postgres"`` without it."""
    programs = _programs()
    if programs is None:
        pytest.fail("no PostgreSQL server is installed: apt-get install postgresql, or deselect with -m 'not postgres'")
    # Not pytest's own directory: only its owner may enter it, and a Unix socket's path may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="dzwonek-pg-") as made:
        home = Path(made)
        account = _account()
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        cluster, port = home / "cluster", _free_port()
        subprocess.run(
            [
                *_as(account), str(programs / "initdb"), "--pgdata", str(cluster), "--username", USER,
                "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
            ],
            cwd=home, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        log = home / "server.log"
        server = start(
            "postgres",
            [
                *_as(account), str(programs / "postgres"), "-D", str(cluster), "-k", str(home), "-p", str(port),
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
            ],
            log,
        )  # fmt: skip
        try:
            running = Postgres(port, home, programs)
            if not wait_until(lambda: not server.is_running or _answers(running), STARTING) or not server.is_running:
                pytest.fail(f"PostgreSQL did not start:\n{log.read_text('utf-8')}")
            yield running
        finally:
            server.end()


def _programs() -> Path | None:
    """The folder of the newest server installed: Debian keeps them off the PATH, one folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


def _account() -> pwd.struct_passwd | None:
    """Whom to run it as; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name: each for each in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _as(account: pwd.struct_passwd | None) -> Sequence[str]:
    if account is None:
        return ()
    return ("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _answers(server: Postgres) -> bool:
    try:
        psycopg.connect(server.url("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
