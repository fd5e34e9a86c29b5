"""Which scenarios were agreed with a client, in which version, and who approved each?"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, B, Nothing, Q, operation, reply
from api.pages import ClientId
from api.problems import FieldError, Problem, invalid, not_found
from dialer.core.scenarios import ScenarioCommand, ScenarioState
from dialer.ports.store import Conflict, Scenario
from dialer.ports.voice import InvalidScenario

Person = Annotated[
    str, Field(pattern=r"^[^\x00-\x1f\x7f]{3,120}$", description="a person, by name", examples=["Anna Nowak"])
]

log = structlog.get_logger(__name__)


class OfClient(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="whose; left out: the key's own client")


class ScenarioBody(BaseModel):
    """A flow (docs/flows.md)."""

    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="whose; left out: the key's own client")
    source: Annotated[str, Field(min_length=1, max_length=65536)] | None = Field(
        default=None, description="its YAML; left out: the shipped flow of that name"
    )


class ApprovalBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="whose; left out: the key's own client")
    approved_by: Person


class ScenarioShown(BaseModel):
    client_id: str
    name: str
    version: int
    state: ScenarioState
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None = Field(description="the person who approved it")
    retired_at: datetime | None
    retired_by: str | None

    @classmethod
    def of(cls, scenario: Scenario) -> Self:
        return cls.model_validate(scenario, from_attributes=True)


class ScenarioWhole(ScenarioShown):
    sources: Mapping[str, str] = Field(description="the files of its flow, its own first: all that it says")


class ScenariosShown(BaseModel):
    scenarios: list[ScenarioShown]


_VERSION = {HTTPStatus.OK: Answer("The version.", ScenarioWhole)}


@operation(
    "Draft a scenario",
    {HTTPStatus.OK: Answer("The draft; or the version that says the same already.", ScenarioWhole)},
)
async def draft(asked: Asked[Nothing, ScenarioBody]) -> web.StreamResponse:
    """The draft there is changes, or a new version begins: what was approved is never changed."""
    client_id, name, service = _client(asked, asked.body.client_id), asked.path["scenario"], asked.service
    try:
        sources = service.flow_sources(name, asked.body.source)
    except InvalidScenario as error:
        raise invalid(
            "the flow cannot be used", [FieldError(pointer="#/source", detail=each) for each in error.problems]
        ) from error
    found = await service.store.draft_scenario(client_id, name, sources, asked.actor, service.clock.now())
    log.info("scenario_drafted", client=client_id, scenario=found.label)
    return reply(ScenarioWhole.of(found))


@operation("List the scenarios", {HTTPStatus.OK: Answer("Every version that the key may see.", ScenariosShown)})
async def list_all(asked: Asked[OfClient, Nothing]) -> web.StreamResponse:
    wanted = asked.client_id or asked.query.client_id
    found = await asked.service.store.scenarios(wanted)
    return reply(ScenariosShown(scenarios=[ScenarioShown.of(each) for each in found]))


@operation("See the versions of a scenario", {HTTPStatus.OK: Answer("Its history.", ScenariosShown)})
async def history(asked: Asked[OfClient, Nothing]) -> web.StreamResponse:
    found = await asked.service.store.scenarios(_client(asked, asked.query.client_id), asked.path["scenario"])
    if not found:
        raise _unknown(asked)
    return reply(ScenariosShown(scenarios=[ScenarioShown.of(each) for each in found]))


@operation("See a version of a scenario", _VERSION)
async def show(asked: Asked[OfClient, Nothing]) -> web.StreamResponse:
    client_id = _client(asked, asked.query.client_id)
    found = await asked.service.store.scenario(client_id, asked.path["scenario"], asked.path["version"])
    if found is None:
        raise _unknown(asked)
    return reply(ScenarioWhole.of(found))


@operation("Approve a version of a scenario", _VERSION, problems={HTTPStatus.CONFLICT: "It was retired."})
async def approve(asked: Asked[Nothing, ApprovalBody]) -> web.StreamResponse:
    """From now on campaigns may name it; its words never change again."""
    client_id = _client(asked, asked.body.client_id)
    return await _command(asked, client_id, ScenarioCommand.APPROVE, asked.body.approved_by)


@operation("Retire a version of a scenario", _VERSION)
async def retire(asked: Asked[Nothing, OfClient]) -> web.StreamResponse:
    """From the answer on no call is placed that would speak it; those that are live go on in it to their end."""
    return await _command(asked, _client(asked, asked.body.client_id), ScenarioCommand.RETIRE, "")


async def _command(asked: Asked[Q, B], client_id: str, command: ScenarioCommand, by: str) -> web.StreamResponse:
    service, name, version = asked.service, asked.path["scenario"], asked.path["version"]
    try:
        found = await service.store.command_scenario(
            client_id, name, version, command, by, asked.actor, service.clock.now()
        )
    except Conflict as conflict:
        raise Problem(HTTPStatus.CONFLICT, str(conflict), code="scenario_retired") from conflict
    if found is None:
        raise _unknown(asked)
    log.info("scenario_commanded", client=client_id, scenario=found.label, state=found.state)
    return reply(ScenarioWhole.of(found))


def _client(asked: Asked[Q, B], named: str | None) -> str:
    """Whose scenario is meant; to a client, those of others do not exist."""
    client_id = named or asked.client_id
    if client_id is None:
        raise invalid("whose scenario?", [FieldError(pointer="#/client_id", detail="is needed with this key")])
    if asked.client_id not in (None, client_id):
        raise _unknown(asked)
    return client_id


def _unknown(asked: Asked[Q, B]) -> Problem:
    version = f" {asked.path['version']}" if "version" in asked.path else ""
    return not_found(f"scenario {asked.path['scenario']}{version}")
