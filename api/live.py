"""What happens at this moment? Streams for agents' screens and for supervisors (server-sent events)."""

import asyncio
import json
from collections import Counter
from datetime import date, datetime
from http import HTTPStatus
from typing import Self

from aiohttp import web
from pydantic import BaseModel, Field, RootModel

from api.access import may_go_on
from api.agents import AgentShown, CaseSettledShown, agent_named
from api.operations import SERVICE, Answer, Asked, Nothing, operation, reply
from api.service import Service
from dialer.agents.screens import Caller, Calling, CaseSettled, News, Screen
from dialer.core.agents import Agent, AgentState
from dialer.core.call import State
from dialer.core.cases import CaseRow
from dialer.core.pacing import in_words
from dialer.model import Mode

EVENTS = "text/event-stream"
STREAMS = web.AppKey("streams", set)  # tasks that are ended when the engine stops
KEEP_ALIVE = 15.0  # s
LOOK = 1.0  # s between two pictures for a supervisor
BUSY = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})


class CaseSeen(BaseModel):
    """A case of the caller, as it was when the telephone rang."""

    case_id: str
    client_id: str
    debtor_id: str
    name: str
    amount: str = Field(description="what is owed, with two decimals")
    currency: str
    invoice_no: str | None
    due_date: date
    stage: str
    flags: list[str]

    @classmethod
    def of(cls, case: CaseRow) -> Self:
        debtor, owed = case.debtor, case.receivable
        person = " ".join(part for part in (debtor.first_name, debtor.last_name) if part)
        return cls(
            case_id=case.case_id,
            client_id=case.client_id,
            debtor_id=debtor.id,
            name=debtor.company_name or person,
            amount=f"{owed.amount:.2f}",
            currency=owed.currency,
            invoice_no=owed.invoice_no,
            due_date=owed.due_date,
            stage=owed.stage,
            flags=sorted(case.flags),
        )


class CallerSeen(BaseModel):
    """The events ``preview``, before the decision, and ``reserved``, before the voice; again, if the cases are late."""

    attempt_id: str
    contact_id: int
    campaign_id: str
    number: str
    cases: list[CaseSeen] = Field(description="empty: they follow in a moment")
    decide_by: datetime | None = Field(description="to call or skip it, in mode preview; null: it is being called")

    @classmethod
    def of(cls, caller: Caller) -> Self:
        attempt = caller.attempt
        return cls(
            attempt_id=attempt.id,
            contact_id=attempt.contact_id,
            campaign_id=attempt.campaign_id,
            number=attempt.number,
            cases=[CaseSeen.of(case) for case in caller.cases],
            decide_by=caller.decide_by,
        )


class InboundSeen(BaseModel):
    """The event ``called``, before the voice: who is to be joined has called a brand; again, if the cases are late."""

    call_id: str
    brand_id: str
    client_id: str
    number: str | None = Field(description="the caller's; null: withheld. It proves nothing: ask who calls")
    since: datetime
    cases: list[CaseSeen] = Field(
        description="of the one debtor on the client's lists with that number, disputed ones too; they may follow in a "
        "moment, and are none where nobody has the number, or several"
    )

    @classmethod
    def of(cls, calling: Calling) -> Self:
        call = calling.call
        return cls(
            call_id=call.id,
            brand_id=call.brand_id,
            client_id=call.client_id,
            number=call.caller,
            since=call.began_at,
            cases=[CaseSeen.of(case) for case in calling.cases],
        )


class LaneSeen(BaseModel):
    campaign_id: str
    mode: Mode
    calls: int = Field(description="in flight, talks included")
    talking: int
    pacing: str | None = Field(
        description="the last decision, in words; null: none was taken since the engine has started"
    )


