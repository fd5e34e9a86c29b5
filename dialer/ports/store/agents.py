"""Who are the agents, and what was each doing?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.agents import Agent
from dialer.core.call import End
from dialer.core.listening import ListenMode
from dialer.model import AgentProfile


@dataclass(frozen=True, slots=True)
class TalkBegun:
    """A caller and an agent have been joined."""

    attempt_id: str
    agent_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Listened:
    """Somebody asked to hear an agent, or began to, or did no more; what is not known is left out."""

    agent_id: str
    what: str  # asked, began, ended
    at: datetime
    actor: str
    phone: str = ""
    mode: ListenMode | None = None
    why: End | None = None  # it ended


class Listens(Protocol):
    async def note_listening(self, entries: Sequence[Listened], now: datetime) -> None:
        """Write down who listened to whom, and when, in the audit log."""
        ...


class Agents(Protocol):
    async def put_agent(self, profile: AgentProfile, now: datetime, actor: str) -> None:
        """Create or change an agent.

        Raises:
            Conflict: the telephone is another agent's.
        """
        ...

    async def note_command(self, agent_id: str, command: str, reason: str, now: datetime, actor: str) -> None:
        """Write down who had an agent logged in, paused and so on."""
        ...

    async def agents(self) -> Sequence[tuple[AgentProfile, Agent]]:
        """Every agent, as last saved."""
        ...

    async def save_agents(self, changed: Sequence[Agent], begun: Sequence[TalkBegun]) -> None:
        """What agents are doing from now on, and the talks that have begun."""
        ...

    async def open_talks(self) -> Sequence[TalkBegun]:
        """Of the attempts that are open, those that were joined: after a start, those that a crash left."""
        ...
