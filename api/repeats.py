"""Was this very request carried out before, and how was it answered?

A sender whose connection breaks cannot know whether its request was carried out. It names each in ``Idempotency-Key``
and repeats it under the same name: what was carried out is not carried out again, but answered as it was.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import TypeVar

import structlog
from aiohttp import web

from api.body import DIGEST, read_all, spooled
from api.files import give
from api.problems import RETRY_AFTER, Problem
from api.sender import Sender
from api.service import Service
from dialer.ports.store import KeptAnswer, NamedRequest, Repeated, StoreFailed

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(days=1)
LEAVING = timedelta(minutes=5)  # a request that takes longer than an upload may, and this, has ended with its process

_NAME = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def once(
    request: web.Request,
    service: Service,
    sender: Sender | None,
    perform: Callable[[], Awaitable[web.StreamResponse]],
    *,
    is_upload: bool,
    tells_secret: bool,
) -> web.StreamResponse:
    """Perform it, or answer as before if its sender gave it a name that was used before.

    An answer that refuses is not kept: nothing was changed, so the request may be mended and sent under the same name.

    Raises:
        Problem: 409 it is being carried out, 422 the name was used for another request.
    """
    name = request.headers.get(HEADER)
    if name is not None and not _NAME.fullmatch(name):
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"{HEADER} is 1 to 255 printable ASCII characters without blanks: send a fresh UUID"
        )
    if sender is None or name is None:  # names are a sender's own: those whom nobody knows have none
        return await perform()
    named, now = _named(request, sender, name), service.clock.now()
    repeated = await service.store.begin_request(named, now, now + service.limits.upload + LEAVING)
    if repeated is not None:
        return await _again(request, service, named, repeated, is_upload=is_upload)
    is_done = False
    try:
        response = await perform()
        is_done = response.status < HTTPStatus.BAD_REQUEST
    finally:
        if not is_done:
            await service.store.forget_request(named)
    if is_done:
        await _keep(request, service, named, response, tells_secret=tells_secret)
    return response


async def long_answer(request: web.Request, service: Service, media: str, parts: Iterable[bytes]) -> web.StreamResponse:
    """An answer that is given in parts, so that making it holds up no call; whole where it is kept."""
    if HEADER in request.headers:
        body = bytearray()
        for part in parts:
            body += part
            await asyncio.sleep(0)
        return web.Response(body=bytes(body), headers={"Content-Type": media})
    response = web.StreamResponse(headers={"Content-Type": media})
    await response.prepare(request)
    for part in parts:
        await give(response, part, service.limits.silence)
    await response.write_eof()
    return response


def _named(request: web.Request, sender: Sender, name: str) -> NamedRequest:
    address = f"{request.method} {request.path_qs}"
    return NamedRequest(sender.name, name, sha256(address.encode()).hexdigest())


async def _again(
    request: web.Request, service: Service, named: NamedRequest, repeated: Repeated, *, is_upload: bool
) -> web.StreamResponse:
    answer = repeated.answer
    if repeated.address != named.address:
        raise _of_another()
    if answer is None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "a request of this name is being carried out now: send the same again in a moment",
            code="request_in_progress",
            headers={"Retry-After": RETRY_AFTER},
        )
    if await _digest(request, service, is_upload=is_upload) != answer.body_digest:
        raise _of_another()
    if answer.body is None:
        raise Problem(
            HTTPStatus.CONFLICT,
            "it was carried out, and its answer held a secret that is told once: look what there is, and make another",
            code="answered_before",
        )
    return web.Response(status=answer.status, body=answer.body, headers={**answer.headers, REPLAYED: "true"})


def _of_another() -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"this {HEADER} was used for another request within a day: send a fresh one",
        code="request_name_used",
    )


async def _digest(request: web.Request, service: Service, *, is_upload: bool) -> str:
    """Of the body, which may have been read before."""
    if DIGEST in request:
        return request[DIGEST]
    if not is_upload:
        return sha256(await read_all(request, service.limits)).hexdigest()
    async with spooled(request, service.spool, service.limits.list_rows, service.limits) as body:
        return body.digest


async def _keep(
    request: web.Request, service: Service, named: NamedRequest, response: web.StreamResponse, *, tells_secret: bool
) -> None:
    body = response.body if isinstance(response, web.Response) else None
    kept = KeptAnswer(
        body_digest=await _digest(request, service, is_upload=False),
        status=response.status,
        headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        body=bytes(body) if isinstance(body, bytes | bytearray) and not tells_secret else None,
    )
    try:
        await service.store.keep_answer(named, kept, service.clock.now() + KEPT_FOR)
    except StoreFailed as error:  # it was carried out, and is answered; a repetition is told to wait
        log.warning("answer_not_kept", because=str(error))
