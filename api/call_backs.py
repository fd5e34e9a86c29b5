"""Which callers wait to be called back, and has somebody done so?"""

from http import HTTPStatus
from typing import Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import AfterCall, CallId, Limit, going_on
from api.problems import not_found
from dialer.ports.store import CallBack


class CallBacksQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: AfterCall = ""
    limit: Limit = 100


class CallBackMade(BaseModel):
    model_config = ConfigDict(extra="forbid")

    call_id: CallId


class CallBackShown(BaseModel):
    """A caller whom no agent could take, and who asked to be called on the number from which they called."""

    call_id: str
    client_id: str
    brand_id: str = Field(description="which they called")
    number: str
    asked_at: AwareDatetime
    debtor_id: str | None = Field(description="whose number it is; null: nobody's, or several debtors'")
    contact_id: int | None = Field(
        description="who is called for it, by itself, once an agent is free and a call is permitted; null: somebody "
        "has to call by hand"
    )

    @classmethod
    def of(cls, asked: CallBack) -> Self:
        return cls(
            call_id=asked.call_id,
            client_id=asked.client_id,
            brand_id=asked.brand_id,
            number=asked.number,
            asked_at=asked.asked_at,
            debtor_id=asked.debtor,
            contact_id=asked.contact_id,
        )


class CallBacksShown(BaseModel):
    call_backs: list[CallBackShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation(
    "List who waits to be called back",
    {HTTPStatus.OK: Answer("A page, in the order of the calls.", CallBacksShown)},
    shows_people=True,
)
async def list_all(asked: Asked[CallBacksQuery, Nothing]) -> web.StreamResponse:
    """Nobody any more with whom an agent has spoken since, in a call of ours or of theirs."""
    query = asked.query
    found = await asked.service.store.call_backs(query.after, query.limit)
    following = going_on(asked.request, query, found[-1].call_id) if len(found) == query.limit else None
    return reply(CallBacksShown(call_backs=[CallBackShown.of(each) for each in found], next=following))


@operation(
    "Say that somebody was called back by hand",
    {HTTPStatus.OK: Answer("It is on the list no more.", CallBackMade)},
    problems={HTTPStatus.NOT_FOUND: "No such call."},
)
async def made(asked: Asked[Nothing, CallBackMade]) -> web.StreamResponse:
    service, call_id = asked.service, asked.body.call_id
    if not await service.store.call_back_made(call_id, service.clock.now(), asked.actor):
        raise not_found(f"call-back of {call_id}")
    return reply(asked.body)
