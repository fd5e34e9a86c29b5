"""A database that fails when a test wants it to."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from dialer.adapters.store import Database
from dialer.ports.store import StoreFailed

P = ParamSpec("P")
T = TypeVar("T")


class FailingDatabase(Database):
    """A database with troubles; units of work are named as those of the store are."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fails: Callable[[str], bool] = lambda work: False  # before it begins
        self.after: dict[str, Callable[[], None]] = {}  # what happens when it is done, before anybody hears of it
        self.taking = timedelta()  # how long each write takes
        self.silent: asyncio.Event | None = None  # nothing is answered until it is set
        self.leased = 0  # attempts saved so far
        self.heard_after: dict[str, timedelta] = {}  # how much later than its commit a write is heard of

    async def write(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._troubled(work, super().write(work, *args, **kwargs))

    async def write_beside(
        self,
        begin: Callable[[sa.Engine], AbstractContextManager[sa.Connection]],
        work: Callable[Concatenate[sa.Connection, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        return await self._troubled(work, super().write_beside(begin, work, *args, **kwargs))

    async def _troubled(self, work: Callable[..., object], writing: Coroutine[Any, Any, T]) -> T:
        try:
            await asyncio.sleep(self.taking.total_seconds())
            await self._answers()
            self._may_fail(work)
            done = await writing
        finally:
            writing.close()
        if _name(work) == "lease" and isinstance(done, list):
            self.leased += len(done)
        self.after.get(_name(work), lambda: None)()
        await asyncio.sleep(self.heard_after.get(_name(work), timedelta()).total_seconds())
        return done

    async def read(self, work: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        await self._answers()
        self._may_fail(work)
        return await super().read(work, *args, **kwargs)

    async def _answers(self) -> None:
        if self.silent is not None:
            await self.silent.wait()

    def _may_fail(self, work: Callable[..., object]) -> None:
        if self.fails(_name(work)):
            raise StoreFailed("no space left on device")


def _name(work: Callable[..., object]) -> str:
    return work.__name__.strip("_")
