"""What is written down of each request?

One line: address as a pattern, never as it was asked (a query may name a case), so that the log holds nobody's data.
"""

import secrets
from http import HTTPStatus
from itertools import count
from time import monotonic

import structlog
from aiohttp import web

from api.access import origin
from api.operations import METRICS, SERVICE
from api.problems import REQUEST_ID, Handler
from api.sender import SENDER
from dialer.ports.origin import ORIGIN

log = structlog.get_logger(__name__)

SERVER = "Dzwonek"  # and not which versions of what are running
CLIENT_LEFT = 499  # no status that is sent: for the log and the figures
_PROCESS = secrets.token_hex(4)
_requests = count()  # the operating system's random numbers let other threads in: a request would wait for them
_QUIET = frozenset({"/health", "/metrics"})  # asked every few seconds


@web.middleware
async def journal(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives the request its id, and writes its line once it is answered."""
    request[REQUEST_ID] = next_id()
    begun = monotonic()
    status = CLIENT_LEFT
    ORIGIN.set(origin(request, request.app[SERVICE].trusted_proxy))
    with structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID]):
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            _write(request, status, monotonic() - begun)


def next_id() -> str:
    """Of a request: no two have the same."""
    return f"{_PROCESS}{next(_requests):08x}"


async def sign(request: web.BaseRequest, response: web.StreamResponse) -> None:
    signed(request, response)


def signed(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """What every answer carries."""
    if request_id := request.get(REQUEST_ID):
        response.headers["X-Request-Id"] = request_id
    response.headers["Server"] = SERVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")


def _write(request: web.Request, status: int, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource else ""
    request.app[METRICS].answered(route or "none", status)
    write = log.debug if route in _QUIET and status < HTTPStatus.BAD_REQUEST else log.info
    sender = request.get(SENDER)
    write(
        "request",
        method=request.method if route else None,
        route=route or None,
        status=status,
        ms=round(seconds * 1000, 1),
        by=sender.actor if sender else None,
        peer=ORIGIN.get(),
    )
