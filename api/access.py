"""Who asks, from where, and may they? Programs with keys and people with sessions are permitted in the same place."""

from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address

import structlog
from aiohttp import web

from api import key_access, session_access
from api.problems import Problem
from api.scopes import OPERATORS, Scope
from api.sender import SENDER, Sender
from api.service import Service
from dialer.ports.store import StoreFailed

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger(__name__)


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
    if refusal := _refusal(request, scope, sender):
        raise refusal
    if sender.is_person and request.method not in _SAFE:
        session_access.check_meant(request)
    return sender


def _refusal(request: web.Request, scope: Scope, sender: Sender) -> Problem | None:
    if scope not in sender.scopes:
        return Problem(HTTPStatus.FORBIDDEN, _lacks(sender, scope), code="scope_missing")
    if sender.owes and scope is not Scope.ACCOUNT:
        return Problem(HTTPStatus.FORBIDDEN, f"{sender.owes.value}: see /v1/me", code=sender.owes.name.lower())
    if scope in OPERATORS and sender.client_id is not None:
        return Problem(HTTPStatus.FORBIDDEN, "this is about all clients together: use a key of the operator's")
    if sender.agent_id is not None and request.match_info.get("agent_id", sender.agent_id) != sender.agent_id:
        return Problem(HTTPStatus.FORBIDDEN, f"you are agent {sender.agent_id}, and nobody else", code="other_agent")
    return None


def _lacks(sender: Sender, scope: Scope) -> str:
    if sender.is_person:
        return f"your role lacks the scope {scope}: ask an admin"
    return f"the key {sender.name} lacks the scope {scope}: use one that was created with --scope {scope}"


def is_local(request: web.Request) -> bool:
    """Whether a program on this machine asks for itself, and not a proxy for somebody else."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    is_near = isinstance(peer, tuple) and ip_address(peer[0]).is_loopback
    return is_near and not any(name in request.headers for name in _FORWARDED)


def origin(request: web.Request, trusted_proxy: str) -> str:
    """The sender's address; behind the proxy that is trusted, the one that it names last, having seen it itself."""
    peer = request.remote or ""
    if trusted_proxy and peer == trusted_proxy:
        lines = request.headers.getall("X-Forwarded-For", [""])  # some proxies add a line of their own
        named = lines[-1].rpartition(",")[2].strip()
        with suppress(ValueError):
            return str(ip_address(named))
    return peer


async def recognised(request: web.Request, service: Service, *, is_use: bool = True) -> Sender:
    """The sender, if what was sent opens anything now; ``is_use``: this keeps a session from ending.

    Raises:
        Problem: 401, or 403 for a certificate that is not theirs.
    """
    if "Authorization" in request.headers:
        return await key_access.recognised(request, service)
    if sender := await session_access.recognised(request, service, is_use=is_use):
        return sender
    raise key_access.nobody()


async def may_go_on(request: web.Request, service: Service) -> bool:
    """Whether what opened a long answer still opens anything; that it is asked keeps no session from ending."""
    try:
        await recognised(request, service, is_use=False)
    except Problem:
        return False
    except StoreFailed:  # takes nobody's screen away in the middle of a call
        log.warning("sender_not_asked_again")
    return True
