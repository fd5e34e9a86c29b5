"""Which people may use the API, as what, and how do they prove that it is they?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"  # is one of the agents, and acts for this one only
    CONTROLLER = "controller"  # sees everything, changes nothing
    CLIENT = "client"  # of one client, whose data is all there is


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    password_hash: str
    client_id: str | None = None  # of a client's user
    agent_id: str | None = None  # of an agent
    must_change: bool = True  # somebody else knows the password
    totp_secret: str | None = None  # None: no second factor
    totp_pending: str | None = None  # a second factor that is being set up
    totp_step: int = 0  # of the code used last: none opens twice
    recovery: frozenset[str] = frozenset()  # SHA-256 of the codes that were not used yet
    is_enabled: bool = True
    failures: int = 0  # in a row
    locked_until: datetime | None = None
    created_at: datetime | None = None  # the store says when


@dataclass(frozen=True, slots=True)
class Standing:
    """What an admin says of a user."""

    role: Role
    client_id: str | None
    agent_id: str | None
    is_enabled: bool


class Users(Protocol):
    async def has_users(self) -> bool: ...

    async def add_user(self, user: User, now: datetime, actor: str, *, is_first: bool = False) -> None:
        """Raises Conflict: the name is taken, or there are users although this is to be the first."""
        ...

    async def user(self, name: str) -> User | None: ...

    async def users(self, after: str, limit: int) -> Sequence[User]:
        """A page by name, from behind ``after``."""
        ...

    async def change_user(self, name: str, standing: Standing, now: datetime, actor: str) -> User | None:
        """A change ends the user's sessions. None: there is no such user."""
        ...

    async def set_password(
        self, name: str, password_hash: str, now: datetime, actor: str, *, is_own: bool, drops_factor: bool = False
    ) -> User | None:
        """Ends the user's sessions and a lock. Not their own: it has to be changed. None: there is no such user."""
        ...

    async def prepare_factor(self, name: str, secret: str) -> None:
        """A second factor that does not hold yet."""
        ...

    async def confirm_factor(
        self, name: str, step: int, recovery: frozenset[str], now: datetime, actor: str, session_id: str | None = None
    ) -> bool:
        """The one that is being set up holds from now on; False: none is.

        Sessions that were begun without it end, but for the one in which it was confirmed.
        """
        ...

    async def failed(self, name: str, now: datetime) -> datetime | None:
        """Counts a failure to prove that it is they; gives the moment until which nobody comes in under the name."""
        ...
