"""What happens now? The feed as server-sent events, for live boards and for whoever would rather listen than ask."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api import access
from api.events import WAITING, EventShown, refuse_an_older_copy
from api.files import give
from api.operations import Answer, Asked, Nothing, operation
from api.pages import CaseId
from dialer.core.feed import EventType
from dialer.ports.store import FeedEntry

BEAT = timedelta(seconds=15)  # so often something is sent, so that proxies keep the connection
PAGE = 200
LONGEST = 3600  # s
_LAST = "Last-Event-ID"


class StreamQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, lt=1 << 63)] | None = Field(
        default=None, description="begin behind this number; null: with what comes from now on"
    )
    case_id: CaseId | None = Field(default=None, description="only this case's")
    type: EventType | None = Field(default=None, description="only these")
    for_seconds: Annotated[int, Field(ge=0, le=LONGEST)] = Field(
        default=LONGEST, description="for how long; 0: what there is, and no more. Then connect again"
    )


@operation(
    "Listen to what happens",
    {
        HTTPStatus.OK: Answer(
            "Events, each with its number as `id`, its type as `event`, and as `data` what `GET /v1/events` shows.",
            EventShown,
            "text/event-stream",
        )
    },
    problems={HTTPStatus.CONFLICT: "The number is ahead of the feed: the database is an older copy."},
    headers={_LAST: "the last number that was taken in; what a browser sends when it connects again"},
)
async def listen(asked: Asked[StreamQuery, Nothing]) -> web.StreamResponse:
    """Whoever loses the connection begins behind the last `id`: nothing is lost. It ends when the key opens no more."""
    after = await _begin(asked)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(asked.request)
    async for entries in _news(asked, after):
        told = "".join(map(_told, entries)) or ": still here\n\n"
        await give(response, told.encode(), asked.service.limits.silence)
    await response.write_eof()
    return response


def _told(entry: FeedEntry) -> str:
    shown = EventShown.of(entry)
    return f"id: {shown.seq}\nevent: {shown.type}\ndata: {shown.model_dump_json()}\n\n"


async def _begin(asked: Asked[StreamQuery, Nothing]) -> int:
    last = await asked.service.store.last_event(asked.client_id)
    header = asked.request.headers.get(_LAST, "")
    named = int(header) if header.isascii() and header.isdecimal() and len(header) < 19 else asked.query.after
    if named is None:
        return last
    if named > last:
        await refuse_an_older_copy(asked.service, named, last)
    return named


async def _news(asked: Asked[StreamQuery, Nothing], after: int) -> AsyncIterator[Sequence[FeedEntry]]:
    """Portions of events; an empty one after each time in which nothing came."""
    query, service, client = asked.query, asked.service, asked.client_id
    types = None if query.type is None else [query.type]
    loop = asyncio.get_running_loop()
    end, seen = loop.time() + query.for_seconds, after
    while True:
        found = await service.store.events(after, PAGE, client, query.case_id, types)
        left = end - loop.time()
        if (not found and left <= 0) or not await access.may_go_on(asked.request, service):
            return
        if found:
            after = found[-1].seq
            yield found
            continue
        seen, is_stopping = await _wait(asked, max(after, seen), min(left, BEAT.total_seconds()))
        if is_stopping:
            return
        yield ()


async def _wait(asked: Asked[StreamQuery, Nothing], seen: int, seconds: float) -> tuple[int, bool]:
    """The number of the newest event, as soon as there is one or after the time; and whether the engine stops."""
    waiting, began = asked.request.app[WAITING], asyncio.get_running_loop().time()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds) as limit:
            waiting.add(limit)
            try:
                return await asked.service.store.event_after(seen, asked.client_id), False
            finally:
                waiting.discard(limit)
    return seen, asyncio.get_running_loop().time() < began + seconds  # told to end before its time
