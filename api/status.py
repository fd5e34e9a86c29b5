"""Is the engine well, what do its figures say, and what can be asked of it?"""

import asyncio
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, Field

from api import metrics
from api.access import is_local
from api.operations import DESCRIBED, Answer, Asked, Nothing, operation, reply
from api.service import Service
from dialer.ports import Presence
from dialer.ports.store import StoreFailed


class Health(BaseModel):
    """Nobody's data, so that anybody may ask."""

    status: str = Field(
        description="`well`; `trouble` if any part keeps the engine from calling; `stopped` if it is only by order"
    )
    version: str
    database: str = Field(description="`well` or `trouble`")
    switch: Presence
    trunk_open: bool = Field(description="false while every trunk rests after failures in a row")
    stopped: bool = Field(description="no call is placed: by the global stop, or while it cannot be read")
    calls_in_flight: int
    troubles: dict[str, str | None] = Field(
        description="the parts that cannot work now; the reason is told to programs on the same machine only"
    )


@operation(
    "Ask whether the engine can do its work",
    {
        HTTPStatus.OK: Answer("It can, or it could if it were not stopped by order.", Health),
        HTTPStatus.SERVICE_UNAVAILABLE: Answer("It cannot; the answer says which part.", Health),
    },
)
async def health(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    service, engine = asked.service, asked.service.engine
    database = "well" if await _database_answers(service) else "trouble"
    troubles = service.troubles()
    is_well = database == "well" and engine.tracker.presence is Presence.READY and not troubles
    shown = Health(
        status=("stopped" if engine.stopping.is_stopped else "well") if is_well else "trouble",
        version=service.version,
        database=database,
        switch=engine.tracker.presence,
        trunk_open=engine.routes.is_open(service.clock.monotonic()),
        stopped=engine.stopping.is_stopped,
        calls_in_flight=len(engine.tracker),
        troubles={part: why if is_local(asked.request) else None for part, why in troubles.items()},
    )
    return reply(shown, HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE)


_TEXT = {"type": "string"}


@operation(
    "Read the figures for monitoring",
    {HTTPStatus.OK: Answer("Prometheus' text format.", media="text/plain", schema=_TEXT)},
)
async def figures(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Needs no key when it is asked on the engine's machine itself, not through a proxy."""
    return web.Response(body=asked.metrics.text(), headers={"Content-Type": metrics.CONTENT_TYPE})


@operation("Read this document", {HTTPStatus.OK: Answer("OpenAPI 3.1.", schema={"type": "object"})})
async def document(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    in_json, _ = await asyncio.to_thread(asked.request.app[DESCRIBED])
    return web.Response(body=in_json, content_type="application/json")


async def _database_answers(service: Service) -> bool:
    try:
        async with asyncio.timeout(service.limits.database.total_seconds()):
            await service.store.campaign("")  # the cheapest question there is
    except (StoreFailed, TimeoutError):
        return False
    return True
