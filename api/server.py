"""Where does the API listen, and how is a peer answered that does not even speak HTTP?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web

from api.app import connection_bounds, create_app
from api.handshake import Handshakes
from api.journal import next_id, signed
from api.problems import REQUEST_ID, Problem, response, trace
from api.service import ApiLimits, Service
from api.tls import Tls

SHUTDOWN = timedelta(seconds=5)  # how long requests may go on when the engine stops

log = structlog.get_logger(__name__)


@asynccontextmanager
async def serving(service: Service, host: str, port: int, tls: Tls | None = None) -> AsyncIterator[tuple[str, int]]:
    """Serve for as long as the block runs; gives the address, with the real port also if 0 was asked for.

    Raises:
        OSError: the address cannot be listened on.
    """
    app = create_app(service, tls=tls)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=SHUTDOWN.total_seconds())
    await runner.setup()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        if runner.server is None:
            raise RuntimeError("the runner was set up and has no server")
        server, limits = runner.server, service.limits
        if tls:
            shaking = Handshakes(tls, partial(_converse, server, limits), partial(_is_full, server, limits))
            yield await stack.enter_async_context(shaking.listening(host, port))
        else:
            meet = partial(_meet, server, limits)
            listening = await asyncio.get_running_loop().create_server(meet, host, port)
            stack.callback(listening.close)
            address, bound, *_ = listening.sockets[0].getsockname()
            yield address, bound


def _is_full(server: web.Server, limits: ApiLimits, beginning: int = 0) -> bool:
    """Whether there is no room for one more; ``beginning``: of those whose handshake goes on."""
    is_full = len(server.connections) + beginning >= limits.connections
    if is_full:
        log.warning("connection_refused", because="too many are open")
    return is_full


def _meet(server: web.Server, limits: ApiLimits) -> asyncio.Protocol:
    """Whoever connects; one more than there is room for is sent away."""
    return _Full() if _is_full(server, limits) else _converse(server, limits)


def _converse(server: web.Server, limits: ApiLimits) -> asyncio.Protocol:
    return _Conversation(server, loop=asyncio.get_running_loop(), **connection_bounds(limits))


class _Full(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Conversation(web.RequestHandler):
    """aiohttp's side of a connection; what it would tell of errors, with the request's bytes in it, is told our way."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if request.writer.output_size:
            raise ConnectionResetError("the answer could not be completed") from exc
        request[REQUEST_ID] = next_id()
        log.warning("request_garbled", peer=request.remote, kind=type(exc).__name__, request_id=request[REQUEST_ID])
        refusal = Problem(
            HTTPStatus(status), "this is no HTTP request that can be read, or its head is too long: send it anew"
        )
        answer = response(refusal, request[REQUEST_ID])
        signed(request, answer)
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **kw: Any) -> None:
        error = kw.get("exc_info")
        log.error("unexpected", **(trace(error) if isinstance(error, BaseException) else {}))
