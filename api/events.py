"""What has happened since? The feed, for a CRM, the schedulers of letters and SMS, and whoever else keeps up.

An event has one number, the same for everybody. Who may see all of them sees no gap; a client's key sees its own, with
other clients' numbers missing in between. Each event therefore names the one before it that this reader may see
(``previous``): whoever finds there the number it noted last has lost nothing (docs/decisions/0010).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api import access
from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import CaseId, Limit, going_on
from api.problems import Problem
from api.service import Service
from dialer.core.feed import EventType, shown
from dialer.ports.store import FeedEntry

WAITING = web.AppKey("waiting", set)  # the time limits of those who wait for an event
LONGEST_WAIT = 30  # s; proxies give up after 60


class EventsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(default=0, description="the last number that was taken in")
    limit: Limit = 100
    case_id: CaseId | None = Field(default=None, description="only this case's")
    type: EventType | None = Field(default=None, description="only these")
    wait: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = Field(
        default=0, description="seconds to wait for an event if there is none yet; it is answered as soon as it comes"
    )


class EventShown(BaseModel):
    """Something that happened. What it says besides (``data``) follows from its type."""

    seq: int = Field(description="its place in the order, the same for every reader")
    previous: int = Field(description="the number of the event before it that this key may see; 0: there is none")
    type: EventType
    at: datetime = Field(description="when it happened; the order is that of `seq`")
    client_id: str | None = Field(description="null: it is about the installation as a whole")
    case_id: str | None
    actor: str = Field(description="`engine`, `callee`, `cli`, or `key:` and the key's prefix")
    campaign_id: str | None
    contact_id: int | None
    attempt_id: str | None
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: FeedEntry) -> Self:
        return cls.model_validate(shown(entry.seq, entry.previous, entry.event))


class EventsShown(BaseModel):
    events: list[EventShown]
    next: str = Field(description="the address that goes on from here, now or later")
    last: int = Field(description="the number of the last event that this key may see")


@operation(
    "Follow what happens",
    {HTTPStatus.OK: Answer("A page in order, perhaps empty.", EventsShown)},
    problems={
        HTTPStatus.CONFLICT: "`after` is ahead of the feed: the database is an older copy of the one read before."
    },
)
async def follow(asked: Asked[EventsQuery, Nothing]) -> web.StreamResponse:
    """Note each event together with its number, then ask for `next`. Nothing was lost if its `previous` is the number
    noted before it; with `case_id` or `type`, `previous` may be one that was filtered out."""
    query, store, client = asked.query, asked.service.store, asked.client_id
    found, last = await _page(asked)
    if query.after > last:
        await refuse_an_older_copy(asked.service, query.after, last)
    if not found and query.wait:
        async with _in_time(asked):
            while not found:
                await store.event_after(last, client)
                found, last = await _page(asked)
        await access.recognised(asked.request, asked.service, is_use=False)  # or it was revoked meanwhile
    read_to = found[-1].seq if len(found) == query.limit else max(query.after, last)
    return reply(
        EventsShown(
            events=[EventShown.of(entry) for entry in found],
            next=going_on(asked.request, query, read_to),
            last=last,
        )
    )


async def answer_all(app: web.Application) -> None:
    """The engine stops: whoever waits is told that nothing has come."""
    now = asyncio.get_running_loop().time()
    for limit in app[WAITING]:
        if not limit.expired():
            limit.reschedule(now)


async def _page(asked: Asked[EventsQuery, Nothing]) -> tuple[Sequence[FeedEntry], int]:
    query = asked.query
    types = None if query.type is None else [query.type]
    return await asked.service.store.events_and_last(query.after, query.limit, asked.client_id, query.case_id, types)


@asynccontextmanager
async def _in_time(asked: Asked[EventsQuery, Nothing]) -> AsyncIterator[None]:
    """Gives up quietly after the time that the reader would wait, or when the engine stops."""
    waiting = asked.request.app[WAITING]
    try:
        async with asyncio.timeout(asked.query.wait) as limit:
            waiting.add(limit)
            try:
                yield
            finally:
                waiting.discard(limit)
    except TimeoutError:
        return


async def refuse_an_older_copy(service: Service, after: int, last: int) -> None:
    """Raises Problem: 409 if nobody has seen such a number yet; ``last`` is the last one that this reader may see."""
    if after > await service.store.last_event():
        raise Problem(
            HTTPStatus.CONFLICT,
            f"your feed ends at {last}, before after={after}: the database was put back to an older copy and "
            f"numbers are given again; compare what you hold with the cases, then go on with after={last}",
            code="feed_put_back",
        )
