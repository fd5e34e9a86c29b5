"""How does everything that is known leave as one file: attempts, contacts, cases, events?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.cases import CaseShown
from api.events import EventShown
from api.files import give
from api.operations import Answer, Asked, CampaignId, Nothing, operation
from api.problems import not_found
from api.shown import AttemptShown, ContactShown
from api.tables import MEDIA, TableFormat, table
from dialer.ports.store import AttemptFilter, Campaign, CaseFilter, ContactFilter

PAGE = 500

Row = TypeVar("Row")
Place = TypeVar("Place")


class ExportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: TableFormat = TableFormat.CSV
    campaign_id: CampaignId | None = Field(default=None, description="only this campaign's; null: of all that are seen")


class EventsExportQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: TableFormat = TableFormat.CSV


def _file(about: str) -> dict[HTTPStatus, Answer]:
    return {HTTPStatus.OK: Answer(about, media="text/csv", schema={"type": "string"}, also=tuple(MEDIA.values()))}


_NOT_SEEN = {HTTPStatus.NOT_FOUND: "No such campaign, or not the client's own."}


@operation(
    "Take out attempts",
    _file("A row for each, by campaign, in the order they were saved."),
    problems=_NOT_SEEN,
    shows_people=True,
    is_long=True,
)
async def attempts(asked: Asked[ExportQuery, Nothing]) -> web.StreamResponse:
    """CSV and NDJSON in UTF-8; in CSV, text that a spreadsheet would compute has an apostrophe in front."""
    read = [
        partial(asked.service.store.attempts, AttemptFilter(campaign_id=each.id), limit=PAGE)
        for each in await _campaigns(asked)
    ]
    pages = _shown(read, "", lambda row: row.id, AttemptShown.of)
    return await _export(asked, "attempts", asked.query.format, AttemptShown, pages)


@operation(
    "Take out contacts",
    _file("A row for each, by campaign and contact_id."),
    problems=_NOT_SEEN,
    shows_people=True,
    is_long=True,
)
async def contacts(asked: Asked[ExportQuery, Nothing]) -> web.StreamResponse:
    """With their numbers and messages; see the export of attempts."""
    store, seen = asked.service.store, await _campaigns(asked)
    read = [partial(store.contacts, ContactFilter(campaign_id=each.id), limit=PAGE) for each in seen]
    pages = _shown(read, 0, lambda row: row.id, ContactShown.of)
    return await _export(asked, "contacts", asked.query.format, ContactShown, pages)


@operation(
    "Take out cases",
    _file("A row for each, by campaign, in the order in which they came."),
    problems=_NOT_SEEN,
    is_long=True,
)
async def cases(asked: Asked[ExportQuery, Nothing]) -> web.StreamResponse:
    """As each stands now; see the export of attempts."""
    read = [
        partial(asked.service.store.cases, CaseFilter(campaign_id=each.id), limit=PAGE)
        for each in await _campaigns(asked)
    ]
    pages = _shown(read, 0, lambda row: row.key, CaseShown.of)
    return await _export(asked, "cases", asked.query.format, CaseShown, pages)


@operation(
    "Take out events",
    _file("A row for each, in their order."),
    is_long=True,
)
async def events(asked: Asked[EventsExportQuery, Nothing]) -> web.StreamResponse:
    """All that the key may see, from the first on; whoever keeps up asks `GET /v1/events`."""
    read = partial(asked.service.store.events, limit=PAGE, client_id=asked.client_id)
    pages = _shown([read], 0, lambda entry: entry.seq, EventShown.of)
    return await _export(asked, "events", asked.query.format, EventShown, pages)


async def _campaigns(asked: Asked[ExportQuery, Nothing]) -> Sequence[Campaign]:
    seen, wanted = await asked.service.store.campaigns(asked.client_id), asked.query.campaign_id
    if wanted is None:
        return seen
    found = [campaign for campaign in seen if campaign.id == wanted]
    if not found:
        raise not_found(f"campaign {wanted}")
    return found


async def _shown(
    reads: Iterable[Callable[[Place], Awaitable[Sequence[Row]]]],
    first: Place,
    place: Callable[[Row], Place],
    show: Callable[[Row], BaseModel],
) -> AsyncIterator[Sequence[BaseModel]]:
    """All that the reads give, one after another, each page from behind the one before it."""
    for read in reads:
        after = first
        while page := await read(after):
            yield [show(row) for row in page]
            after = place(page[-1])


async def _export(
    asked: Asked[Any, Nothing],
    name: str,
    format_: TableFormat,
    model: type[BaseModel],
    pages: AsyncIterator[Sequence[BaseModel]],
) -> web.StreamResponse:
    """Written page by page, on a thread: it may be very long, and must hold up no call."""
    made, silence = table(format_, model), asked.service.limits.silence
    response = web.StreamResponse(
        headers={
            "Content-Type": MEDIA[format_],
            "Content-Disposition": f'attachment; filename="{name}.{format_}"',
        }
    )
    await response.prepare(asked.request)
    async for page in pages:
        if part := await asyncio.to_thread(made.rows, page):
            await give(response, part, silence)
    if part := await asyncio.to_thread(made.end):
        await give(response, part, silence)
    await response.write_eof()
    return response
