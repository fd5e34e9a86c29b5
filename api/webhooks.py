"""Who wants to be told of events, and how far have they been told?"""

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from yarl import URL

from api.operations import Answer, Asked, B, Nothing, Q, operation, reply
from api.pages import ClientId, Limit, going_on
from api.problems import FieldError, invalid, not_found
from dialer.core.feed import EventType
from dialer.core.webhooks import WebhookState, may_be_told, new_secret
from dialer.ports.store import DeadLetter, Webhook, WebhookChange

BOTH_SIGN_FOR = timedelta(days=1)

log = structlog.get_logger(__name__)

Target = Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=500, examples=["https://crm.example/dzwonek"])]
EventNumber = Annotated[int, Field(ge=0, lt=1 << 63)]


class WebhooksQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: EventNumber = Field(default=0, description="the last webhook_id of the page before")
    limit: Limit = 100


class WebhookBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Target = Field(description="https; http only within networks that DZWONEK_WEBHOOK_NETWORKS names")
    types: set[EventType] = Field(default_factory=set, description="only these; empty: all")
    client_id: ClientId | None = Field(
        default=None, description="whose events; null: every client's, with a key of the operator's, else the key's own"
    )
    after: EventNumber | None = Field(default=None, description="tell what comes behind this number; null: from now on")


