"""What has happened to a contact, or to a case, in order?"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api import contacts
from api.cases import CaseQuery, client_of
from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import Limit, going_on
from api.problems import not_found
from dialer.ports.store import TimelineEntry

After = Annotated[
    str,
    Field(pattern=r"^([0-9]{8}T[0-9]{6}\.[0-9]{6}-[0-9]-[0-9a-f.]{1,40})?$", description="the `place` to go on from"),
]


class TimelineQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: After = ""
    limit: Limit = 100


class CaseTimelineQuery(CaseQuery):
    after: After = ""
    limit: Limit = 100


class TimelineEntryShown(BaseModel):
    place: str = Field(description="in the order", examples=["20261123T090000.000000-4-000000004711"])
    at: datetime
    kind: str = Field(
        description="an event's type; or `listed`, `balance.taken`, `wish.kept`, `wish.lifted`, or `attempt.` with a "
        "state of its call",
        examples=["attempt.answered"],
    )
    case_id: str | None
    attempt_id: str | None
    actor: str | None
    data: dict[str, Any] = Field(description="an event's own words and its `seq`; of the end of a call what was heard")

    @classmethod
    def of(cls, entry: TimelineEntry) -> Self:
        return cls(
            place=entry.place,
            at=entry.at,
            kind=entry.kind,
            case_id=entry.case_id,
            attempt_id=entry.attempt_id,
            actor=entry.actor,
            data=dict(entry.said),
        )


class TimelineShown(BaseModel):
    entries: list[TimelineEntryShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


_ANSWER = {HTTPStatus.OK: Answer("A page, the earliest first.", TimelineShown)}


@operation(
    "See what has happened to a contact",
    _ANSWER,
    shows_people=True,
)
async def of_contact(asked: Asked[TimelineQuery, Nothing]) -> web.StreamResponse:
    """List rows, balances, wishes, every state of its calls, keys, agents' words, and the events of its cases."""
    contact, query = await contacts.visible(asked), asked.query
    found = await asked.service.store.contact_timeline(contact.id, query.after, query.limit)
    return _page(asked, found)


@operation(
    "See what has happened to a case",
    _ANSWER,
    shows_people=True,
)
async def of_case(asked: Asked[CaseTimelineQuery, Nothing]) -> web.StreamResponse:
    """As of a contact, of one of its cases; calls are those that were about it."""
    client_id, case_id, query = client_of(asked), asked.path["case_id"], asked.query
    store = asked.service.store
    if await store.case(client_id, case_id) is None:
        raise not_found(f"case {case_id}")
    return _page(asked, await store.case_timeline(client_id, case_id, query.after, query.limit))


def _page(
    asked: Asked[TimelineQuery, Nothing] | Asked[CaseTimelineQuery, Nothing], found: Sequence[TimelineEntry]
) -> web.StreamResponse:
    query = asked.query
    following = going_on(asked.request, query, found[-1].place) if len(found) == query.limit else None
    return reply(TimelineShown(entries=[TimelineEntryShown.of(each) for each in found], next=following))
