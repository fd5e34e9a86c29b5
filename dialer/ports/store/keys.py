"""Who may use the API, for what, and until when?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Key:
    prefix: str
    scopes: frozenset[str]
    client_id: str | None
    label: str
    expires_at: datetime | None = None  # None: never by itself
    last_used_at: datetime | None = None  # to the minute
    per_second: float | None = None  # requests that are answered; None: as many as everybody's


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it is shown: all but its secret, of which nothing is kept that could be shown."""

    key: Key
    created_at: datetime
    rotated_at: datetime | None  # when its secret was made, if it is not the first
    former_until: datetime | None  # until then the secret before it opens, too
    revoked_at: datetime | None


class Keys(Protocol):
    async def add_key(self, key: Key, secret_hash: str, now: datetime, actor: str = "cli") -> None: ...

    async def key(self, prefix: str, secret_hash: str, now: datetime) -> Key | None:
        """The key if it is known, neither revoked nor expired, and its secret is right."""
        ...

    async def key_used(self, prefix: str, now: datetime) -> None:
        """It was used at that moment; to be told once a minute at most."""
        ...

    async def keys(self, client_id: str | None, after: str, limit: int) -> Sequence[KeyView]:
        """A page by prefix, from behind ``after``; None: of every client."""
        ...

    async def key_view(self, prefix: str) -> KeyView | None: ...

    async def rotate_key(
        self, prefix: str, secret_hash: str, former_until: datetime, now: datetime, actor: str
    ) -> KeyView | None:
        """Give it another secret; the one it has opens until then. None: there is none that could be used."""
        ...

    async def pace_key(self, prefix: str, per_second: float | None, now: datetime, actor: str) -> KeyView | None:
        """So many requests of it are answered from now on; None: there is no such key."""
        ...

    async def revoke_key(self, prefix: str, now: datetime, actor: str) -> KeyView | None:
        """It opens nothing from now on; one that was revoked stays as it is. None: there is none."""
        ...
