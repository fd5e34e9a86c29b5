"""Scenarios that a test knows, and no others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dialer.core.scenarios import ScenarioCommand
from dialer.ports.store import Scenario


@dataclass
class NoScenarios:
    """The scenarios port; ``known`` by client, name and version. Nothing can be written."""

    known: dict[tuple[str, str, int], Scenario] = field(default_factory=dict)

    async def scenario(self, client_id: str, name: str, version: int) -> Scenario | None:
        return self.known.get((client_id, name, version))

    async def scenarios(self, client_id: str | None, name: str | None = None) -> Sequence[Scenario]:
        return list(self.known.values())

    async def draft_scenario(
        self, client_id: str, name: str, sources: Mapping[str, str], actor: str, now: datetime
    ) -> Scenario:
        raise NotImplementedError(name)

    async def command_scenario(
        self, client_id: str, name: str, version: int, command: ScenarioCommand, by: str, actor: str, now: datetime
    ) -> Scenario | None:
        raise NotImplementedError(name)
