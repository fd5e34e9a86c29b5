"""Whose are the certificates that senders show?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Certificate:
    """A name in certificates, such as ``DNS:crm.example`` or ``CN:crm``, that stands for a client."""

    id: int
    name: str
    client_id: str
    created_at: datetime


class Certificates(Protocol):
    async def add_certificate(self, name: str, client_id: str, now: datetime, actor: str) -> Certificate:
        """One that is known already stays as it is.

        Raises:
            Conflict: the name stands for another client.
        """
        ...

    async def certificates(self, after: int, limit: int) -> Sequence[Certificate]:
        """A page by id, from behind ``after``."""
        ...

    async def holders(self, names: Collection[str]) -> frozenset[str]:
        """The clients that these names stand for."""
        ...

    async def remove_certificate(self, certificate_id: int, now: datetime, actor: str) -> Certificate | None:
        """What it was; it stands for nobody from now on. None: there is none."""
        ...
