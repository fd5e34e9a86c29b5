"""Which version of a scenario may be dialled?

A scenario is a flow that was agreed with a client. A version is drafted, approved by a person who is named, and
retired; once approved its words never change, and it is dialled only while it is approved.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class ScenarioVersion(BaseModel):
    """A scenario that is agreed with the client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: Annotated[str, Field(pattern=NAME)]
    version: Annotated[int, Field(ge=1)]


class ScenarioState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


class ScenarioCommand(StrEnum):
    APPROVE = "approve"
    RETIRE = "retire"


# A command that is repeated changes nothing and succeeds, so that its sender may repeat it when in doubt.
TRANSITIONS: Mapping[tuple[ScenarioState, ScenarioCommand], ScenarioState] = {
    (ScenarioState.DRAFT, ScenarioCommand.APPROVE): ScenarioState.APPROVED,
    (ScenarioState.APPROVED, ScenarioCommand.APPROVE): ScenarioState.APPROVED,
    (ScenarioState.DRAFT, ScenarioCommand.RETIRE): ScenarioState.RETIRED,
    (ScenarioState.APPROVED, ScenarioCommand.RETIRE): ScenarioState.RETIRED,
    (ScenarioState.RETIRED, ScenarioCommand.RETIRE): ScenarioState.RETIRED,
}
