"""Who asks, and may they?"""

from http import HTTPStatus
from ipaddress import ip_address

from aiohttp import web

from api.keys import parts
from api.problems import Problem
from api.scopes import OPERATORS, Scope
from dialer.ports.store import Key, Keys

KEY = web.RequestKey("key", Key)

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


async def permitted(request: web.Request, scope: Scope | None, keys: Keys, *, local_is_free: bool) -> Key | None:
    """The key of a sender who may ask; None where none is needed.

    Raises:
        Problem: 401 without a key that is known, 403 if it lacks the scope.
    """
    if scope is None or (local_is_free and is_local(request)):
        return None
    key = request[KEY] = await _key(request, keys)
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


async def _key(request: web.Request, keys: Keys) -> Key:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    known = None
    if kind.lower() == "bearer" and (named := parts(token.strip())):
        known = await keys.key(*named)
    if known is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "no key that is known: send `Authorization: Bearer PREFIX.SECRET`, as `dzwonek keys create` shows it",
            headers={"WWW-Authenticate": 'Bearer realm="dzwonek"'},
        )
    return known
