"""Who holds a key, how often may it ask, and how is one made, rotated and revoked?

A secret is told once, in the answer that makes it.
"""

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.key_form import new_key
from api.operations import Answer, Asked, B, Nothing, operation, reply
from api.pages import ClientId, Limit, Moment, going_on
from api.problems import FieldError, Problem, invalid, not_found
from api.scopes import OF_KEYS, OPERATORS, Scope
from dialer.ports.store import Key, KeyView

LONGEST_GRACE = timedelta(days=7)

log = structlog.get_logger(__name__)


class KeysQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    client_id: ClientId | None = Field(default=None, description="only this client's")
    after: Annotated[str, Field(pattern=r"^[a-z0-9]{0,16}$")] = Field(
        default="", description="the last prefix of the page before"
    )
    limit: Limit = 100


PerSecond = Annotated[float, Field(ge=0.01, le=10_000, allow_inf_nan=False, examples=[200])]
_RATE = "requests that are answered, twice as many at once after a pause; null: as many as everybody's"


class KeyBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scopes: set[Scope] = Field(min_length=1, description="what it may be used for; those of the asking key at most")
    client_id: ClientId | None = Field(default=None, description="whose data it opens; null: every client's")
    label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$", examples=["CRM, production"])]
    expires_at: Moment | None = Field(default=None, description="null: never by itself")
    requests_per_second: PerSecond | None = Field(default=None, description=_RATE)


class RateBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requests_per_second: PerSecond | None = Field(description=_RATE)


