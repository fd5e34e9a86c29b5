"""How long is personal data kept, and who has read it?"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import ClientId, Limit, going_on
from api.problems import FieldError, invalid, not_found
from dialer.core.retention import DEFAULTS, Kept
from dialer.ports.store import AccessEntry

Days = Annotated[int, Field(ge=1, le=36_500, examples=[90])]


class RetentionQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(
        default=None, description="whose data; may be left out by a key that speaks for one client"
    )


class RetentionBody(BaseModel):
    """Days, by kind; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    days: dict[Kept, Days]


class RetentionShown(BaseModel):
    client_id: str
    days: dict[Kept, int] = Field(description="in force, by kind; removed within an hour after that")
    set: list[Kept] = Field(description="those that the client has set; the others are the rule")


class AccessesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    actor: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,80}$", examples=["key:dz0123456789ab"])] | None = None
    subject: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] | None = Field(
        default=None, description="the ids of the address that was asked, with `/` in between"
    )
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(default=0, description="the last `seq` of the page before")
    limit: Limit = 100


class AccessShown(BaseModel):
    """Somebody asked for personal data; the same again within a minute is one entry."""

    seq: int
    at: datetime
    actor: str
    origin: str = Field(description="from which address")
    operation: str = Field(examples=["contacts.show"])
    client_id: str | None = Field(description="the reader's; null: the operator")
    subject: str

    @classmethod
    def of(cls, entry: AccessEntry) -> Self:
        access = entry.access
        return cls(
            seq=entry.seq,
            at=access.at,
            actor=access.actor,
            origin=access.origin,
            operation=access.operation,
            client_id=access.client_id or None,
            subject=access.subject,
        )


class AccessesShown(BaseModel):
    accesses: list[AccessShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation("See how long what is kept", {HTTPStatus.OK: Answer("Days by kind.", RetentionShown)})
async def show(asked: Asked[RetentionQuery, Nothing]) -> web.StreamResponse:
    client_id = _client(asked.query, asked.client_id)
    return reply(_shown(client_id, dict(await asked.service.store.retention(client_id))))


@operation("Set how long what is kept", {HTTPStatus.OK: Answer("Days by kind, as they are now.", RetentionShown)})
async def change(asked: Asked[RetentionQuery, RetentionBody]) -> web.StreamResponse:
    """What is older goes within an hour, for good; the audit log tells how much it was."""
    client_id, service = _client(asked.query, asked.client_id), asked.service
    kept = {kind: timedelta(days=days) for kind, days in asked.body.days.items()}
    return reply(
        _shown(client_id, dict(await service.store.set_retention(client_id, kept, asked.actor, service.clock.now())))
    )


@operation("See who has read personal data", {HTTPStatus.OK: Answer("A page, the oldest first.", AccessesShown)})
async def accesses(asked: Asked[AccessesQuery, Nothing]) -> web.StreamResponse:
    """Whoever asked for contacts, attempts, numbers or messages; to a client's key, keys of its own client."""
    query = asked.query
    found = await asked.service.store.accesses(asked.client_id, query.actor, query.subject, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].seq) if len(found) == query.limit else None
    return reply(AccessesShown(accesses=[AccessShown.of(each) for each in found], next=following))


def _client(query: RetentionQuery, own: str | None) -> str:
    named = query.client_id or own
    if named is None:
        raise invalid("the address does not fit", [FieldError(parameter="client_id", detail="whose data?")])
    if own not in (None, named):
        raise not_found("client of that id")
    return named


def _shown(client_id: str, given: dict[Kept, timedelta]) -> RetentionShown:
    return RetentionShown(
        client_id=client_id, days={kind: time.days for kind, time in (DEFAULTS | given).items()}, set=sorted(given)
    )
