"""How long is what kept for each client, who has read it, and what is past its time?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.core.retention import Kept


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody read personal data; the same again within a minute is one."""

    at: datetime
    actor: str
    origin: str
    operation: str
    client_id: str  # the reader's; "": the operator
    subject: str  # what was asked for: the ids of the address


@dataclass(frozen=True, slots=True)
class AccessEntry:
    seq: int
    access: Access


class Retention(Protocol):
    async def retention(self, client_id: str) -> Mapping[Kept, timedelta]:
        """What the client has set; what it has not is left out."""
        ...

    async def set_retention(
        self, client_id: str, kept: Mapping[Kept, timedelta], actor: str, now: datetime
    ) -> Mapping[Kept, timedelta]:
        """Set these, and leave the others; all that are set then."""
        ...

    async def sweep(self, client_id: str, kind: Kept, before: datetime, now: datetime, limit: int) -> int:
        """Remove so many of that kind at most that are older, and write it down; how many they were."""
        ...

    async def note_accesses(self, accesses: Sequence[Access]) -> None: ...

    async def accesses(
        self, client_id: str | None, actor: str | None, subject: str | None, after: int, limit: int
    ) -> Sequence[AccessEntry]:
        """A page, the oldest first, from behind ``after``."""
        ...
