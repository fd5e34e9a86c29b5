"""Who takes calls, and what is everybody doing?"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, B, Nothing, Phone, operation, reply
from api.pages import Moment
from api.problems import FieldError, Problem, invalid, not_found
from api.service import Service
from dialer.agents.roster import UnknownAgent
from dialer.agents.screens import CaseSettled
from dialer.agents.wrap_up import CallBackRefused, NothingToWrapUp
from dialer.core.agents import OWN_REASONS, Agent, AgentState
from dialer.core.balances import BalanceStatus
from dialer.core.legs import LegState
from dialer.core.plan_fields import Skill, Text
from dialer.core.wrap_up import DelayReason, TalkOutcome, WrapUp, contradictions
from dialer.model import AgentProfile, LegKind
from dialer.ports.store import Conflict

PauseReason = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$", examples=["lunch"])]


class AgentBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text
    phone: Phone = Field(description="the softphone's endpoint in pjsip.conf: letters, digits, `_`, `.` and `-`")
    skills: Annotated[list[Skill], Field(max_length=50)] = []
    leg: LegKind = Field(
        default=LegKind.NAILED_UP, description="called once and kept on the line, or called for each caller"
    )


class LoginBody(BaseModel):
    """May be left out."""

    model_config = ConfigDict(extra="forbid")

    take_over: bool = Field(default=False, description="whoever is logged in under this name is so no more")


class PauseBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: PauseReason


class WrapUpBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: TalkOutcome = Field(description="`unfinished`: the plan goes on, as when nothing is said in time")
    delay: DelayReason | None = Field(default=None, description="why it is not paid")
    promised: date | None = Field(default=None, description="the day by which it is to be paid")
    call_back_at: Moment | None = Field(
        default=None, description="a moment agreed with the debtor; calling hours and daily limits hold all the same"
    )
    own: bool = Field(default=False, description="the call-back is this agent's own, and not anybody's")
    note: Annotated[str, Field(max_length=2000)] = ""


class CaseSettledShown(BaseModel):
    """The event ``settled``: a case of the caller is paid, or another sum is owed of it, since the call began."""

    attempt_id: str
    at: datetime = Field(description="when the balance came, as its receipt says")
    client_id: str
    case_id: str
    status: BalanceStatus = Field(description="as in the receipt: `closed_paid`, nothing is owed any more")
    balance: str = Field(description="what is owed now, with two decimals")
    currency: str

    @classmethod
    def of(cls, told: CaseSettled) -> Self:
        return cls(
            attempt_id=told.attempt_id,
            at=told.at,
            client_id=told.client_id,
            case_id=told.case_id,
            status=told.status,
            balance=f"{told.amount:.2f}",
            currency=told.currency,
        )


class AgentShown(BaseModel):
    """An agent at this moment."""

    agent_id: str
    name: str
    phone: str
    skills: list[str]
    leg: LegKind
    state: AgentState
    since: datetime
    reason: str | None = Field(description="of the pause: the agent's own, or " + ", ".join(sorted(OWN_REASONS)))
    attempt_id: str | None = Field(description="of the caller, from the reservation to the end of the wrap-up")
    wish: str | None = Field(description="takes effect at the end of the wrap-up: `logout`, or a pause's reason")
    line: LegState | None = Field(
        description="whether the telephone is on the line; null: it is called for each caller"
    )
    settled: list[CaseSettledShown] = Field(
        description="balances of the caller's cases that came since the call began, until the wrap-up is over"
    )

    @classmethod
    def of(cls, service: Service, agent: Agent) -> Self:
        profile, leg = service.engine.roster.profile(agent.id), service.engine.lines.leg(agent.id)
        return cls(
            agent_id=agent.id,
            name=profile.name,
            phone=profile.phone,
            skills=sorted(profile.skills),
            leg=profile.leg,
            state=agent.state,
            since=agent.since,
            reason=agent.reason or None,
            attempt_id=agent.attempt_id,
            wish=None if agent.then is None else getattr(agent.then, "reason", "logout"),
            line=None if profile.leg is LegKind.RING else leg.state if leg else LegState.DOWN,
            settled=[CaseSettledShown.of(told) for told in service.engine.screens.settled(agent.attempt_id)],
        )


class AgentsShown(BaseModel):
    agents: list[AgentShown]


_SHOWN = {HTTPStatus.OK: Answer("The agent as they are now.", AgentShown)}
_NOT_IN = {HTTPStatus.CONFLICT: "Nobody is logged in under this name."}


@operation("List the agents", {HTTPStatus.OK: Answer("Everybody.", AgentsShown)})
async def list_all(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    found = sorted(asked.service.engine.roster.agents, key=lambda agent: agent.id)
    return reply(AgentsShown(agents=[AgentShown.of(asked.service, agent) for agent in found]))


@operation("Show an agent", _SHOWN)
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return _answer(asked.service, agent_named(asked.service, asked.path["agent_id"]))


@operation(
    "Create an agent, or change one",
    {HTTPStatus.OK: Answer("The agent, changed.", AgentShown), HTTPStatus.CREATED: Answer("The agent.", AgentShown)},
    problems={HTTPStatus.CONFLICT: "The telephone is another agent's, or the agent is logged in with another."},
)
async def put(asked: Asked[Nothing, AgentBody]) -> web.StreamResponse:
    """Skills hold for the next call; telephone and kind of leg may change only while nobody is logged in."""
    body, service, agent_id = asked.body, asked.service, asked.path["agent_id"]
    roster = service.engine.roster
    profile = AgentProfile(agent_id, body.name, body.phone, frozenset(body.skills), body.leg)
    is_new = all(agent.id != agent_id for agent in roster.agents)
    if not is_new and roster.agent(agent_id).state is not AgentState.LOGGED_OUT:
        before = roster.profile(agent_id)
        if (before.phone, before.leg) != (profile.phone, profile.leg):
            raise _conflict("log the agent out first: the telephone is in use", "agent_logged_in")
    if await service.engine.lines.knows(body.phone) is False:
        error = FieldError(pointer="#/phone", detail=f"the switch has no telephone {body.phone!r}: see its pjsip.conf")
        raise invalid("the agent cannot be used", [error])
    try:
        await roster.put(profile, asked.actor)
    except Conflict as conflict:
        raise _conflict(str(conflict), "phone_taken") from conflict
    shown = AgentShown.of(service, roster.agent(agent_id))
    return reply(shown, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@operation(
    "Log an agent in",
    _SHOWN,
    problems={HTTPStatus.CONFLICT: "Somebody is logged in under this name, or the switch has no such telephone."},
)
async def login(asked: Asked[Nothing, LoginBody]) -> web.StreamResponse:
    """The softphone is called, and stays on the line; callers come once the agent is ready."""
    service, agent_id = asked.service, asked.path["agent_id"]
    is_out = agent_named(service, agent_id).state is AgentState.LOGGED_OUT
    if not (is_out or asked.body.take_over):
        raise _conflict(
            f"{agent_id} is logged in, perhaps from another place; to go on here send take_over: true", "logged_in"
        )
    phone = service.engine.roster.profile(agent_id).phone
    if is_out and await service.engine.lines.knows(phone) is False:
        detail = f"the switch has no telephone {phone!r}: add it to pjsip.conf there, or PUT the agent with another"
        raise _conflict(detail, "phone_unknown")
    await _note(asked, "login")
    if is_out:
        service.engine.roster.log_in(agent_id)
    return _answer(service, service.engine.roster.agent(agent_id))


@operation("Log an agent out", _SHOWN)
async def logout(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """During a call: at the end of its wrap-up."""
    service, agent_id = asked.service, asked.path["agent_id"]
    agent_named(service, agent_id)
    await _note(asked, "logout")
    return _answer(service, service.engine.roster.log_out(agent_id))


@operation("Be ready for the next caller", _SHOWN, problems=_NOT_IN)
async def ready(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Without a telephone on the line: as soon as it is. During a call: takes a wish for afterwards back."""
    _require_login(asked)
    await _note(asked, "ready")
    return _answer(asked.service, asked.service.engine.roster.be_ready(asked.path["agent_id"]))


