import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from dialer.adapters.courier import courier
from dialer.webhooks import Telling
from tests.support.api import Api, Json, api_on, call_list
from tests.support.ear import PATIENCE, RealClock

WEBHOOKS = "/v1/webhooks"
LOOPBACK = [ip_network("127.0.0.0/8")]
BODY = {"url": "https://crm.example/dzwonek"}


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[web.Request]]]:
    """Takes everything that comes; each request's body is read."""
    came: asyncio.Queue[web.Request] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        came.put_nowait(request)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), came


@asynccontextmanager
async def telling(api: Api) -> AsyncIterator[None]:
    async with courier(LOOPBACK) as bringing:
        running = asyncio.create_task(Telling(api.store, bringing, RealClock()).run())
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


async def test_what_is_sent_is_signed_and_says_what_the_feed_says(tmp_path: Path) -> None:
    async with api_on(tmp_path, webhook_networks=LOOPBACK) as api, receiver() as (url, came), telling(api):
        operator = await api.with_campaigns()
        made = await operator.post(WEBHOOKS, json={"url": url, "after": 0})
        assert made.status == 201, made.text
        await operator.send(call_list(20))
        events = (await operator.get("/v1/events")).json["events"]

        for event in events:
            async with asyncio.timeout(PATIENCE):
                request = await came.get()
            said: Any = Webhook(made.json["secret"]).verify(await request.read(), dict(request.headers))
            assert said == {"type": event["type"], "timestamp": event["at"], "data": event}


async def made(api: Api, **changes: Any) -> Json:
    answer = await (await api.holder()).post(WEBHOOKS, json=BODY | changes)
    assert answer.status == 201, answer.text
    found: Json = answer.json
    return found


async def test_a_secret_is_told_once(api: Api) -> None:
    webhook, operator = await made(api), await api.holder()
    assert webhook["secret"].startswith("whsec_")
    for path in (WEBHOOKS, f"{WEBHOOKS}/{webhook['webhook_id']}", "/v1/audit"):
        assert webhook["secret"] not in (await operator.get(path)).text

    rotated = (await operator.post(f"{WEBHOOKS}/{webhook['webhook_id']}/rotate")).json
    assert rotated["secret"] not in ("", webhook["secret"])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://crm.example/", "not encrypted"),
        ("https://127.0.0.1/", "within a network"),
        ("https://[::1]/", "within a network"),
        ("https://169.254.169.254/latest/meta-data", "within a network"),
        ("https://[::ffff:10.0.0.1]/", "within a network"),
        ("https://user:secret@crm.example/", "credentials"),
        ("ftp://crm.example/", "should be like"),
        ("https://crm.example/\n", "should be like"),
        ("https://", "should be like"),
    ],
)
async def test_an_address_that_may_not_be_told_is_refused(api: Api, url: str, why: str) -> None:
    answer = await (await api.holder()).post(WEBHOOKS, json={"url": url})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/url")
    assert why in answer.json["errors"][0]["detail"]
    assert "secret" not in answer.json["errors"][0]["detail"]


async def test_a_clients_webhook_is_its_own(api: Api) -> None:
    client = await api.holder(client_id="CL-ENERGIA")
    assert (await client.post(WEBHOOKS, json=BODY)).json["client_id"] == "CL-ENERGIA"
    refused = await client.post(WEBHOOKS, json=BODY | {"client_id": "CL-TELKO"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "#/client_id")


async def test_it_is_paused_changed_and_replayed(api: Api) -> None:
    webhook, operator = await made(api), await api.holder()
    address = f"{WEBHOOKS}/{webhook['webhook_id']}"

    paused = await operator.ask("PATCH", address, json={"paused": True, "types": ["case.settled"]})
    assert (paused.json["state"], paused.json["types"], paused.json["url"]) == ("paused", ["case.settled"], BODY["url"])
    back = await operator.ask("PATCH", address, json={"paused": False, "types": []})
    assert (back.json["state"], back.json["types"]) == ("active", [])
    assert (await operator.post(f"{address}/replay", json={"after": 0})).json["told"] == 0
    assert (await operator.get(f"{address}/dead-letters")).json == {"dead_letters": [], "next": None}

    assert (await operator.ask("DELETE", address)).status == 200
    assert (await operator.get(address)).status == 404


async def test_it_shows_how_far_it_has_been_told(api: Api) -> None:
    operator = await api.with_campaigns()
    webhook = await made(api, after=0)
    await operator.send(call_list(20))
    shown = (await operator.get(f"{WEBHOOKS}/{webhook['webhook_id']}")).json
    assert (shown["told"], shown["last"] > 0, shown["tries"], shown["next_at"]) == (0, True, 0, None)
