"""Who am I, and how do I prove it from now on?"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.identity import proved
from api.operations import Answer, Asked, B, Nothing, operation, reply
from api.passwords import LONGEST, weakness
from api.problems import FieldError, Problem, invalid
from api.roles import SCOPES_OF
from api.second_factor import address_of, hash_of, new_recovery_codes, new_secret, step_of
from api.session_access import COOKIE, owed_by, token_of
from dialer.ports.store import Role, User

log = structlog.get_logger(__name__)

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Code = Annotated[str, Field(pattern=r"^[0-9A-Fa-f ]{6,40}$", examples=["123456"])]


class PasswordBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Password = Field(description="the one that opens now")
    code: Code | None = Field(default=None, description="of the second factor, where there is one")
    new_password: Password = Field(description="12 characters or more, without the name")


class FactorBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Password
    code: Code | None = Field(default=None, description="of the second factor that there is")


class ConfirmBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="as the device shows it now")


class MeShown(BaseModel):
    name: str
    role: Role
    client_id: str | None = Field(description="the client whose data is all there is")
    agent_id: str | None = Field(description="the agent who you are")
    scopes: list[str]
    has_second_factor: bool
    recovery_codes_left: int
    owes: str | None = Field(description="what has to be done before anything else: `password_change`, `second_factor`")
    session_ends_at: datetime | None
    csrf_token: str = Field(description="to be sent as X-CSRF-Token with whatever changes something")

    @classmethod
    def of(cls, user: User, ends_at: datetime | None, cookie: str) -> Self:
        owes = owed_by(user)
        return cls(
            name=user.name,
            role=user.role,
            client_id=user.client_id,
            agent_id=user.agent_id,
            scopes=sorted(SCOPES_OF[user.role]),
            has_second_factor=user.totp_secret is not None,
            recovery_codes_left=len(user.recovery),
            owes=owes.name.lower() if owes else None,
            session_ends_at=ends_at,
            csrf_token=token_of(cookie),
        )


class FactorShown(BaseModel):
    """A second factor that does not hold yet."""

    secret: str = Field(description="for the device; it is never shown again")
    address: str = Field(description="the same, as an otpauth address for a picture")


class RecoveryShown(BaseModel):
    recovery_codes: list[str] = Field(description="each opens once in place of a code; they are never shown again")


@operation("See who I am", {HTTPStatus.OK: Answer("You.", MeShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    user = await _me(asked)
    return reply(MeShown.of(user, None, asked.request.cookies.get(COOKIE, "")))


@operation("Change my password", {HTTPStatus.OK: Answer("You; sign in again.", MeShown)})
async def change_password(asked: Asked[Nothing, PasswordBody]) -> web.StreamResponse:
    """Ends all your sessions, this one too."""
    user, body, service = await _me(asked), asked.body, asked.service
    await proved(service, user.name, body.password, body.code)
    weak = weakness(body.new_password, user.name)
    if weak is None and body.new_password == body.password:
        weak = "is another one than before"
    if weak is not None:
        raise invalid("nobody should use this password", [FieldError(pointer="#/new_password", detail=weak)])
    kept = await service.passwords.hashed(body.new_password)
    changed = await service.store.set_password(user.name, kept, service.clock.now(), asked.actor, is_own=True)
    log.info("password_changed", user=user.name)
    return _without_cookie(reply(MeShown.of(changed or user, None, "")))


@operation(
    "Begin to set up a second factor",
    {HTTPStatus.OK: Answer("For your device.", FactorShown)},
    tells_secret=True,
)
async def prepare_factor(asked: Asked[Nothing, FactorBody]) -> web.StreamResponse:
    """It holds once a code of it is sent to `…/confirm`; until then the former one does."""
    user, body, service = await _me(asked), asked.body, asked.service
    await proved(service, user.name, body.password, body.code)
    secret = new_secret()
    await service.store.prepare_factor(user.name, secret)
    return reply(FactorShown(secret=secret, address=address_of(secret, user.name)))


@operation(
    "Confirm a second factor",
    {HTTPStatus.OK: Answer("Codes for the day when the device is lost.", RecoveryShown)},
    problems={HTTPStatus.CONFLICT: "None is being set up, or the code is not what your device should show."},
    tells_secret=True,
)
async def confirm_factor(asked: Asked[Nothing, ConfirmBody]) -> web.StreamResponse:
    """Ends your other sessions, which were begun without it."""
    user, service, now = await _me(asked), asked.service, asked.service.clock.now()
    code = asked.body.code.replace(" ", "")
    step = step_of(user.totp_pending, code, now) if user.totp_pending else None
    codes = new_recovery_codes()
    hashes = frozenset(map(hash_of, codes))
    session_id = asked.sender.session_id if asked.sender else None
    confirm = service.store.confirm_factor
    if step is None or not await confirm(user.name, step, hashes, now, asked.actor, session_id):
        raise Problem(
            HTTPStatus.CONFLICT, "this is no code of a second factor that is being set up: begin anew", code="no_factor"
        )
    log.info("second_factor_set", user=user.name)
    return reply(RecoveryShown(recovery_codes=codes))


@operation("Sign out", {HTTPStatus.OK: Answer("Who you were.", MeShown)})
async def leave(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    user, service = await _me(asked), asked.service
    if asked.sender and asked.sender.session_id:
        await service.store.end_session(asked.sender.session_id, service.clock.now(), asked.actor)
    return _without_cookie(reply(MeShown.of(user, None, "")))


async def _me(asked: Asked[Nothing, B]) -> User:
    """Problem 403 for a program: it is nobody."""
    sender = asked.sender
    user = await asked.service.store.user(sender.name.removeprefix("user:")) if sender and sender.is_person else None
    if user is None:
        raise Problem(HTTPStatus.FORBIDDEN, "this is for people with a session: POST /v1/sessions", code="no_person")
    return user


def _without_cookie(response: web.StreamResponse) -> web.StreamResponse:
    response.del_cookie(COOKIE, path="/")
    return response
