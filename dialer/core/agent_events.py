"""What can happen to an agent? Told by the agent, the switch and the calls; ``core/agents.py`` knows what follows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoggedIn:
    at: datetime


@dataclass(frozen=True, slots=True)
class LegUp:
    """The agent's telephone waits to be joined with callers."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegLost:
    """``by_switch``: every leg went, as the switch did; the people are where they were."""

    at: datetime
    by_switch: bool = False


@dataclass(frozen=True, slots=True)
class ReadyAsked:
    at: datetime


@dataclass(frozen=True, slots=True)
class PauseAsked:
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LogoutAsked:
    at: datetime


@dataclass(frozen=True, slots=True)
class Reserved:
    at: datetime
    attempt_id: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The two hear each other."""

    at: datetime
    attempt_id: str


@dataclass(frozen=True, slots=True)
class JoinFailed:
    """The caller is there, and could not be joined with the agent."""

    at: datetime
    attempt_id: str


@dataclass(frozen=True, slots=True)
class CustomerLeft:
    """The caller is gone, or with somebody else, or hears an announcement."""

    at: datetime
    attempt_id: str


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """The agent has said what came of the call."""

    at: datetime
    attempt_id: str


@dataclass(frozen=True, slots=True)
class WrapUpOver:
    """The time for it has passed."""

    at: datetime
    attempt_id: str


OfCall = Reserved | Joined | JoinFailed | CustomerLeft | WrappedUp | WrapUpOver
Event = LoggedIn | LegUp | LegLost | ReadyAsked | PauseAsked | LogoutAsked | OfCall
