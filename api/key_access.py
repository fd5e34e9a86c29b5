"""Which program asks? It sends a key, and shows the certificate of the key's client where one is wanted."""

from http import HTTPStatus

import structlog
from aiohttp import web

from api.key_form import parts
from api.problems import Problem
from api.sender import Sender
from api.service import Service
from api.tls import TLS, names_shown
from dialer.ports.store import Key, StoreFailed

log = structlog.get_logger(__name__)


async def recognised(request: web.Request, service: Service) -> Sender:
    """Problem: 401, or 403 for a certificate that is not theirs."""
    key = await _key(request, service)
    if service.wants_certificates:
        await _check_certificate(request, key, service)
    await _note_use(key, service)
    return Sender(key.prefix, f"key:{key.prefix}", key.scopes, key.client_id, per_second=key.per_second)


def nobody() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "no key that opens: send `Authorization: Bearer PREFIX.SECRET`, as `dzwonek keys create` shows it; a key "
        "that was revoked or has expired opens nothing. People sign in: POST /v1/sessions",
        headers={"WWW-Authenticate": 'Bearer realm="dzwonek"'},
    )


async def _key(request: web.Request, service: Service) -> Key:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    now, known = service.clock.now(), None
    if kind.lower() == "bearer" and (named := parts(token.strip())):
        known = await service.known_keys.key(service.store, *named, now)
    if known is None:
        raise nobody()
    return known


async def _check_certificate(request: web.Request, key: Key, service: Service) -> None:
    """A client's key needs a certificate of that client; the operator's, one that stands for no client."""
    names, tls = names_shown(request), request.app[TLS]
    if names is None:
        because = "the sender showed no certificate"
    elif tls and (objection := tls.objection(request, service.clock.now())):
        because = objection
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
    if service.known_keys.is_use_to_be_noted(key, now):
        try:
            await service.store.key_used(key.prefix, now)
        except StoreFailed as error:  # a database that cannot write keeps nobody from reading
            log.warning("key_use_not_noted", key=key.prefix, because=str(error))
