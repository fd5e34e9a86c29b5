"""Whom is an agent shown before a call, and is that one called?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.agents import AgentShown, agent_named
from api.operations import Answer, Asked, B, Nothing, operation, reply
from api.problems import Problem
from dialer.agents.preview import NothingShown, Preview

SkipReason = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["just_called"])]
_NOTHING = {HTTPStatus.CONFLICT: "The agent is shown nobody, or nobody any more."}
_SHOWN = {HTTPStatus.OK: Answer("The agent as they are now.", AgentShown)}


class SkipBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: SkipReason


class PreviewShown(BaseModel):
    """A contact that is called if the agent says so. The agent's stream has its cases."""

    attempt_id: str
    contact_id: int
    campaign_id: str
    number: str
    decide_by: datetime = Field(description="then it is somebody else's turn, and the agent pauses: `no_decision`")

    @classmethod
    def of(cls, preview: Preview) -> "PreviewShown":
        attempt = preview.attempt
        return cls(
            attempt_id=attempt.id,
            contact_id=attempt.contact_id,
            campaign_id=attempt.campaign_id,
            number=attempt.number,
            decide_by=preview.until,
        )


@operation("Show whom an agent may call", {HTTPStatus.OK: Answer("The contact.", PreviewShown)}, problems=_NOTHING)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(PreviewShown.of(_shown(asked)))


@operation("Call whom the agent is shown", _SHOWN, problems=_NOTHING)
async def call(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Windows, limits and balance are asked once more; if they permit no call any more, the agent is free again."""
    preview = _shown(asked)
    await _note(asked, "preview_call")
    if _shown(asked) != preview:  # decided, or over, while it was noted
        raise _nothing(preview.agent_id)
    asked.service.engine.previews.call(preview.agent_id)
    return _agent(asked)


@operation("Skip whom the agent is shown", _SHOWN, problems=_NOTHING)
async def skip(asked: Asked[Nothing, SkipBody]) -> web.StreamResponse:
    """The contact comes again after the plan's time between two attempts; none of its attempts is used up."""
    preview = _shown(asked)
    await _note(asked, "preview_skip", asked.body.reason)
    if _shown(asked) != preview:
        raise _nothing(preview.agent_id)
    asked.service.engine.previews.skip(preview.agent_id, asked.body.reason)
    return _agent(asked)


def _shown(asked: Asked[Nothing, B]) -> Preview:
    agent = agent_named(asked.service, asked.path["agent_id"])
    try:
        return asked.service.engine.previews.shown_to(agent.id)
    except NothingShown:
        raise _nothing(agent.id) from None


def _nothing(agent_id: str) -> Problem:
    return Problem(
        HTTPStatus.CONFLICT,
        f"{agent_id} is shown nobody, or nobody any more: wait for the event `preview`",
        code="no_preview",
    )


async def _note(asked: Asked[Nothing, B], command: str, reason: str = "") -> None:
    service = asked.service
    await service.store.note_command(asked.path["agent_id"], command, reason, service.clock.now(), asked.actor)


def _agent(asked: Asked[Nothing, B]) -> web.StreamResponse:
    return reply(AgentShown.of(asked.service, agent_named(asked.service, asked.path["agent_id"])))
