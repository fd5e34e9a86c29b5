"""Which keys have opened a moment ago, and open again without being looked up anew?

A key that another process revokes opens for ``FRESH`` longer at most; one that this process revokes, not once more.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.ports.store import Key, Keys

FRESH = timedelta(seconds=1)
USE_NOTED_EVERY = timedelta(minutes=1)
MOST = 1_000  # secrets in use within the same second: beyond, all are looked up anew


@dataclass(frozen=True, slots=True)
class _Seen:
    key: Key
    at: datetime


class KnownKeys:
    """By prefix and hash of the secret. What opens nothing is never remembered."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._looking: dict[tuple[str, str], asyncio.Task[Key | None]] = {}
        self._forgotten = 0
        self._used: dict[str, datetime] = {}  # by prefix: when it was last told to be noted

    async def key(self, store: Keys, prefix: str, secret_hash: str, now: datetime) -> Key | None:
        """The key, if it opens now, or has opened within the last second. All who wait for one are told at once."""
        this = prefix, secret_hash
        seen = self._seen.get(this)
        if seen is not None and _holds(seen, now):
            return seen.key
        looking = self._looking.get(this)
        if looking is None:
            looking = self._looking[this] = asyncio.create_task(self._look(store, prefix, secret_hash, now))
            looking.add_done_callback(lambda done: self._looked(this, done))
        key = await asyncio.shield(looking)  # whoever asked first may go away
        return key if key is None or _is_open(key, now) else None

    async def _look(self, store: Keys, prefix: str, secret_hash: str, now: datetime) -> Key | None:
        forgotten = self._forgotten
        key = await store.key(prefix, secret_hash, now)
        if key is not None and forgotten == self._forgotten:  # or it was read before the change
            if len(self._seen) >= self._most:
                self._seen.clear()
            self._seen[prefix, secret_hash] = _Seen(key, now)
        return key

    def is_use_to_be_noted(self, key: Key, now: datetime) -> bool:
        """Whether its use is to be written down now; of all who use it at once one is told so."""
        last = self._used.get(key.prefix) or key.last_used_at
        if last is not None and timedelta() <= now - last < USE_NOTED_EVERY:
            return False
        self._used[key.prefix] = now
        return True

    def forget(self) -> None:
        """To be told of every change of a key, before whoever made it is answered."""
        self._forgotten += 1
        self._seen.clear()
        self._looking.clear()  # whoever asks from now on is told of the change

    def _looked(self, this: tuple[str, str], done: asyncio.Task[Key | None]) -> None:
        if self._looking.get(this) is done:
            del self._looking[this]


def _holds(seen: _Seen, now: datetime) -> bool:
    return timedelta() <= now - seen.at < FRESH and _is_open(seen.key, now)


def _is_open(key: Key, now: datetime) -> bool:
    return key.expires_at is None or now < key.expires_at
