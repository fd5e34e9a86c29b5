"""Who has changed what, when, and from where? What is written here can be read, and nothing else."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import ClientId, Limit, Moment, going_on
from dialer.core.audit import Action
from dialer.ports.store import AuditEntry, AuditFilter


class AuditQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only changes of this client's things")
    actor: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,80}$", examples=["key:dz0123456789ab"])] | None = None
    action: Action | None = None
    subject: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] | None = Field(
        default=None, description="the id of what was changed", examples=["EN-OVERDUE"]
    )
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="before it")
    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(default=0, description="the last `seq` of the page before")
    limit: Limit = 100


class AuditEntryShown(BaseModel):
    """A change."""

    seq: int
    at: datetime
    actor: str = Field(description="`engine`, `cli`, or `key:` and the key's prefix")
    origin: str = Field(description="from where: an address, USER@MACHINE, or `engine`")
    action: Action
    client_id: str | None = Field(description="null: it is about the installation as a whole")
    subject: str = Field(description="the id of what was changed; its kind is the action's first word")
    before: dict[str, Any] = Field(description="what was otherwise")
    after: dict[str, Any] = Field(description="what it is now")

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        change = entry.change
        return cls(
            seq=entry.seq,
            at=change.at,
            actor=change.actor,
            origin=entry.origin,
            action=change.action,
            client_id=change.client_id or None,
            subject=change.subject,
            before=dict(change.before),
            after=dict(change.after),
        )


class AuditShown(BaseModel):
    entries: list[AuditEntryShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation("See who changed what", {HTTPStatus.OK: Answer("A page, the oldest first.", AuditShown)})
async def list_all(asked: Asked[AuditQuery, Nothing]) -> web.StreamResponse:
    """Every change of what is kept, written with the change itself; to a client's key, its own client's only."""
    query = asked.query
    if asked.client_id not in (None, query.client_id or asked.client_id):
        return reply(AuditShown(entries=[], next=None))
    client = query.client_id or asked.client_id
    which = AuditFilter(client, query.actor, query.action, query.subject, query.since, query.until)
    found = await asked.service.store.audit(which, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].seq) if len(found) == query.limit else None
    return reply(AuditShown(entries=[AuditEntryShown.of(each) for each in found], next=following))
