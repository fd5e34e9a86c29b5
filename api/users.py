"""Which people may use the API, and as what?

A password that somebody else has made opens the way to changing it, and to nothing more. Nobody gives a role that may
do what they may not do themselves.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import AgentId, Answer, Asked, B, Nothing, Q, UserName, operation, reply
from api.pages import ClientId, Limit, going_on
from api.passwords import made_up
from api.problems import FieldError, Problem, invalid, not_found
from api.roles import SCOPES_OF
from api.scopes import OF_KEYS
from dialer.ports.store import Conflict, Role, Standing, User

log = structlog.get_logger(__name__)


class UsersQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[str, Field(pattern=r"^[a-z0-9._-]{0,40}$")] = Field(
        default="", description="the last name of the page before"
    )
    limit: Limit = 100


class StandingBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role
    client_id: ClientId | None = Field(default=None, description="of role `client`, and of no other")
    agent_id: AgentId | None = Field(default=None, description="of role `agent`, and of no other")
    is_enabled: bool = Field(default=True, description="false: comes in no more; users are kept as history")

    @property
    def standing(self) -> Standing:
        return Standing(self.role, self.client_id, self.agent_id, self.is_enabled)


class UserBody(StandingBody):
    name: UserName


class ResetBody(BaseModel):
    """May be left out."""

    model_config = ConfigDict(extra="forbid")

    second_factor: bool = Field(default=False, description="true: the second factor is gone as well")


class UserShown(BaseModel):
    name: str
    role: Role
    client_id: str | None
    agent_id: str | None
    is_enabled: bool
    must_change_password: bool
    has_second_factor: bool
    locked_until: datetime | None = Field(description="after failures in a row")
    created_at: datetime | None

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            name=user.name,
            role=user.role,
            client_id=user.client_id,
            agent_id=user.agent_id,
            is_enabled=user.is_enabled,
            must_change_password=user.must_change,
            has_second_factor=user.totp_secret is not None,
            locked_until=user.locked_until,
            created_at=user.created_at,
        )


class UsersShown(BaseModel):
    users: list[UserShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class UserMadeShown(UserShown):
    password: str = Field(description="opens until it is changed, which has to be first; it is never shown again")


@operation("List the users", {HTTPStatus.OK: Answer("A page, by name; disabled ones too.", UsersShown)})
async def list_all(asked: Asked[UsersQuery, Nothing]) -> web.StreamResponse:
    query = asked.query
    found = await asked.service.store.users(query.after, query.limit)
    following = going_on(asked.request, query, found[-1].name) if len(found) == query.limit else None
    return reply(UsersShown(users=[UserShown.of(each) for each in found], next=following))


@operation("See a user", {HTTPStatus.OK: Answer("As they stand.", UserShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(UserShown.of(await _named(asked)))


@operation(
    "Make a user",
    {HTTPStatus.CREATED: Answer("The user, with a password for once.", UserMadeShown)},
    problems={HTTPStatus.CONFLICT: "There is a user of this name."},
    tells_secret=True,
)
async def make(asked: Asked[Nothing, UserBody]) -> web.StreamResponse:
    body, service, password = asked.body, asked.service, made_up()
    _check(asked, body)
    kept = await service.passwords.hashed(password)
    user = User(body.name, body.role, kept, body.client_id, body.agent_id, is_enabled=body.is_enabled)
    try:
        await service.store.add_user(user, service.clock.now(), asked.actor)
    except Conflict as conflict:
        raise Problem(HTTPStatus.CONFLICT, str(conflict), code="user_exists") from conflict
    log.info("user_created", user=body.name, role=body.role)
    made = await service.store.user(body.name) or user
    return reply(UserMadeShown(**UserShown.of(made).model_dump(), password=password), HTTPStatus.CREATED)


@operation("Change what a user may do", {HTTPStatus.OK: Answer("As they stand now.", UserShown)})
async def change(asked: Asked[Nothing, StandingBody]) -> web.StreamResponse:
    """A change ends the user's sessions."""
    user, body, service = await _named(asked), asked.body, asked.service
    _check_power(asked, user.role)
    _check(asked, body)
    changed = await service.store.change_user(user.name, body.standing, service.clock.now(), asked.actor)
    log.info("user_changed", user=user.name, role=body.role, is_enabled=body.is_enabled)
    return reply(UserShown.of(changed or user))


@operation(
    "Give a user another password",
    {HTTPStatus.OK: Answer("The user, with a password for once.", UserMadeShown)},
    tells_secret=True,
)
async def reset(asked: Asked[Nothing, ResetBody]) -> web.StreamResponse:
    """Ends the user's sessions, and a lock."""
    user, service, password = await _named(asked), asked.service, made_up()
    _check_power(asked, user.role)
    kept = await service.passwords.hashed(password)
    changed = await service.store.set_password(
        user.name, kept, service.clock.now(), asked.actor, is_own=False, drops_factor=asked.body.second_factor
    )
    log.info("user_reset", user=user.name, drops_factor=asked.body.second_factor)
    return reply(UserMadeShown(**UserShown.of(changed or user).model_dump(), password=password))


def _check(asked: Asked[Nothing, B], body: StandingBody) -> None:
    errors = []
    for field, role, given in (
        ("client_id", Role.CLIENT, body.client_id),
        ("agent_id", Role.AGENT, body.agent_id),
    ):
        if (body.role is role) != (given is not None):
            detail = f"is given to role {role}, and to no other"
            errors.append(FieldError(pointer=f"#/{field}", detail=detail))
    if errors:
        raise invalid("the user cannot be like this", errors)
    _check_power(asked, body.role)


def _check_power(asked: Asked[Q, B], role: Role) -> None:
    """Who could make an admin would be one."""
    held = asked.sender.scopes if asked.sender else frozenset()
    if beyond := sorted(SCOPES_OF[role] & OF_KEYS - held):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"role {role} may do what you may not: {', '.join(beyond)}",
            code="role_beyond_yours",
        )


async def _named(asked: Asked[Q, B]) -> User:
    found = await asked.service.store.user(asked.path["user_name"])
    if found is None:
        raise not_found(f"user {asked.path['user_name']}")
    return found
