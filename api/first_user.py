"""Who makes the first user, where nobody may make users yet?

Whoever reads the secret that the engine tells at its start: there is no default password. It opens once, and nothing
once there is a user.
"""

import secrets
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import NamedTuple

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.me import Password
from api.operations import Answer, Asked, Nothing, UserName, operation, reply
from api.passwords import weakness
from api.problems import FieldError, Problem, invalid
from api.users import UserShown
from dialer.ports.store import Conflict, Role, User

ACTOR = "set-up"

log = structlog.get_logger(__name__)


class SetUpSecret(NamedTuple):
    secret: str
    secret_hash: str


def new_secret() -> SetUpSecret:
    secret = secrets.token_urlsafe(24)
    return SetUpSecret(secret, _hash(secret))


class FirstUserBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Password = Field(description="what the engine told at its start")
    name: UserName
    password: Password = Field(description="12 characters or more, without the name")


@operation(
    "Make the first admin",
    {HTTPStatus.CREATED: Answer("The admin, who may sign in now.", UserShown)},
    problems={HTTPStatus.FORBIDDEN: "Another secret, or there are users already."},
    tells_secret=True,
)
async def make(asked: Asked[Nothing, FirstUserBody]) -> web.StreamResponse:
    body, service = asked.body, asked.service
    if service.set_up_hash is None or not compare_digest(_hash(body.secret), service.set_up_hash):
        raise _refusal()
    if weak := weakness(body.password, body.name):
        raise invalid("nobody should use this password", [FieldError(pointer="#/password", detail=weak)])
    kept = await service.passwords.hashed(body.password)
    admin = User(body.name, Role.ADMIN, kept, must_change=False)
    try:
        await service.store.add_user(admin, service.clock.now(), ACTOR, is_first=True)
    except Conflict as conflict:
        raise _refusal() from conflict
    log.info("user_created", user=body.name, role=Role.ADMIN)
    return reply(UserShown.of(await service.store.user(body.name) or admin), HTTPStatus.CREATED)


def _refusal() -> Problem:
    log.warning("set_up_refused")
    return Problem(
        HTTPStatus.FORBIDDEN,
        "not with this secret, or there are users already: the engine tells one at its start while there is nobody; "
        "`dzwonek users reset` helps an admin who cannot come in",
        code="no_set_up",
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
