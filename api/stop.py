"""How is everything stopped, and how does it go on?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.problems import RETRY_AFTER, Problem
from api.service import Service
from dialer.ports.store import LONGEST_REASON, StoreFailed

Reason = Annotated[str, Field(max_length=LONGEST_REASON, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["wrong amounts"])]


class ResumeBody(BaseModel):
    """May be left out."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason | None = Field(default=None, description="kept in the feed; name nobody")


class StopBody(ResumeBody):
    hang_up: bool = Field(default=False, description="give up the calls that ring, too; messages play to their end")


class StopShown(BaseModel):
    """The global stop."""

    stopped: bool = Field(description="no call is placed; also while it cannot be known, see /health")
    hang_up: bool = Field(description="calls that rang were given up, too")
    reason: str | None
    by: str | None = Field(description="`key:` and the key's prefix, or `cli`; null: nobody has ordered anything yet")
    ordered_at: datetime | None
    revision: int = Field(description="counts the orders")
    calls_in_flight: int = Field(description="those that go on to their end")

    @classmethod
    def of(cls, service: Service) -> Self:
        stopping = service.engine.stopping
        order = stopping.order
        return cls(
            stopped=stopping.is_stopped,
            hang_up=order.hangs_up,
            reason=order.reason,
            by=order.actor or None,
            ordered_at=order.ordered_at,
            revision=order.revision,
            calls_in_flight=len(service.engine.tracker),
        )


@operation(
    "Stop everything",
    {HTTPStatus.OK: Answer("It holds.", StopShown)},
    problems={HTTPStatus.SERVICE_UNAVAILABLE: "It holds, but a restart would forget it: it could not be written yet."},
)
async def stop(asked: Asked[Nothing, StopBody]) -> web.StreamResponse:
    """From the answer on no call is placed, of any campaign, until somebody resumes; a restart changes nothing.

    Calls that are live go on to their end. What is stopped already stays as it is, with the reason it has.
    """
    body, service = asked.body, asked.service
    try:
        await service.engine.stopping.stop(asked.actor, body.reason, hangs_up=body.hang_up)
    except StoreFailed as error:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "no call is placed any more, but the database could not write it down: a restart would forget it. "
            "It is tried again until it is written; send the same request again to be sure",
            headers={"Retry-After": RETRY_AFTER},
            code="stop_not_written",
        ) from error
    return reply(StopShown.of(service))


@operation("Go on after a stop", {HTTPStatus.OK: Answer("Calls may be placed again.", StopShown)})
async def resume(asked: Asked[Nothing, ResumeBody]) -> web.StreamResponse:
    """Campaigns go on as each stands; one that was paused or stopped by itself remains so."""
    await asked.service.engine.stopping.resume(asked.actor, asked.body.reason)
    return reply(StopShown.of(asked.service))


@operation("Ask whether everything is stopped", {HTTPStatus.OK: Answer("The order in force.", StopShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(StopShown.of(asked.service))