@operation("Take a break", _SHOWN, problems=_NOT_IN)
async def pause(asked: Asked[Nothing, PauseBody]) -> web.StreamResponse:
    """During a call: at the end of its wrap-up."""
    reason = asked.body.reason
    if reason in OWN_REASONS:
        raise invalid("no such pause", [FieldError(pointer="#/reason", detail=f"{reason} is the engine's own word")])
    _require_login(asked)
    await _note(asked, "pause", reason)
    return _answer(asked.service, asked.service.engine.roster.pause(asked.path["agent_id"], reason))


@operation(
    "Say what came of the talk",
    _SHOWN,
    problems={HTTPStatus.CONFLICT: "The agent is in no wrap-up, or its time was over a moment ago."},
)
async def wrap_up(asked: Asked[Nothing, WrapUpBody]) -> web.StreamResponse:
    """The contact goes on, or is finished, as the outcome says; the agent is free for the next caller."""
    service, agent_id, body = asked.service, asked.path["agent_id"], asked.body
    agent, now = agent_named(service, agent_id), service.clock.now()
    if agent.state is not AgentState.WRAP_UP or agent.attempt_id is None:
        raise _conflict(
            f"{agent_id} is in no wrap-up: it begins when a talk ends, and lasts for the campaign's wrap_up_seconds",
            "no_wrap_up",
        )
    said = WrapUp(
        agent.attempt_id, body.outcome, now, agent_id, body.delay, body.promised, body.call_back_at, body.own, body.note
    )
    terms = service.engine.wrapping_up.terms(agent.attempt_id)
    if terms and (wrong := contradictions(said, terms, now)):
        raise invalid(
            "the wrap-up contradicts itself", [FieldError(pointer=f"#/{name}", detail=why) for name, why in wrong]
        )
    await _note(asked, "wrap_up", body.outcome)
    try:
        return _answer(service, await service.engine.wrapping_up.say(agent_id, said))
    except CallBackRefused as refused:
        error = FieldError(pointer="#/call_back_at", detail=_instead(refused))
        raise invalid("no call may be placed then", [error]) from refused
    except (NothingToWrapUp, Conflict) as error:
        raise _conflict(f"too late, or too soon: {error}", "no_wrap_up") from error


