"""How is a debtor forgotten, and what proves it?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import ClientId, DebtorId, Limit, going_on
from api.problems import FieldError, invalid, not_found
from dialer.ports.store import Erasure, ErasureState


class ErasureBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(
        default=None, description="whose debtor; may be left out by a key that speaks for one client"
    )
    debtor_id: DebtorId = Field(description="the client's own")


class ErasuresQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(default=0, description="the last of the page before")
    limit: Limit = 100


class ErasureShown(BaseModel):
    """The receipt. It names the debtor by a pseudonym."""

    erasure_id: int
    client_id: str
    pseudonym: str = Field(examples=["#0f3a9c27d51be84"])
    state: ErasureState = Field(
        description="`ordered`: nobody is called any more; `wiped`: the database holds nothing any more, what lies "
        "beside it may still; `done`"
    )
    actor: str
    ordered_at: datetime
    done_at: datetime | None
    removed: dict[str, int] = Field(
        description="how much of each kind: numbers, texts of attempts, events, list rows, audio files …"
    )

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        return cls(
            erasure_id=erasure.id,
            client_id=erasure.client_id,
            pseudonym=erasure.pseudonym,
            state=erasure.state,
            actor=erasure.actor,
            ordered_at=erasure.ordered_at,
            done_at=erasure.done_at,
            removed=dict(erasure.removed),
        )


class ErasuresShown(BaseModel):
    erasures: list[ErasureShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation(
    "Erase a debtor",
    {
        HTTPStatus.CREATED: Answer("The receipt; unless it is `done`, ask for it again a minute later.", ErasureShown),
        HTTPStatus.OK: Answer("The debtor was erased before: that receipt.", ErasureShown),
    },
    problems={HTTPStatus.NOT_FOUND: "No such debtor, or not the client's own."},
)
async def erase(asked: Asked[Nothing, ErasureBody]) -> web.StreamResponse:
    """From the answer on the debtor is called no more, whatever lists come; a call that goes on has ended.

    Name, numbers, texts, notes, keys and audio are removed wherever they lie. Lines without a name stay: calls for
    the bill, sums under the client's own case_id. Nobody is called by this client on one of the numbers any more.
    """
    client_id = asked.body.client_id or asked.client_id
    if client_id is None:
        raise invalid("the body does not fit", [FieldError(pointer="#/client_id", detail="whose debtor?")])
    if asked.client_id not in (None, client_id):
        raise not_found("debtor of that id")
    erased = await asked.service.engine.erasing.erase(client_id, asked.body.debtor_id, asked.actor)
    if erased is None:
        raise not_found("debtor of that id")
    return reply(ErasureShown.of(erased.erasure), HTTPStatus.CREATED if erased.is_new else HTTPStatus.OK)


@operation("List who was erased", {HTTPStatus.OK: Answer("A page, the oldest first.", ErasuresShown)})
async def list_all(asked: Asked[ErasuresQuery, Nothing]) -> web.StreamResponse:
    query = asked.query
    found = await asked.service.store.erasures(asked.client_id, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(ErasuresShown(erasures=[ErasureShown.of(each) for each in found], next=following))


@operation("See a receipt", {HTTPStatus.OK: Answer("The receipt as it stands.", ErasureShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    erasure_id = asked.path["erasure_id"]
    found = await asked.service.store.erasure(erasure_id)
    if found is None or asked.client_id not in (None, found.client_id):
        raise not_found(f"erasure {erasure_id}")
    return reply(ErasureShown.of(found))
