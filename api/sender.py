"""Who asks, whichever way they are known?"""

from dataclasses import dataclass
from enum import Enum

from aiohttp import web


class Owed(Enum):
    """What somebody has to do before anything else."""

    PASSWORD_CHANGE = "change your password first, as somebody else knows it"  # noqa: S105 - a sentence
    SECOND_FACTOR = "set up your second factor first"


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    """Of nobody else: a key's prefix, or ``user:`` and a person's name."""
    actor: str
    """As it is written down with what they change."""
    scopes: frozenset[str]
    client_id: str | None
    """The one client whose data they may see; None: every client's."""
    agent_id: str | None = None
    """The one agent whom they may act for; None: any."""
    session_id: str | None = None
    """Of a person."""
    owes: Owed | None = None
    per_second: float | None = None
    """Requests of theirs that are answered; None: as many as everybody's."""

    @property
    def is_person(self) -> bool:
        return self.session_id is not None


SENDER = web.RequestKey("sender", Sender)
