"""What has happened since, in which order, and is anything missing?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from dialer.core.feed import EventType, FeedEvent


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An event in its place."""

    seq: int  # from 1 on, without a gap: an event seen is behind every event with a smaller number
    previous: int  # the number of the event before it that the reader may see; 0: there is none
    event: FeedEvent


class Feed(Protocol):
    async def events(
        self,
        after: int,
        limit: int,
        client_id: str | None = None,
        case_id: str | None = None,
        types: Collection[EventType] | None = None,
    ) -> Sequence[FeedEntry]:
        """A page from behind ``after``, in order. ``client_id`` is the reader; None sees every client's."""
        ...

    async def events_and_last(
        self, after: int, limit: int, client_id: str | None, case_id: str | None, types: Collection[EventType] | None
    ) -> tuple[Sequence[FeedEntry], int]:
        """Such a page, and the number of the last event that the reader may see, both as of one moment."""
        ...

    async def last_event(self, client_id: str | None = None) -> int:
        """The number of the last event that the reader may see; 0: there is none yet."""
        ...

    async def event_after(self, seq: int, client_id: str | None = None) -> int:
        """The same, as soon as it is greater than ``seq``: waits without an end."""
        ...
