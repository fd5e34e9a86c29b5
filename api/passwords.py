"""Is it the password, and is it one that may be used?"""

import asyncio
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST = 12
LONGEST = 128
_DIFFERENT = 5  # characters


class Passwords:
    """Argon2id as OWASP recommends: 19 MiB, two passes. One at a time, on a thread: calls go on meanwhile."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19 << 10, parallelism=1)
        self._one_at_a_time = asyncio.Lock()
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is the one of which that was kept; None, of nobody, takes as long."""
        if kept is None and self._nobodys is None:
            self._nobodys = await self.hashed(token_urlsafe())
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._verify, password, kept or self._nobodys or "") and kept is not None

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerificationError:
            return False


def weakness(password: str, name: str) -> str | None:
    """Why nobody should use it; None if it will do. Length counts, rules for characters do not (NIST SP 800-63B)."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"has {SHORTEST} to {LONGEST} characters"
    if len(set(password)) < _DIFFERENT:
        return f"has at least {_DIFFERENT} different characters"
    if name.lower() in password.lower():
        return "does not contain the name"
    return None


def made_up() -> str:
    """A password for once: whoever gets it has to change it."""
    return token_urlsafe(12)
