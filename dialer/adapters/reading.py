"""How are long call lists read without holding up calls? In another process, which judges the rows and keeps them.

Judging a row and writing it takes some 200 µs of Python. On a thread of the engine that time is taken from the calls,
whose every step would wait for the interpreter's lock. The process is started for the first long list and stays.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import datetime
from typing import ParamSpec, TypeVar

from dialer.adapters.store import Database, SqlStore
from dialer.calllist import FileProblem
from dialer.core.codes import Code
from dialer.intake import Offer, Opened, ReadHere, Rules, open_list
from dialer.ports.store import Batches, StoreFailed

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 1 << 16  # bytes; a shorter list is read before a process would have begun


class ReadElsewhere:
    """Reads short lists here and long ones in a process of its own, with its own way to the database."""

    def __init__(self, store: Batches, database_url: str) -> None:
        self._here = ReadHere(store)
        self._database_url = database_url
        self._pool: ProcessPoolExecutor | None = None
        self.process: asyncio.Future[int] | None = None  # its id, once it runs

    async def open(self, offer: Offer, rules: Rules) -> Opened:
        if _is_short(offer):
            return await self._here.open(offer, rules)
        opened = await self._elsewhere(_open, offer, rules)
        if isinstance(opened, Opened):
            return opened
        raise FileProblem(*opened)

    async def keep(self, batch: int, offer: Offer, rules: Rules, now: datetime) -> None:
        if _is_short(offer):
            await self._here.keep(batch, offer, rules, now)
        else:
            await self._elsewhere(_keep, self._database_url, batch, offer, rules, now)

    async def _elsewhere(self, work: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)
            self.process = loop.run_in_executor(self._pool, os.getpid)
            self.process.add_done_callback(_hear)
        try:
            return await loop.run_in_executor(self._pool, work, *args)
        except BrokenProcessPool as error:
            self._pool = self.process = None  # the next list gets another
            raise StoreFailed("the process that reads call lists was ended: send the list again") from error
        except asyncio.CancelledError:
            await self.close()  # what nobody waits for any more must not go on writing
            raise

    async def close(self) -> None:
        """End the process; a list that it is reading is broken off."""
        pool, process = self._pool, self.process
        self._pool = self.process = None
        if pool is None or process is None:
            return
        with suppress(BrokenProcessPool, ProcessLookupError):
            os.kill(await process, signal.SIGTERM)
        await asyncio.to_thread(pool.shutdown)


def _hear(process: asyncio.Future[int]) -> None:
    """If the process cannot even begin, the work that it was to do tells so."""
    if not process.cancelled():
        process.exception()


def _is_short(offer: Offer) -> bool:
    return offer.path.stat().st_size <= SHORT


# ---- in the other process -------------------------------------------------------------------------------


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the engine ends us in its own order
    threading.Thread(target=_end_with_the_engine, daemon=True).start()


def _end_with_the_engine() -> None:
    engine = multiprocessing.parent_process()
    if engine is not None:
        engine.join()
        os._exit(1)  # what is being written is undone by the database


def _open(offer: Offer, rules: Rules) -> Opened | tuple[Code, str]:
    try:
        return open_list(offer, rules)
    except FileProblem as problem:  # exceptions with arguments of their own do not travel between processes
        return problem.code, problem.detail


def _keep(database_url: str, batch: int, offer: Offer, rules: Rules, now: datetime) -> None:
    asyncio.run(_keep_all(database_url, batch, offer, rules, now))


async def _keep_all(database_url: str, batch: int, offer: Offer, rules: Rules, now: datetime) -> None:
    database = Database(database_url)
    try:
        await ReadHere(SqlStore(database)).keep(batch, offer, rules, now)
    finally:
        await database.close()
