"""May any call be placed at all? The global stop.

The order is a row: it outlives the engine, and `dzwonek stop` can write it while the API hangs. It is kept here in
memory, where it is asked right before every call, and read again and again. What is not known for sure is a stop.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from dialer.ports import Clock
from dialer.ports.store import StopOrder, StopOrders, StoreFailed

LOOK = timedelta(milliseconds=250)  # how often the order is read: it may come from another process
FRESH = 8 * LOOK  # for how long what was read is relied upon
AFTER_TROUBLE = timedelta(seconds=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Unwritten:
    """A stop that holds already, and that the database has yet to take."""

    actor: str
    reason: str | None
    hangs_up: bool


class Stopping:
    """Follows the order in force. ``give_up_ringing`` is called when calls that ring are not to go on either."""

    def __init__(self, store: StopOrders, clock: Clock, look: timedelta = LOOK) -> None:
        self._store = store
        self._clock = clock
        self._every = look
        self._fresh = look * (FRESH / LOOK)
        self.order = StopOrder(revision=-1, is_stopped=True)  # until it is read
        self._read_at = 0.0  # monotonic s when it was read last
        self._unreadable: str | None = "it has not been read yet"
        self._unwritten: _Unwritten | None = None
        self._writing = asyncio.Lock()
        self._to_write = asyncio.Event()
        self.give_up_ringing: Callable[[], None] = lambda: None

    @property
    def is_stopped(self) -> bool:
        return self.order.is_stopped or self._unwritten is not None or self.trouble is not None

    @property
    def trouble(self) -> str | None:
        """Why it is not known whether calls may be placed, so that none are."""
        unknown = self._unreadable
        if unknown is None and self._clock.monotonic() - self._read_at > self._fresh.total_seconds():
            unknown = "the database does not answer"
        return unknown and f"whether the engine is to stop is unknown, so nothing is dialled: {unknown}"

    # ---- orders given here -----------------------------------------------------------------------

    async def stop(self, actor: str, reason: str | None, *, hangs_up: bool = False) -> StopOrder:
        """No call is placed from the moment of asking; when this returns, the order outlives the engine.

        Raises:
            StoreFailed: it is not written down. Nothing is placed all the same, and writing is tried again and again.
        """
        self._unwritten = _Unwritten(actor, reason, hangs_up)
        if hangs_up:
            self.give_up_ringing()
        try:
            await self._write_stop()
        except StoreFailed:
            self._to_write.set()
            raise
        return self.order

    async def resume(self, actor: str, reason: str | None) -> StopOrder:
        """When this returns, calls may be placed again.

        Raises:
            StoreFailed: they may not, for it could not be written down.
        """
        async with self._writing:
            overruled = self._unwritten
            order = await self._store.order_resume(actor, reason, self._clock.now())
            if self._unwritten is overruled:  # not by a stop that was ordered meanwhile
                self._unwritten = None
            self._follow(order)
        return self.order

    async def _write_stop(self) -> None:
        async with self._writing:
            stop = self._unwritten
            if stop is None:  # somebody else wrote it, or has resumed
                return
            now = self._clock.now()
            order = await self._store.order_stop(stop.actor, stop.reason, now, hangs_up=stop.hangs_up)
            self._follow(order)
            if self._unwritten is stop:
                self._unwritten = None

    # ---- orders given anywhere -------------------------------------------------------------------

    async def look(self) -> None:
        """Read the order; when this returns, no call is placed against it."""
        asked_at = self._clock.monotonic()
        try:
            self._follow(await self._store.stop_order())
        except StoreFailed as error:
            if self._unreadable is None:
                log.error("stop_order_unreadable", because=str(error))
            self._unreadable = str(error)
            raise
        self._unreadable = None
        self._read_at = asked_at

    async def run(self) -> None:
        """Follow the order wherever it is given, and note that it is obeyed."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(), name="stop order")
            tasks.create_task(self._write(), name="stop order obeyed")  # apart: writing may have to wait for others

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except StoreFailed:
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
            await asyncio.sleep(self._every.total_seconds())

    def _follow(self, order: StopOrder) -> None:
        if order.revision < self.order.revision:
            return  # read before the one that is followed already
        is_new, self.order = order.revision > self.order.revision, order
        if is_new and order.revision:
            log.info("stop_order", stopped=order.is_stopped, by=order.actor, reason=order.reason, order=order.revision)
        if order.is_obeyed:
            return
        self._to_write.set()
        if is_new and order.hangs_up:
            self.give_up_ringing()

    async def _write(self) -> None:
        while True:
            await self._to_write.wait()
            self._to_write.clear()
            try:
                await self._write_stop()
                # Whatever is in hand asks before it is placed, so the order is obeyed as soon as it is known.
                if not self.order.is_obeyed:
                    self._follow(await self._store.stop_order_obeyed(self.order.revision, self._clock.now()))
            except StoreFailed as error:
                log.error("stop_order_not_written", because=str(error))
                self._to_write.set()
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
