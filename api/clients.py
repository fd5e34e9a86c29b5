"""Who has commissioned calls, and what has each client decided about all of its cases?"""

from http import HTTPStatus
from typing import Self

import structlog
from aiohttp import web
from pydantic import AwareDatetime, BaseModel, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.problems import Problem, not_found
from api.revisions import MAY_BE_EXPECTED, expected_revision
from dialer.core.cases import CaseState
from dialer.core.clients import AfterRejection, ClientSettings
from dialer.model import CampaignState
from dialer.ports.store import ClientFigures, ClientView, Conflict

log = structlog.get_logger(__name__)


class ClientShown(BaseModel):
    client_id: str
    name: str = Field(description="its id, until somebody says its name")
    after_rejected_dispute: AfterRejection
    revision: int
    updated_at: AwareDatetime

    @classmethod
    def of(cls, client: ClientView) -> Self:
        return cls(client_id=client.id, revision=client.revision, updated_at=client.updated_at, **dict(client.settings))


class ClientCounted(ClientShown):
    """A client, and what there is of it."""

    campaigns: dict[CampaignState, int] = Field(description="by state")
    cases: dict[CaseState, int] = Field(description="by state")

    @classmethod
    def counted(cls, client: ClientView, figures: ClientFigures) -> Self:
        return cls(
            **ClientShown.of(client).model_dump(),
            campaigns={state: figures.campaigns.get(state, 0) for state in CampaignState},
            cases={state: figures.cases.get(state, 0) for state in CaseState},
        )


class ClientsShown(BaseModel):
    clients: list[ClientShown]


_CHANGED = {"ETag": "the revision of the settings"}


@operation("List the clients", {HTTPStatus.OK: Answer("All that the key may see, by id.", ClientsShown)})
async def list_all(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    clients = await asked.service.store.clients(asked.client_id)
    return reply(ClientsShown(clients=[ClientShown.of(client) for client in clients]))


@operation("See a client", {HTTPStatus.OK: Answer("The client, counted.", ClientCounted, headers=_CHANGED)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    client_id, store = _named(asked), asked.service.store
    client = await store.client(client_id)
    if client is None:
        raise not_found(f"client {client_id}")
    return reply(ClientCounted.counted(client, await store.client_figures(client_id)), headers=_tag(client))


@operation(
    "Create a client, or change it",
    {
        HTTPStatus.OK: Answer("The client, changed.", ClientShown, headers=_CHANGED),
        HTTPStatus.CREATED: Answer("The client.", ClientShown, headers=_CHANGED),
    },
    problems={HTTPStatus.PRECONDITION_FAILED: "It has changed since it was read."},
    headers=MAY_BE_EXPECTED,
)
async def put(asked: Asked[Nothing, ClientSettings]) -> web.StreamResponse:
    """A campaign of a client that nobody knows creates it, too. What is decided holds for what happens from then on.

    With `after_rejected_dispute` `wait`, a case whose dispute is rejected is paused (`B_PAUSED`) until it is resumed.
    """
    client_id, service = _named(asked), asked.service
    revision = expected_revision(asked.request, "a client")
    try:
        client = await service.store.put_client(client_id, asked.body, service.clock.now(), revision, asked.actor)
    except Conflict as conflict:
        raise Problem(HTTPStatus.PRECONDITION_FAILED, f"{conflict}: read it again and decide anew") from conflict
    log.info("client_put", client=client_id, revision=client.revision, by=asked.actor)
    status = HTTPStatus.CREATED if client.revision == 1 else HTTPStatus.OK
    return reply(ClientShown.of(client), status, _tag(client))


def _named(asked: Asked[Nothing, ClientSettings] | Asked[Nothing, Nothing]) -> str:
    """The client of the address; to a client, another does not exist."""
    client_id: str = asked.path["client_id"]
    if asked.client_id not in (None, client_id):
        raise not_found(f"client {client_id}")
    return client_id


def _tag(client: ClientView) -> dict[str, str]:
    return {"ETag": f'"{client.revision}"'}