class LiveShown(BaseModel):
    """Everything at one moment."""

    at: datetime
    agents: list[AgentShown]
    agents_by_state: dict[str, int]
    busy: float | None = Field(description="share of those logged in and not paused who have a caller; null: nobody")
    callers_waiting: int
    calls_by_state: dict[str, int]
    campaigns: list[LaneSeen] = Field(description="with agents, that are running")

    @classmethod
    def of(cls, service: Service) -> Self:
        engine = service.engine
        agents = sorted(engine.roster.agents, key=lambda agent: agent.id)
        states = Counter(agent.state for agent in agents)
        at_work = sum(states[state] for state in (AgentState.READY, *BUSY))
        return cls(
            at=service.clock.now(),
            agents=[AgentShown.of(service, agent) for agent in agents],
            agents_by_state={state: states[state] for state in AgentState},
            busy=sum(states[state] for state in BUSY) / at_work if at_work else None,
            callers_waiting=engine.joins.waiting,
            calls_by_state=dict(Counter(live.call.state for live in engine.tracker.live)),
            campaigns=_campaigns(service),
        )


def _campaigns(service: Service) -> list[LaneSeen]:
    engine = service.engine
    seen = {}
    for lane in engine.lanes.all_running():
        if lane.agents is None or not lane.agents.are_called_for:
            continue
        states = [each.call.state for each in engine.tracker.live if each.attempt.campaign_id == lane.campaign_id]
        seen[lane.campaign_id] = LaneSeen(
            campaign_id=lane.campaign_id,
            mode=lane.agents.mode,
            calls=len(states),
            talking=states.count(State.TALKING),
            pacing=in_words(last) if (last := engine.pacing.last(lane.campaign_id)) else None,
        )
    return [seen[name] for name in sorted(seen)]


class ScreenEvent(RootModel[AgentShown | CallerSeen | InboundSeen | CaseSettledShown | None]):
    """What `state`, `preview`, `reserved`, `called`, `settled` and `end` carry."""


@operation(
    "Follow an agent's screen",
    {
        HTTPStatus.OK: Answer(
            "Events `state` (as GET shows the agent), `preview`, `reserved`, `called`, `settled`, `end`.",
            ScreenEvent,
            EVENTS,
        )
    },
)
async def screen(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """The caller's cases come before the voice. One screen for each agent: opening another ends this one."""
    service, agent_id = asked.service, asked.path["agent_id"]
    agent = agent_named(service, agent_id)
    screens = service.engine.screens
    news = screens.open(agent_id)
    response = await _begin(asked.request)
    try:
        await _send(response, "state", AgentShown.of(service, agent))
        while (told := await _next(news, response)) is not None and await may_go_on(asked.request, service):
            if isinstance(told, Agent):
                await _send(response, "state", AgentShown.of(service, told))
            elif isinstance(told, Calling):
                await _send(response, "called", InboundSeen.of(told))
            elif isinstance(told, CaseSettled):
                await _send(response, "settled", CaseSettledShown.of(told))
            else:
                await _send(response, "preview" if told.decide_by else "reserved", CallerSeen.of(told))
        await _send(response, "end", None)
    finally:
        screens.close(agent_id, only=news)
    return response


@operation("See everything at this moment", {HTTPStatus.OK: Answer("A picture.", LiveShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(LiveShown.of(asked.service))


@operation(
    "Follow everything", {HTTPStatus.OK: Answer("Events `live`, each a picture; one a second.", LiveShown, EVENTS)}
)
async def follow(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    response = await _begin(asked.request)
    stopping = asked.request.app[STREAMS]
    over = asyncio.Event()
    stopping.add(over)
    try:
        while not over.is_set() and await may_go_on(asked.request, asked.service):
            await _send(response, "live", LiveShown.of(asked.service))
            try:
                async with asyncio.timeout(LOOK):
                    await over.wait()
            except TimeoutError:
                continue
        await _send(response, "end", None)
    finally:
        stopping.discard(over)
    return response


async def end_all(app: web.Application) -> None:
    """The engine stops."""
    app[SERVICE].engine.screens.close_all()
    for over in app[STREAMS]:
        over.set()


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": EVENTS, "X-Accel-Buffering": "no"})
    await response.prepare(request)
    return response


async def _next(news: Screen, response: web.StreamResponse) -> News | None:
    """What is told next; meanwhile a sign of life, by which a screen that has gone is noticed."""
    while True:
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                return await news.get()
        except TimeoutError:
            await response.write(b": here\n\n")


async def _send(response: web.StreamResponse, name: str, shown: BaseModel | None) -> None:
    text = json.dumps({}) if shown is None else shown.model_dump_json()
    await response.write(f"event: {name}\ndata: {text}\n\n".encode())
