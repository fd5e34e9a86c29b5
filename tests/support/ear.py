"""What did the switch tell? A listener that remembers, and that tests wait on."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from dialer.core.call import Ended, Event
from dialer.ports import Presence

PATIENCE = 10.0  # seconds; a test that waits longer has failed


class RealClock:
    """The Clock port on this machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()


class Ear:
    """A SwitchListener. ``breaks_on``: an event type at which it raises, after having heard it."""

    def __init__(self, breaks_on: type[Event] | None = None) -> None:
        self.events: list[Event] = []
        self.presences: list[Presence] = []
        self._breaks_on = breaks_on
        self._news = asyncio.Event()

    def on_call(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()
        if self._breaks_on is not None and isinstance(event, self._breaks_on):
            raise RuntimeError("the listener is broken")

    def on_presence(self, presence: Presence) -> None:
        self.presences.append(presence)
        self._news.set()

    def of(self, attempt_id: str) -> list[Event]:
        return [event for event in self.events if event.attempt_id == attempt_id]

    def kinds(self, attempt_id: str) -> list[str]:
        return [type(event).__name__ for event in self.of(attempt_id)]

    async def hears(self, kind: type[Event], attempt_id: str) -> Event:
        """The first event of that kind of the call, told already or still to come."""
        await self.until(lambda: any(isinstance(event, kind) for event in self.of(attempt_id)))
        return next(event for event in self.of(attempt_id) if isinstance(event, kind))

    async def hears_end(self, attempt_id: str) -> Ended:
        event = await self.hears(Ended, attempt_id)
        assert isinstance(event, Ended)
        return event

    async def hears_presence(self, presence: Presence, times: int = 1) -> None:
        await self.until(lambda: self.presences.count(presence) >= times)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self._news.clear()
                await self._news.wait()
