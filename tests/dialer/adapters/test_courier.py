"""Does the courier go where it may, and nowhere else, and come back from whatever it meets?"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from dialer.adapters.courier import courier
from dialer.core.webhooks import Answered
from tests.support.ear import PATIENCE

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]
SOON = timedelta(seconds=0.3)
BODY, HEADERS = '{"ł": 1}'.encode(), {"webhook-id": "evt_1", "content-type": "application/json"}

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Told:
    requests: list[tuple[str, bytes, str]] = field(default_factory=list)


@asynccontextmanager
async def receiver(reply: Reply) -> AsyncIterator[tuple[str, Told]]:
    told = Told()

    async def take(request: web.Request) -> web.StreamResponse:
        told.requests.append((request.path, await request.read(), request.headers["webhook-id"]))
        return await reply(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), told


async def taken(_: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


class Names(AbstractResolver):
    """Leads names to one address after another, as a hostile name server may."""

    def __init__(self, *addresses: str) -> None:
        self.left = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


async def brought(url: str, *addresses: str, allowed: bool = True) -> Answered:
    names = Names(*addresses) if addresses else None
    async with courier(LOOPBACK if allowed else [], names, SOON) as bringing, asyncio.timeout(PATIENCE):
        return await bringing.bring(url, BODY, HEADERS)


async def test_it_brings_the_body_as_it_was_signed() -> None:
    async with receiver(taken) as (url, told):
        assert await brought(url) == Answered(204)
    assert told.requests == [("/", BODY, "evt_1")]


async def test_a_redirect_is_not_followed() -> None:
    async def redirect(request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with receiver(redirect) as (url, told):
        answered = await brought(url)
    assert (answered.status, "redirects are not followed" in answered.reason) == (307, True)
    assert [path for path, _, _ in told.requests] == ["/"]


async def test_a_receiver_that_hangs_is_given_up() -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async with receiver(hang) as (url, _):
        assert await brought(url) == Answered(None, "did not answer in time")


async def test_an_endless_answer_is_not_read() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * (1 << 16))

    async with receiver(endless) as (url, _):
        assert (await brought(url)).status == 200


async def test_who_closes_without_an_answer_is_told_again() -> None:
    async def close(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with receiver(close) as (url, _):
        answered = await brought(url)
    assert (answered.status, answered.reason) == (None, "closed the connection without an answer")


async def test_where_nobody_listens_nothing_is_told() -> None:
    with socket.socket() as taken_port:
        taken_port.bind(("127.0.0.1", 0))
        answered = await brought(f"http://127.0.0.1:{taken_port.getsockname()[1]}/")
    assert answered.status is None
    assert "cannot be connected" in answered.reason


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0x7f.1", "localhost"]
)
async def test_no_way_of_writing_our_own_address_leads_within(host: str) -> None:
    async with receiver(taken) as (url, told):
        for scheme in ("http", "https"):
            port = url.rstrip("/").rpartition(":")[2]
            answered = await brought(f"{scheme}://{host}:{port}/", allowed=False)
            assert answered.status is None
    assert told.requests == []


async def test_a_name_that_leads_elsewhere_a_moment_later_is_judged_each_time() -> None:
    async with receiver(taken) as (url, told):
        port = url.rstrip("/").rpartition(":")[2]
        names = Names("93.184.216.34", "127.0.0.1")
        await names.resolve("crm.example")  # whoever had looked before would have seen a public address
        async with courier([], names, SOON) as bringing:
            answered = await bringing.bring(f"https://crm.example:{port}/", BODY, HEADERS)
    assert (answered.status, "may not be told" in answered.reason) == (None, True)
    assert told.requests == []


async def test_whoever_chose_a_name_is_not_told_where_it_leads_within_our_network() -> None:
    with capture_logs() as lines:
        answered = await brought("https://intranet.example/", "10.1.2.3")
    assert answered.reason == "intranet.example leads to a network that may not be told of events"
    assert [(line["event"], line["address"]) for line in lines] == [("webhook_forbidden", "10.1.2.3")]


async def test_the_world_is_told_over_https_only() -> None:
    answered = await brought("http://crm.example/", "93.184.216.34")
    assert (answered.status, "may not be told" in answered.reason) == (None, True)


@pytest.mark.parametrize("url", ["ftp://crm.example/", "http://", "", "http://[", "/relative"])
async def test_what_is_no_address_is_told_as_such(url: str) -> None:
    assert (await brought(url)).status is None
