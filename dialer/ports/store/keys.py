"""Who may use the API, and for what?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Key:
    prefix: str
    scopes: frozenset[str]
    client_id: str | None
    label: str


class Keys(Protocol):
    async def add_key(self, key: Key, secret_hash: str, now: datetime) -> None: ...

    async def key(self, prefix: str, secret_hash: str) -> Key | None:
        """The key if it is known, not revoked and its secret is right."""
        ...