class WebhookChangeBody(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: Target | None = None
    types: set[EventType] | None = Field(default=None, description="only these; empty: all")
    paused: bool | None = Field(default=None, description="false: go on, also after the receiver answered 410")


class ReplayBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: EventNumber = Field(description="tell again whatever comes behind this number")


class LettersQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: EventNumber = Field(default=0, description="the last `seq` of the page before")
    limit: Limit = 100


class WebhookShown(BaseModel):
    webhook_id: int
    client_id: str | None = Field(description="null: every client's events, and the installation's")
    url: str = Field(examples=["https://crm.example/dzwonek"])
    types: list[EventType] = Field(description="empty: all")
    state: WebhookState
    created_at: datetime
    told: int = Field(description="the number of the last event that was delivered, passed over or given up")
    last: int = Field(description="the number of the last event there is for it, of whatever type")
    tries: int = Field(description="of the event that is due now")
    tried_since: datetime | None
    next_at: datetime | None = Field(description="when it is tried again; null: as soon as there is something to tell")
    because: str | None = Field(description="why the last try failed")

    @classmethod
    def of(cls, webhook: Webhook, last: int) -> Self:
        return cls(
            webhook_id=webhook.id,
            client_id=webhook.client_id,
            url=webhook.url,
            types=sorted(webhook.types or ()),
            state=webhook.state,
            created_at=webhook.created_at,
            told=webhook.told,
            last=last,
            tries=webhook.tries,
            tried_since=webhook.tried_since,
            next_at=webhook.next_at,
            because=webhook.because,
        )


class WebhooksShown(BaseModel):
    webhooks: list[WebhookShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class WebhookMadeShown(WebhookShown):
    secret: str = Field(description="verifies the signatures (Standard Webhooks); it is never shown again")


class LetterShown(BaseModel):
    """An event that the receiver did not take for days; it was told of later ones instead."""

    seq: int
    tries: int
    because: str
    given_up_at: datetime

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        return cls(seq=letter.seq, tries=letter.tries, because=letter.because, given_up_at=letter.given_up_at)


class LettersShown(BaseModel):
    dead_letters: list[LetterShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation("List the webhooks", {HTTPStatus.OK: Answer("A page, by id.", WebhooksShown)})
async def list_all(asked: Asked[WebhooksQuery, Nothing]) -> web.StreamResponse:
    query, store, now = asked.query, asked.service.store, asked.service.clock.now()
    found = await store.webhooks(asked.client_id, query.after, query.limit, now)
    shown = [WebhookShown.of(each, await store.last_event(each.client_id)) for each in found]
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(WebhooksShown(webhooks=shown, next=following))


@operation("See a webhook", {HTTPStatus.OK: Answer("The webhook, and how far it has been told.", WebhookShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(await _shown(asked, await _visible(asked)))


@operation(
    "Be told of events",
    {HTTPStatus.CREATED: Answer("The webhook, with its secret.", WebhookMadeShown)},
    tells_secret=True,
)
async def make(asked: Asked[Nothing, WebhookBody]) -> web.StreamResponse:
    """Each event is sent as POST, signed (Standard Webhooks), in the order of the feed, until it is answered with 2xx.

    An event that comes twice has the same `webhook-id`. What is not taken is tried again for three days, then kept as a
    dead letter. 410 ends it.
    """
    body, service, now = asked.body, asked.service, asked.service.clock.now()
    _check_url(asked, body.url)
    if asked.client_id not in (None, body.client_id or asked.client_id):
        detail = f"the key speaks for {asked.client_id} only"
        raise invalid("the webhook cannot be kept", [FieldError(pointer="#/client_id", detail=detail)])
    client, secret = body.client_id or asked.client_id, new_secret(secrets.token_bytes)
    made = await service.store.add_webhook(client, body.url, body.types, secret, body.after, asked.actor, now)
    log.info("webhook_created", webhook=made.id, client=client)
    return await _told(asked, made, secret, HTTPStatus.CREATED)


@operation("Change a webhook, pause it, or go on", {HTTPStatus.OK: Answer("The webhook.", WebhookShown)})
async def change(asked: Asked[Nothing, WebhookChangeBody]) -> web.StreamResponse:
    """With another address, or after a pause, what is due is tried at once."""
    found, body = await _visible(asked), asked.body
    if body.url is not None:
        _check_url(asked, body.url)
    wanted = WebhookChange(body.url, body.types, body.paused)
    changed = await asked.service.store.change_webhook(found.id, wanted, asked.actor, asked.service.clock.now())
    return reply(await _shown(asked, changed))


@operation(
    "Give a webhook another secret",
    {HTTPStatus.OK: Answer("The webhook, with its new secret.", WebhookMadeShown)},
    tells_secret=True,
)
async def rotate(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """For a day what is sent is signed with both, so that the receiver can change over without a gap."""
    found, now, secret = await _visible(asked), asked.service.clock.now(), new_secret(secrets.token_bytes)
    rotated = await asked.service.store.rotate_webhook(found.id, secret, now + BOTH_SIGN_FOR, asked.actor, now)
    return await _told(asked, rotated, secret)


@operation("Tell events again", {HTTPStatus.OK: Answer("The webhook, which begins anew from there.", WebhookShown)})
async def replay(asked: Asked[Nothing, ReplayBody]) -> web.StreamResponse:
    """In order, under the same ids; also dead letters behind that number."""
    found, now = await _visible(asked), asked.service.clock.now()
    replayed = await asked.service.store.replay_webhook(found.id, asked.body.after, asked.actor, now)
    return reply(await _shown(asked, replayed))


@operation("Tell no more", {HTTPStatus.OK: Answer("The webhook as it was.", WebhookShown)})
async def remove(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """What is on its way may still arrive. Its dead letters go with it."""
    found = await _visible(asked)
    shown = await _shown(asked, found)
    await asked.service.store.remove_webhook(found.id, asked.actor, asked.service.clock.now())
    return reply(shown)


@operation("See what could not be told", {HTTPStatus.OK: Answer("A page, by number.", LettersShown)})
async def letters(asked: Asked[LettersQuery, Nothing]) -> web.StreamResponse:
    found, query = await _visible(asked), asked.query
    page = await asked.service.store.dead_letters(found.id, query.after, query.limit)
    following = going_on(asked.request, query, page[-1].seq) if len(page) == query.limit else None
    return reply(LettersShown(dead_letters=[LetterShown.of(each) for each in page], next=following))


async def _visible(asked: Asked[Q, B]) -> Webhook:
    """The webhook of the address; to a client, another client's and the operator's do not exist."""
    webhook_id = asked.path["webhook_id"]
    found = await asked.service.store.webhook(webhook_id, asked.service.clock.now())
    if found is None or asked.client_id not in (None, found.client_id):
        raise not_found(f"webhook {webhook_id}")
    return found


def _check_url(asked: Asked[Q, B], text: str) -> None:
    """An address is judged here, a name whenever it is connected to."""
    try:
        url, allowed = URL(text), asked.service.webhook_networks
        problem = None if url.host else "has no host"
        if url.user or url.password:
            problem = "holds credentials: the signature shows that it is us"
        elif url.scheme == "http" and not allowed:
            problem = "is not encrypted: use https"
    except ValueError:
        problem = "is no address"
    if problem is None:
        try:
            address = ip_address(url.host or "")
        except ValueError:
            return
        if not may_be_told(address, allowed, is_encrypted=url.scheme == "https"):
            problem = "is within a network that may not be told: see DZWONEK_WEBHOOK_NETWORKS"
    if problem is not None:
        raise invalid("the webhook cannot be kept", [FieldError(pointer="#/url", detail=problem)])


async def _shown(asked: Asked[Q, B], webhook: Webhook) -> WebhookShown:
    return WebhookShown.of(webhook, await asked.service.store.last_event(webhook.client_id))


async def _told(
    asked: Asked[Q, B], webhook: Webhook, secret: str, status: HTTPStatus = HTTPStatus.OK
) -> web.StreamResponse:
    shown = await _shown(asked, webhook)
    return reply(WebhookMadeShown(**shown.model_dump(), secret=secret), status)
