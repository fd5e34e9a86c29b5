"""Which clients are there, and what has each decided?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.clients import ClientSettings


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client as it is shown."""

    id: str
    settings: ClientSettings
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ClientFigures:
    """What there is of a client: campaigns and cases by state."""

    campaigns: Mapping[str, int]
    cases: Mapping[str, int]


class Clients(Protocol):
    async def client(self, client_id: str) -> ClientView | None: ...

    async def clients(self, client_id: str | None) -> Sequence[ClientView]:
        """All clients, or the one, by id. A client that a campaign names is one, under its id as its name."""
        ...

    async def put_client(
        self, client_id: str, settings: ClientSettings, now: datetime, revision: int | None, actor: str
    ) -> ClientView:
        """Create it, or change its settings.

        Raises:
            Conflict: it is no longer at the revision given (0: it was to be created); nothing was changed.
        """
        ...

    async def client_figures(self, client_id: str) -> ClientFigures: ...
