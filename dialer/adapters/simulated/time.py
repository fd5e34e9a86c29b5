"""How do days of the engine pass in seconds? On an event loop whose time leaps to the next timer.

Everything that waits (``asyncio.sleep``, ``asyncio.timeout``, timers) waits in simulated time; the engine's code is
unchanged. What it gives to threads takes no simulated time, however long a transaction lasts. It is done in the order
in which it was asked for, one piece after another, each once nobody else can go on: so the same seed gives the same
day. A thread would only be waited for, so none is used.
"""

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

STUCK = timedelta(minutes=5)  # of reality; work in another process that takes longer will not end
RESOLUTION = 1e-6  # s; far above the rounding of sums of moments


class NothingWillHappen(Exception):
    """Everybody waits, and no timer is set: in the real world this would hang for ever."""


@dataclass(slots=True)
class _Work:
    """Asked of a thread or of another process, and perhaps begun."""

    begin: Callable[[], Future[Any]]
    awaited: asyncio.Future[Any]
    begun: Future[Any] | None = None


class SimulatedTime(selectors.DefaultSelector):
    """Waits for processes and sockets in reality, for timers by moving the time."""

    def __init__(self, wake: Callable[[], None]) -> None:
        super().__init__()
        self.seconds = 1000.0
        self._wake = wake
        self._asked: deque[_Work] = deque()

    def ask(self, work: _Work) -> None:
        self._asked.append(work)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:  # somebody can go on
            return super().select(0)
        if self._asked:
            return self._work()
        if len(self.get_map()) > 1:  # the one is the loop's own, by which others wake it
            return self._wait()
        if told := super().select(0):
            return told
        if timeout is None:
            raise NothingWillHappen("no timer is set")
        self.seconds += max(timeout, 0.0)
        return []

    def _work(self) -> list[tuple[selectors.SelectorKey, int]]:
        first = self._asked[0]
        if first.begun is None:
            if first.awaited.cancelled():
                self._asked.popleft()
                return []
            first.begun = first.begin()
            if not first.begun.done():
                first.begun.add_done_callback(lambda _: self._wake())
        told = [] if first.begun.done() else self._wait()
        if first.begun.done():
            self._asked.popleft()
            _hand_over(first.begun, first.awaited)
        return told

    def _wait(self) -> list[tuple[selectors.SelectorKey, int]]:
        told = super().select(STUCK.total_seconds())
        if not told:
            raise NothingWillHappen(f"nothing was heard of a process or a socket for {STUCK} of real time")
        return told


def _hand_over(done: Future[Any], awaited: asyncio.Future[Any]) -> None:
    if awaited.cancelled():
        return
    if error := done.exception():
        awaited.set_exception(error)
    else:
        awaited.set_result(done.result())


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """The event loop of a simulation; ``time()`` is the one source of its time."""

    def __init__(self) -> None:
        self._simulated = SimulatedTime(self._wake)
        super().__init__(self._simulated)
        self._clock_resolution = RESOLUTION

    def time(self) -> float:
        return self._simulated.seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        awaited: asyncio.Future[T] = self.create_future()
        begin = executor.submit if isinstance(executor, ProcessPoolExecutor) else _done_here
        self._simulated.ask(_Work(partial(begin, func, *args), awaited))
        return awaited

    def _wake(self) -> None:
        self.call_soon_threadsafe(lambda: None)


def _done_here(func: Callable[[*Ts], T], *args: *Ts) -> Future[T]:
    """What a thread would have done."""
    done: Future[T] = Future()
    try:
        done.set_result(func(*args))
    except Exception as error:
        done.set_exception(error)
    return done


class LoopClock:
    """The Clock port on the time of the running loop; ``start`` is the moment at which it begins."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def in_simulated_time(main: Coroutine[Any, Any, T]) -> T:
    """Run it in simulated time; what a callback raises, where nobody waits for it, is raised here.

    Raises:
        NothingWillHappen: everybody waits for each other.
    """
    unheard: list[Exception] = []

    def hear(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        unheard.append(error if isinstance(error, Exception) else RuntimeError(context["message"]))

    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner:
        runner.get_loop().set_exception_handler(hear)
        result = runner.run(main)
    if unheard:
        raise ExceptionGroup("raised where nobody waits", unheard)
    return result
