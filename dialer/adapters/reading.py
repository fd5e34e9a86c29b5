"""How are long call lists read without holding up calls? In other processes, which judge the rows and put them aside.

Judging a row takes tens of microseconds of Python. On a thread of the engine that time is taken from the calls, whose
every step would wait for the interpreter's lock. The first process is started for the first long list, the second for
the first that can be divided; they stay, and give way to the engine where there are few processors.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from datetime import datetime
from typing import ParamSpec, TypeVar

from dialer.adapters.store import Database, SqlStore
from dialer.core.codes import Code
from dialer.lists.calllist import BadRow, FileProblem, Part
from dialer.lists.collection import postponed
from dialer.lists.intake import Offer, Opened, ReadHere, Rules, open_list
from dialer.ports.store import Batches, StoreFailed

P = ParamSpec("P")
T = TypeVar("T")

SHORT = 1 << 16  # bytes; a shorter list is read before a process would have begun
READERS = 2  # processes
_NICENESS = 2


class ReadElsewhere:
    """Reads short lists here and long ones in processes of their own, with their own way to the database."""

    def __init__(self, store: Batches, database_url: str) -> None:
        self._here = ReadHere(store)
        self._database_url = database_url
        self.readers = [_Reader() for _ in range(READERS)]

    async def open(self, offer: Offer, rules: Rules) -> Opened:
        if _is_short(offer):
            return await self._here.open(offer, rules)
        opened = await self.readers[0].run(_open, offer, rules)
        if isinstance(opened, Opened):
            return opened
        raise FileProblem(*opened)

    async def judge(self, batch: int, offer: Offer, rules: Rules, now: datetime, parts: Sequence[Part]) -> list[BadRow]:
        if _is_short(offer):
            return await self._here.judge(batch, offer, rules, now, parts)
        waiting = iter(parts)
        bad: list[BadRow] = []

        async def judge(reader: _Reader) -> None:
            for part in waiting:
                bad.extend(await reader.run(_judge, self._database_url, batch, offer, rules, now, part))

        try:
            async with asyncio.TaskGroup() as tasks:
                for reader in self.readers[: len(parts)]:
                    tasks.create_task(judge(reader))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return bad

    async def close(self) -> None:
        """End the processes; a list that they are reading is broken off."""
        for reader in self.readers:
            await reader.close()


class _Reader:
    """A process that reads."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self.process: asyncio.Future[int] | None = None  # its id, once it runs

    async def run(self, work: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)
            self.process = loop.run_in_executor(self._pool, os.getpid)
            self.process.add_done_callback(_hear)
        try:
            return await loop.run_in_executor(self._pool, work, *args)
        except BrokenProcessPool as error:
            self._pool = self.process = None  # the next list gets another
            raise StoreFailed("a process that reads call lists was ended: send the list again") from error
        except asyncio.CancelledError:
            await self.close()  # what nobody waits for any more must not go on writing
            raise

    async def close(self) -> None:
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


# ---- in the other processes ------------------------------------------------------------------------------


def _begin() -> None:
    os.nice(_NICENESS)
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


def _judge(database_url: str, batch: int, offer: Offer, rules: Rules, now: datetime, part: Part) -> list[BadRow]:
    return asyncio.run(_judge_part(database_url, batch, offer, rules, now, part))


async def _judge_part(
    database_url: str, batch: int, offer: Offer, rules: Rules, now: datetime, part: Part
) -> list[BadRow]:
    database = Database(database_url)
    try:
        with postponed():
            return await ReadHere(SqlStore(database)).judge(batch, offer, rules, now, (part,))
    finally:
        await database.close()
