"""Who signs in, who has, and who is to be signed out?"""

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.access import origin
from api.identity import proved, refusal
from api.key_form import new_key
from api.me import Code, MeShown, Password
from api.operations import Answer, Asked, Nothing, UserName, operation, reply
from api.pages import Limit, going_on
from api.problems import not_found
from api.session_access import COOKIE
from dialer.ports.store import Session

log = structlog.get_logger(__name__)


class SessionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: UserName
    password: Password
    code: Code | None = Field(default=None, description="of the second factor, or a recovery code")


class SessionsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: UserName | None = None
    after: Annotated[str, Field(pattern=r"^[a-z0-9]{0,16}$")] = Field(
        default="", description="the last id of the page before"
    )
    limit: Limit = 100


class SessionShown(BaseModel):
    session_id: str
    user: str
    origin: str = Field(description="the address from which it was begun")
    begun_at: datetime
    seen_at: datetime = Field(description="to the minute")
    ends_at: datetime = Field(description="at the latest")

    @classmethod
    def of(cls, session: Session) -> Self:
        return cls(
            session_id=session.id,
            user=session.user,
            origin=session.origin,
            begun_at=session.begun_at,
            seen_at=session.seen_at,
            ends_at=session.ends_at,
        )


class SessionsShown(BaseModel):
    sessions: list[SessionShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation(
    "Sign in",
    {
        HTTPStatus.CREATED: Answer(
            "Who you are.", MeShown, headers={"Set-Cookie": "the session; scripts cannot read it"}
        )
    },
    problems={HTTPStatus.UNAUTHORIZED: "Not they, or nobody comes in under the name for a while."},
    tells_secret=True,
)
async def begin(asked: Asked[Nothing, SessionBody]) -> web.StreamResponse:
    """For people; programs send a key. After five failures in a row nobody comes in for a minute, then longer."""
    body, service, request = asked.body, asked.service, asked.request
    user, proof = await proved(service, body.name, body.password, body.code)
    made, now = new_key(secrets.token_bytes), service.clock.now()
    session = Session(
        made.prefix, user.name, origin(request, service.trusted_proxy), now, now, now + service.session_lasts
    )
    if not await service.store.begin_session(session, made.secret_hash, proof):
        raise refusal()
    log.info("session_begun", session=session.id, user=user.name)
    cookie = f"{made.prefix}.{made.secret}"
    response = reply(MeShown.of(user, session.ends_at, cookie), HTTPStatus.CREATED)
    response.set_cookie(
        COOKIE, cookie, max_age=int(service.session_lasts.total_seconds()), path="/", httponly=True, samesite="Strict",
        secure=request.secure or bool(service.trusted_proxy),
    )  # fmt: skip
    return response


@operation("List who has signed in", {HTTPStatus.OK: Answer("A page of the open sessions, by id.", SessionsShown)})
async def list_all(asked: Asked[SessionsQuery, Nothing]) -> web.StreamResponse:
    query, service = asked.query, asked.service
    found = await service.store.sessions(
        query.user, query.after, query.limit, service.clock.now(), service.session_idle
    )
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(SessionsShown(sessions=[SessionShown.of(each) for each in found], next=following))


@operation("Sign somebody out", {HTTPStatus.OK: Answer("What it was until this answer.", SessionShown)})
async def end(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """From the answer on the session opens nothing."""
    session_id, service = asked.path["session_id"], asked.service
    was = await service.store.end_session(session_id, service.clock.now(), asked.actor)
    if was is None:
        raise not_found(f"session {session_id}")
    log.info("session_ended", session=was.id, user=was.user)
    return reply(SessionShown.of(was))
