"""Who has signed in, from where, and until when?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.ports.store.users import User


@dataclass(frozen=True, slots=True)
class Session:
    id: str  # may be shown: what opens is a secret, of which a hash is kept
    user: str
    origin: str
    begun_at: datetime
    seen_at: datetime  # to the minute
    ends_at: datetime  # at the latest


@dataclass(frozen=True, slots=True)
class Proof:
    """What opens once: the step of a code, or the hash of a recovery code. Neither: the password was enough."""

    step: int | None = None
    recovery: str | None = None


class Sessions(Protocol):
    async def begin_session(self, session: Session, secret_hash: str, proof: Proof) -> bool:
        """Forgets the user's failures. False: the proof was used meanwhile, and there is no session."""
        ...

    async def session(
        self, session_id: str, secret_hash: str, now: datetime, idle: timedelta
    ) -> tuple[Session, User] | None:
        """If it is known, its secret is right, it has not ended and its user may still come in."""
        ...

    async def session_seen(self, session_id: str, now: datetime) -> None:
        """Something was asked; to be told once a minute at most."""
        ...

    async def sessions(
        self, user: str | None, after: str, limit: int, now: datetime, idle: timedelta
    ) -> Sequence[Session]:
        """A page of those that are open, by id; None: everybody's."""
        ...

    async def end_session(self, session_id: str, now: datetime, actor: str) -> Session | None:
        """What it was; it opens nothing from now on. None: there is none."""
        ...
