"""Who listens to an agent, and who may begin to?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.agents import agent_named
from api.operations import Answer, Asked, B, Nothing, Phone, operation, reply
from api.problems import RETRY_AFTER, FieldError, Problem, invalid, not_found
from dialer.agents.listen import NotToBeHeard
from dialer.core.call import End
from dialer.core.listening import Ear, EarState, ListenMode
from dialer.ports import SwitchAway


class ListenBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    phone: Phone = Field(description="the switch's name of the supervisor's telephone")
    mode: ListenMode = Field(
        default=ListenMode.LISTEN,
        description="everybody hears both; `whisper`: the agent alone hears the supervisor; `barge`: the callee too",
    )


class EarShown(BaseModel):
    """A supervisor at an agent."""

    agent_id: str
    phone: str
    mode: ListenMode
    state: EarState = Field(description="`calling`: the supervisor's telephone rings")
    since: datetime
    why: End | None = Field(description="it ended")
    actor: str = Field(description="the key that asked for it")

    @classmethod
    def of(cls, ear: Ear) -> Self:
        return cls(
            agent_id=ear.agent_id,
            phone=ear.phone,
            mode=ear.mode,
            state=ear.state,
            since=ear.since,
            why=ear.why,
            actor=ear.actor,
        )


class EarsShown(BaseModel):
    listening: Annotated[list[EarShown], Field(description="those that have ended, too, for a minute")]


@operation("See who listens to an agent", {HTTPStatus.OK: Answer("Everybody.", EarsShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    listening = asked.service.engine.listening
    return reply(EarsShown(listening=[EarShown.of(ear) for ear in listening.at(_agent(asked))]))


@operation(
    "Listen to an agent",
    {HTTPStatus.OK: Answer("The telephone is being called, or takes part in another way from now on.", EarShown)},
    problems={HTTPStatus.CONFLICT: "The agent is not logged in, or the telephone is in use."},
)
async def begin(asked: Asked[Nothing, ListenBody]) -> web.StreamResponse:
    """The supervisor's telephone is called, and hears the agent through all calls. Send another mode to change it.

    It is written down in the audit log who asked, when they began to hear, and when they ended.
    """
    agent_id, body, engine = _agent(asked), asked.body, asked.service.engine
    if await engine.lines.knows(body.phone) is False:
        error = FieldError(pointer="#/phone", detail=f"the switch has no telephone {body.phone!r}: see its pjsip.conf")
        raise invalid("nobody can listen there", [error])
    try:
        return reply(EarShown.of(await engine.listening.begin(agent_id, body.phone, body.mode, asked.actor)))
    except NotToBeHeard as error:
        raise Problem(HTTPStatus.CONFLICT, str(error), code="not_to_be_heard") from error
    except SwitchAway as away:
        detail = f"{away}: try again when /health says that it is ready"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": RETRY_AFTER}) from away


@operation("Listen to an agent no more", {HTTPStatus.OK: Answer("The telephone is being hung up.", EarShown)})
async def end(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """The talk goes on. Hanging the telephone up does the same."""
    agent_id, phone = _agent(asked), asked.path["phone"]
    ear = asked.service.engine.listening.end(agent_id, phone)
    if ear is None:
        raise not_found(f"telephone {phone} that listens to {agent_id}")
    return reply(EarShown.of(ear))


def _agent(asked: Asked[Nothing, B]) -> str:
    return agent_named(asked.service, asked.path["agent_id"]).id
