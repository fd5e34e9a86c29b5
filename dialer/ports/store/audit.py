"""Who has changed what, and from where?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.audit import Action, Change


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A change as it is written down, in its place."""

    seq: int
    origin: str
    change: Change


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are meant; None does not ask."""

    client_id: str | None = None
    actor: str | None = None
    action: Action | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Audit(Protocol):
    """The entries are written with the changes they tell of; nothing changes or removes them."""

    async def audit(self, which: AuditFilter, after: int, limit: int) -> Sequence[AuditEntry]:
        """A page in the order of the changes, from behind ``after``."""
        ...
