"""How many read at the same time?

What SQLite answers within a millisecond is mostly work of the interpreter, of which there is one: several threads that
want it answer nobody sooner, and keep it from the writer and the event loop, which have to ask for it again after every
statement. So reads take turns. One that takes long, in the database, is not waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

PATIENCE = timedelta(milliseconds=20)


class Turns:
    """``most``: at the same time, but for those that take longer than ``PATIENCE``."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn; the first to ask is the first to have it."""
        await self._free.acquire()
        turn = _Turn(self._free)
        timer = asyncio.get_running_loop().call_later(PATIENCE.total_seconds(), turn.end)
        try:
            yield
        finally:
            timer.cancel()
            turn.end()


class _Turn:
    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free: asyncio.Semaphore | None = free

    def end(self) -> None:
        """Let the next one begin; not twice."""
        if self._free is not None:
            self._free.release()
            self._free = None
