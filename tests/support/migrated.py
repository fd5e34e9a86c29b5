"""A migrated database without rows, made once: the migrations take as long as a test."""

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from dialer.adapters.store import Database


@cache
def migrated() -> bytes:
    """The file of an SQLite database. Not to be called from within an event loop: it has one of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/migrated.db")
        database.migrate()
        asyncio.run(database.close())
        return (Path(folder) / "migrated.db").read_bytes()