class RotateBody(BaseModel):
    """May be left out."""

    model_config = ConfigDict(extra="forbid")

    grace_minutes: Annotated[int, Field(ge=0, le=LONGEST_GRACE // timedelta(minutes=1))] = Field(
        default=24 * 60, description="for so long the secret before it opens, too"
    )


class KeyShown(BaseModel):
    prefix: str
    label: str
    client_id: str | None = Field(description="null: the operator's, for every client's data")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = Field(description="null: never by itself")
    last_used_at: datetime | None = Field(description="to the minute; null: never")
    rotated_at: datetime | None
    former_until: datetime | None = Field(description="until then the secret before the last rotation opens, too")
    revoked_at: datetime | None
    requests_per_second: float | None = Field(description=_RATE)

    @classmethod
    def of(cls, view: KeyView) -> Self:
        key = view.key
        return cls(
            prefix=key.prefix,
            label=key.label,
            client_id=key.client_id,
            scopes=sorted(key.scopes),
            created_at=view.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            rotated_at=view.rotated_at,
            former_until=view.former_until,
            revoked_at=view.revoked_at,
            requests_per_second=key.per_second,
        )


class KeysShown(BaseModel):
    keys: list[KeyShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class KeyMadeShown(KeyShown):
    key: str = Field(description="as it is sent in `Authorization: Bearer`; it is never shown again")


@operation("List the keys", {HTTPStatus.OK: Answer("A page, by prefix; revoked ones too.", KeysShown)})
async def list_all(asked: Asked[KeysQuery, Nothing]) -> web.StreamResponse:
    query = asked.query
    found = await asked.service.store.keys(query.client_id, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].key.prefix) if len(found) == query.limit else None
    return reply(KeysShown(keys=[KeyShown.of(each) for each in found], next=following))


@operation("See a key", {HTTPStatus.OK: Answer("All but its secret.", KeyShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(KeyShown.of(_found(asked, await asked.service.store.key_view(asked.path["key_prefix"]))))


@operation("Make a key", {HTTPStatus.CREATED: Answer("The key, with its secret.", KeyMadeShown)}, tells_secret=True)
async def make(asked: Asked[Nothing, KeyBody]) -> web.StreamResponse:
    """A key can give no scope that it has not itself."""
    body, service, now = asked.body, asked.service, asked.service.clock.now()
    _check(asked, now)
    made = new_key(secrets.token_bytes)
    scopes, rate = frozenset(body.scopes), body.requests_per_second
    key = Key(made.prefix, scopes, body.client_id, body.label, body.expires_at, per_second=rate)
    await service.store.add_key(key, made.secret_hash, now, asked.actor)
    log.info("key_created", made=made.prefix, client=body.client_id)
    return _told(KeyView(key, now, None, None, None), made.secret, HTTPStatus.CREATED)


@operation(
    "Give a key another secret",
    {HTTPStatus.OK: Answer("The key, with its new secret.", KeyMadeShown)},
    problems={HTTPStatus.CONFLICT: "It was revoked or has expired."},
    tells_secret=True,
)
async def rotate(asked: Asked[Nothing, RotateBody]) -> web.StreamResponse:
    """The secret before it opens for the grace, so that its holders can change over without a gap."""
    store, now, prefix = asked.service.store, asked.service.clock.now(), asked.path["key_prefix"]
    _found(asked, await store.key_view(prefix))
    made = new_key(secrets.token_bytes)
    until = now + timedelta(minutes=asked.body.grace_minutes)
    rotated = await store.rotate_key(prefix, made.secret_hash, until, now, asked.actor)
    asked.service.known_keys.forget()
    if rotated is None:
        raise Problem(HTTPStatus.CONFLICT, f"key {prefix} was revoked or has expired: make a new one")
    log.info("key_rotated", rotated=prefix)
    return _told(rotated, made.secret)


@operation("Say how often a key may ask", {HTTPStatus.OK: Answer("The key, with its rate.", KeyShown)})
async def pace(asked: Asked[Nothing, RateBody]) -> web.StreamResponse:
    """Holds from the next request on."""
    service, prefix, rate = asked.service, asked.path["key_prefix"], asked.body.requests_per_second
    paced = await service.store.pace_key(prefix, rate, service.clock.now(), asked.actor)
    service.known_keys.forget()
    shown = KeyShown.of(_found(asked, paced))
    log.info("key_paced", paced=prefix, per_second=rate)
    return reply(shown)


@operation("Revoke a key", {HTTPStatus.OK: Answer("The key, which opens nothing any more.", KeyShown)})
async def revoke(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """From the answer on. It stays as history."""
    service, prefix = asked.service, asked.path["key_prefix"]
    revoked = await service.store.revoke_key(prefix, service.clock.now(), asked.actor)
    service.known_keys.forget()
    shown = KeyShown.of(_found(asked, revoked))
    log.info("key_revoked", revoked=prefix)
    return reply(shown)


def _check(asked: Asked[Nothing, KeyBody], now: datetime) -> None:
    body, errors = asked.body, list[FieldError]()
    held = asked.sender.scopes if asked.sender else frozenset()
    if beyond := sorted(body.scopes - held):
        errors.append(FieldError(pointer="#/scopes", detail=f"who asks has no {', '.join(beyond)} to give"))
    if no_keys := sorted(body.scopes - OF_KEYS):
        errors.append(FieldError(pointer="#/scopes", detail=f"{', '.join(no_keys)}: of people, never of a key"))
    if body.client_id is not None and (useless := sorted(body.scopes & OPERATORS)):
        errors.append(FieldError(pointer="#/scopes", detail=f"{', '.join(useless)}: never for a client's key"))
    if body.expires_at is not None and body.expires_at <= now:
        errors.append(FieldError(pointer="#/expires_at", detail="has passed"))
    if errors:
        raise invalid("the key cannot be made", errors)


def _found(asked: Asked[Nothing, B], view: KeyView | None) -> KeyView:
    if view is None:
        raise not_found(f"key {asked.path['key_prefix']}")
    return view


def _told(view: KeyView, secret: str, status: HTTPStatus = HTTPStatus.OK) -> web.StreamResponse:
    shown = KeyShown.of(view)
    return reply(KeyMadeShown(**shown.model_dump(), key=f"{shown.prefix}.{secret}"), status)
