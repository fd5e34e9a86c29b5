"""What do callees hear, agreed with whom, in which version?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.scenarios import ScenarioCommand, ScenarioState


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version. ``sources`` are the files of its flow, its own first: all that it says."""

    client_id: str
    name: str
    version: int  # from 1
    state: ScenarioState
    sources: Mapping[str, str]
    created_at: datetime
    created_by: str
    approved_at: datetime | None = None
    approved_by: str | None = None  # a person's name
    retired_at: datetime | None = None
    retired_by: str | None = None

    @property
    def label(self) -> str:
        """As attempts show it."""
        return f"{self.name}@{self.version}"


class Scenarios(Protocol):
    async def scenario(self, client_id: str, name: str, version: int) -> Scenario | None: ...

    async def scenarios(self, client_id: str | None, name: str | None = None) -> Sequence[Scenario]:
        """Every version of every scenario, or one client's, or of one name."""
        ...

    async def draft_scenario(
        self, client_id: str, name: str, sources: Mapping[str, str], actor: str, now: datetime
    ) -> Scenario:
        """Write the draft: the one there is, or a new version; the same words as those approved last change nothing."""
        ...

    async def command_scenario(
        self, client_id: str, name: str, version: int, command: ScenarioCommand, by: str, actor: str, now: datetime
    ) -> Scenario | None:
        """Approve or retire a version; None: there is none. ``by`` is the person who approves.

        When a version is retired, the messages of campaigns that speak it are gone before this returns.

        Raises:
            Conflict: its state does not allow it.
        """
        ...
