"""How does somebody stop every call, or let them go on, without the API?

Through the database: no key is needed, and an API that hangs is in nobody's way. The running engine reads the order
and notes that it obeys; with no engine running, the order holds from the next start.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dialer.adapters.clock import SystemClock
from dialer.adapters.store import Database, DatabaseUnusable, SqlStore, is_claimed
from dialer.config import Settings
from dialer.ports.store import StopOrder, StoreFailed

PATIENCE = timedelta(seconds=5)  # for the engine to obey
LOOK = timedelta(milliseconds=50)
ACTOR = "cli"

_KILL = "end it (`systemctl kill --signal=KILL dzwonek`, or `kill -9`): nobody is called twice for it"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said, and the exit code."""

    text: str
    code: int = 0


class Answer(StrEnum):
    """What the running engine makes of an order."""

    OBEYS = "obeys"
    ABSENT = "absent"  # none is running
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class _Place:
    database: Database
    store: SqlStore

    @property
    def is_engine_running(self) -> bool:
        return is_claimed(self.database)


async def stop(settings: Settings, reason: str | None, *, hangs_up: bool) -> Told:
    """No call is placed any more when this says so; code 1: it is ordered, and the engine does not obey yet.

    Raises:
        DatabaseUnusable: nothing was ordered.
    """
    async with _opened(settings, f"nothing was stopped; if calls must end now, {_KILL}") as place:
        now = SystemClock().now()
        order = await place.store.order_stop(ACTOR, reason, now, hangs_up=hangs_up)
        since = "" if order.ordered_at == now else f" It was ordered {_signed(order)}."
        match await _answer(place, order):
            case Answer.OBEYS:
                return Told(f"Stopped: the engine places no more calls.{since} To go on: dzwonek resume")
            case Answer.ABSENT:
                where = place.database.name
                return Told(f"Stopped: no engine is running on {where}, and none calls before: dzwonek resume.{since}")
        return Told(f"Ordered, but the engine has not obeyed within {PATIENCE.seconds} s: {_KILL}", 1)


async def resume(settings: Settings, reason: str | None) -> Told:
    """Calls may be placed again when this says so; code 1: it is ordered, and the engine does not obey yet.

    Raises:
        DatabaseUnusable: nothing was ordered.
    """
    async with _opened(settings, "whether calls are placed is as it was") as place:
        order = await place.store.order_resume(ACTOR, reason, SystemClock().now())
        match await _answer(place, order):
            case Answer.OBEYS:
                return Told("Resumed: the engine may place calls.")
            case Answer.ABSENT:
                return Told(f"Resumed: no engine is running on {place.database.name}; the next one may place calls.")
        return Told(f"Ordered, but the engine has not obeyed within {PATIENCE.seconds} s: see its log", 1)


async def status(settings: Settings) -> Told:
    """Whether calls may be placed now: code 0 if so, else 1.

    Raises:
        DatabaseUnusable: that cannot be told.
    """
    async with _opened(settings, "nothing can be said of the engine") as place:
        order, running = await place.store.stop_order(), place.is_engine_running
        states = [campaign.state for campaign in await place.store.campaigns(None)]
        lines = {
            "engine": f"{'running' if running else 'not running'} on {place.database.name}",
            "calls": f"stopped {_signed(order)}" if order.is_stopped else "may be placed",
            "obeyed": "yes" if order.is_obeyed else "not yet" if running else "from the next start",
            "attempts": f"{len(await place.store.open_attempts())} open",
            "campaigns": ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) or "none",
        }
        text = "\n".join(f"{name:<10} {line}" for name, line in lines.items())
        return Told(text, 0 if running and not order.is_stopped else 1)


@asynccontextmanager
async def _opened(settings: Settings, otherwise: str) -> AsyncIterator[_Place]:
    database = Database(settings.database)
    try:
        database.expect_migrated()
        yield _Place(database, SqlStore(database))
    except (DatabaseUnusable, StoreFailed) as error:
        raise DatabaseUnusable(f"{error}; {otherwise}") from error
    finally:
        await database.close()


async def _answer(place: _Place, order: StopOrder) -> Answer:
    """What the engine makes of it, within our patience; a failing database is no answer."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                with suppress(StoreFailed, DatabaseUnusable):
                    if not place.is_engine_running:
                        return Answer.ABSENT
                    if (await place.store.stop_order()).obeyed >= order.revision:
                        return Answer.OBEYS
                await asyncio.sleep(LOOK.total_seconds())
    except TimeoutError:
        return Answer.SILENT


def _signed(order: StopOrder) -> str:
    at = f"{order.ordered_at:%Y-%m-%d %H:%M:%S} UTC" if order.ordered_at else ""
    return f"at {at} by {order.actor}" + (f" ({order.reason})" if order.reason else "")
