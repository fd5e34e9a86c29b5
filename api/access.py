"""Who asks, from where, and may they?"""

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address

import structlog
from aiohttp import web

from api.key_form import parts
from api.problems import Problem
from api.scopes import OPERATORS, Scope
from api.service import Service
from dialer.ports.store import Key, StoreFailed

KEY = web.RequestKey("key", Key)
USE_NOTED_EVERY = timedelta(minutes=1)

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")

log = structlog.get_logger(__name__)


async def permitted(request: web.Request, scope: Scope | None, service: Service, *, local_is_free: bool) -> Key | None:
    """The key of a sender who may ask; None where none is needed.

    Raises:
        Problem: 401 without a key that opens, 403 if it lacks the scope.
    """
    if scope is None or (local_is_free and is_local(request)):
        return None
    key = request[KEY] = await opened(request, service)
    await _note_use(key, service)
    if scope not in key.scopes:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"the key {key.prefix} lacks the scope {scope}: use one that was created with --scope {scope}",
            code="scope_missing",
        )
    if scope in OPERATORS and key.client_id is not None:
        raise Problem(HTTPStatus.FORBIDDEN, "this is about all clients together: use a key of the operator's")
    return key


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


async def opened(request: web.Request, service: Service) -> Key:
    """The key that was sent, if it opens anything now; Problem: 401."""
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


async def _note_use(key: Key, service: Service) -> None:
    now = service.clock.now()
    if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
        try:
            await service.store.key_used(key.prefix, now)
        except StoreFailed as error:  # a database that cannot write keeps nobody from reading
            log.warning("key_use_not_noted", key=key.prefix, because=str(error))
