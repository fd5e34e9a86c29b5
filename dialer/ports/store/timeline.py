"""What has happened to a contact or a case, in order?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened, from the lists, the ledger, the balances, the wishes, or the feed."""

    place: str  # in the order of the timeline; whoever goes on from there misses nothing that happened later
    at: datetime
    kind: str  # an event's type, or what the ledger noted: "attempt.placed"
    case_id: str | None
    attempt_id: str | None
    actor: str | None
    said: Mapping[str, Any]


class Timelines(Protocol):
    async def contact_timeline(self, contact_id: int, after: str, limit: int) -> Sequence[TimelineEntry]:
        """A page from behind ``after``, a ``place``; "" begins."""
        ...

    async def case_timeline(self, client_id: str, case_id: str, after: str, limit: int) -> Sequence[TimelineEntry]: ...
