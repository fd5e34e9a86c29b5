"""Who asks, from where, and may they?"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address

import structlog
from aiohttp import web

from api.key_form import parts
from api.problems import Problem
from api.scopes import OPERATORS, Scope
from api.service import Service
from api.tls import names_shown
from dialer.ports.store import Key, StoreFailed

USE_NOTED_EVERY = timedelta(minutes=1)

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks, whichever way they are known."""

    name: str
    """Of nobody else: a key's prefix."""
    actor: str
    """As it is written down with what they change."""
    scopes: frozenset[str]
    client_id: str | None
    """The one client whose data they may see; None: every client's."""


SENDER = web.RequestKey("sender", Sender)


async def permitted(
    request: web.Request, scope: Scope | None, service: Service, *, local_is_free: bool
) -> Sender | None:
    """The sender, who may ask; None where nobody is asked who it is.

    Raises:
        Problem: 401 if nobody we know, 403 if they may not.
    """
    if scope is None or (local_is_free and is_local(request)):
        return None
    sender = request[SENDER] = await recognised(request, service)
    if scope not in sender.scopes:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"the key {sender.name} lacks the scope {scope}: use one that was created with --scope {scope}",
            code="scope_missing",
        )
    if scope in OPERATORS and sender.client_id is not None:
        raise Problem(HTTPStatus.FORBIDDEN, "this is about all clients together: use a key of the operator's")
    return sender


def is_local(request: web.Request) -> bool:
    """Whether a program on this machine asks for itself, and not a proxy for somebody else."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    is_near = isinstance(peer, tuple) and ip_address(peer[0]).is_loopback
    return is_near and not any(name in request.headers for name in _FORWARDED)


def origin(request: web.Request, trusted_proxy: str) -> str:
    """The sender's address; behind the proxy that is trusted, the one that it names last, having seen it itself."""
    peer = request.remote or ""
    if trusted_proxy and peer == trusted_proxy:
        named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        with suppress(ValueError):
            return str(ip_address(named))
    return peer


async def recognised(request: web.Request, service: Service) -> Sender:
    """The sender, if what was sent opens anything now; Problem: 401, or 403 for a certificate that is not theirs."""
    key = await _key(request, service)
    if service.wants_certificates:
        await _check_certificate(request, key, service)
    await _note_use(key, service)
    return Sender(key.prefix, f"key:{key.prefix}", key.scopes, key.client_id)


async def _key(request: web.Request, service: Service) -> Key:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    now, known = service.clock.now(), None
    if kind.lower() == "bearer" and (named := parts(token.strip())):
        known = await service.store.key(*named, now)
    if known is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "no key that opens: send `Authorization: Bearer PREFIX.SECRET`, as `dzwonek keys create` shows it; a key "
            "that was revoked or has expired opens nothing",
            headers={"WWW-Authenticate": 'Bearer realm="dzwonek"'},
        )
    return known


async def _check_certificate(request: web.Request, key: Key, service: Service) -> None:
    """A client's key needs a certificate of that client; the operator's, one that stands for no client."""
    names = names_shown(request)
    if names is None:
        because = "the sender showed no certificate"
    else:
        holders = await service.store.holders(names)
        if holders == ({key.client_id} if key.client_id else frozenset()):
            return
        because = "the certificate stands for another client" if holders else "the certificate stands for no client"
    log.warning("certificate_refused", key=key.prefix, because=because)
    raise Problem(
        HTTPStatus.FORBIDDEN,
        f"{because}: keys open over a connection that shows a certificate of the key's client (/v1/certificates)",
        code="certificate_refused",
    )


async def _note_use(key: Key, service: Service) -> None:
    now = service.clock.now()
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
        try:
            await service.store.key_used(key.prefix, now)
        except StoreFailed as error:  # a database that cannot write keeps nobody from reading
            log.warning("key_use_not_noted", key=key.prefix, because=str(error))
