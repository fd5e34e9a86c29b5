"""In which order, and on how many threads, are units of work carried out?

What SQLite answers within a millisecond is mostly work of the interpreter, of which there is one: several threads that
want it answer nobody sooner, and keep it from the writer and the event loop, which have to ask for it again after every
statement. So units take turns. A writer that has ended one begins the next by itself; a reader's next turn is given by
the event loop, so that calls come in between. A read that takes long, in the database, is overtaken on another thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

PATIENCE = timedelta(milliseconds=20)
IN_A_ROW = 8

T = TypeVar("T")


class _Turn:
    """Of a thread, until it is given back or overtaken."""

    __slots__ = ("since",)

    def __init__(self) -> None:
        self.since = monotonic()  # when its present unit began


class Turns:
    """``most``: units at the same time, but for those that take longer than ``patience``; ``threads``: with these."""

    def __init__(self, most: int, threads: int, name: str, patience: timedelta = PATIENCE) -> None:
        self._most = most
        self._patience = patience.total_seconds()
        self._may_overtake = threads > most
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = Lock()  # of all below
        self._urgent = deque[Callable[[], None]]()
        self._waiting = deque[Callable[[], None]]()
        self._overtaken = 0  # times in a row that urgent ones have overtaken those who wait
        self._turns = set[_Turn]()
        self._is_watching = False

    def run(self, unit: Callable[[], T], *, is_urgent: bool = False) -> asyncio.Future[T]:
        """What comes of the unit; one that is given up before it begins is left out. Urgent ones overtake others.

        They do so ``IN_A_ROW`` times: others would wait for ever if urgent ones came fast enough.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        with self._lock:
            (self._urgent if is_urgent else self._waiting).append(partial(_carry_out, unit, loop, done))
            self._give_turns(loop)
        return done

    def aside(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """What comes of work that is no unit and waits for no turn, but for a thread."""
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Wait for all that was asked."""
        self._threads.shutdown()

    def _give_turns(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = len(self._urgent) + len(self._waiting)
        free = self._most - len(self._turns)
        for _ in range(min(waiting, free)):
            turn = _Turn()
            self._turns.add(turn)
            loop.run_in_executor(self._threads, self._carry_out, turn, loop)
        if waiting > free and self._may_overtake and not self._is_watching:
            self._is_watching = True
            loop.call_later(self._patience, self._watch, loop)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let those who wait overtake what takes long."""
        with self._lock:
            self._is_watching = False
            late = monotonic() - self._patience
            self._turns -= {turn for turn in self._turns if turn.since <= late}
            self._give_turns(loop)

    def _carry_out(self, turn: _Turn, loop: asyncio.AbstractEventLoop) -> None:
        while unit := self._next(turn):
            unit()
            if self._may_overtake and not loop.is_closed():
                loop.call_soon_threadsafe(self._give_back, turn, loop)
                return

    def _give_back(self, turn: _Turn, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._turns.discard(turn)
            self._give_turns(loop)

    def _next(self, turn: _Turn) -> Callable[[], None] | None:
        with self._lock:
            is_urgent = bool(self._urgent) and not (self._waiting and self._overtaken >= IN_A_ROW)
            waiting = self._urgent if is_urgent else self._waiting
            if not waiting or turn not in self._turns:
                self._turns.discard(turn)
                return None
            turn.since = monotonic()
            self._overtaken = self._overtaken + 1 if is_urgent else 0
            return waiting.popleft()


def _carry_out(unit: Callable[[], T], loop: asyncio.AbstractEventLoop, done: asyncio.Future[T]) -> None:
    if done.cancelled():
        return
    tell: Callable[[Any], None]
    try:
        result: Any = unit()
        tell = done.set_result
    except BaseException as error:  # whatever it is, it is told to whoever asked
        result, tell = error, done.set_exception
    if not loop.is_closed():
        loop.call_soon_threadsafe(_tell, done, tell, result)


def _tell(done: asyncio.Future[T], tell: Callable[[Any], None], result: Any) -> None:
    if not done.done():  # or whoever asked has gone
        tell(result)
