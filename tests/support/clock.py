"""How do tests run hours of the engine in an instant? On an event loop whose time leaps to the next timer.

Everything that waits (``asyncio.sleep``, ``asyncio.timeout``, timers) waits in virtual time; production code
is unchanged.
Time stands still while a thread works, so that a real database takes no virtual time at all.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)  # eleven in Warsaw, a working day
STUCK = 30.0  # real seconds a thread may work before the test has failed


class NothingWillHappen(Exception):
    """Everybody waits, and no timer is set: in the real world this would hang for ever."""


class VirtualTime(selectors.DefaultSelector):
    """Waits for threads and sockets in reality, for timers by moving the time."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0
        self.working = 0  # threads whose result the loop awaits

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working:
            told = super().select(0 if timeout == 0 else STUCK)
            if not told and timeout != 0:
                raise NothingWillHappen(f"a thread has worked for {STUCK} s")
            return told
        told = super().select(0)
        if told or timeout == 0:
            return told
        if timeout is None:
            raise NothingWillHappen("no timer is set")
        self.seconds += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = VirtualTime()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-6  # far above the rounding of sums of moments

    def time(self) -> float:
        return self._virtual.seconds

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._virtual.working += 1
        work.add_done_callback(self._one_done)
        return work

    async def shutdown_default_executor(self) -> None:
        self._virtual.working += 1
        await super().shutdown_default_executor()
        self._virtual.working -= 1

    def _one_done(self, _: object) -> None:
        self._virtual.working -= 1


class LoopClock:
    """The Clock port on the time of the running loop; ``start`` is the moment at which it begins."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self._start = start
        self._began = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run a test in virtual time; what a callback raises fails it too."""
    unheard: list[Exception] = []

    def hear(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        unheard.append(error if isinstance(error, Exception) else RuntimeError(context["message"]))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.get_loop().set_exception_handler(hear)
        result = runner.run(main)
    if unheard:
        raise ExceptionGroup("raised where nobody waits", unheard)
    return result


async def passes(span: timedelta) -> None:
    """Let virtual time pass."""
    await asyncio.sleep(span.total_seconds())