@operation("End the call", _SHOWN)
async def hang_up(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """The caller is hung up, if there is one; the agent's telephone stays on the line."""
    service, agent_id = asked.service, asked.path["agent_id"]
    agent_named(service, agent_id)
    await _note(asked, "hang_up")
    service.engine.joins.hang_up(agent_id)
    return _answer(service, service.engine.roster.agent(agent_id))


async def _note(asked: Asked[Nothing, B], command: str, reason: str = "") -> None:
    service = asked.service
    await service.store.note_command(asked.path["agent_id"], command, reason, service.clock.now(), asked.actor)


def _require_login(asked: Asked[Nothing, B]) -> None:
    agent_id = asked.path["agent_id"]
    if agent_named(asked.service, agent_id).state is AgentState.LOGGED_OUT:
        raise _conflict(f"{agent_id} is not logged in", "logged_out")


def _answer(service: Service, agent: Agent) -> web.StreamResponse:
    return reply(AgentShown.of(service, agent))


def agent_named(service: Service, agent_id: str) -> Agent:
    """The agent; Problem 404 if there is none."""
    try:
        return service.engine.roster.agent(agent_id)
    except UnknownAgent as error:
        raise not_found(f"agent {agent_id}: create it with PUT first") from error


def _instead(refused: CallBackRefused) -> str:
    """Why not at that moment, and when."""
    following = refused.following
    why = following.binding.meaning if following.binding else "nothing permits it"
    then = "no permitted one is in sight" if following.at is None else f"the next one is {following.at.isoformat()}"
    return f"not permitted at that moment: {why}; {then}"


def _conflict(detail: str, code: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, detail, code=code)
