import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import ROUTES
from api.openapi import document
from api.operations import SHORT
from api.service import ApiLimits
from dialer.core.rates import Rate
from tests.support.api import Client, Said, api_on

SLOW = Rate(0.5, 3)  # the clock of these tests goes by milliseconds


async def ask(client: Client, times: int) -> list[Said]:
    return [await client.get("/v1/campaigns") for _ in range(times)]


async def test_whoever_asks_too_often_is_told_how_long_to_wait(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(rate=SLOW)) as api:
        one, other = await api.holder(), await api.holder()
        answers = await ask(one, 5)
        assert [each.status for each in answers] == [200, 200, 200, 429, 429]
        refused = answers[-1]
        assert (refused.json["code"], refused.headers["Retry-After"]) == ("too_many", "2")
        assert [each.status for each in await ask(other, 2)] == [200, 200]


@pytest.mark.parametrize("of_all", [None, Rate(0.5, 1)])
async def test_a_key_may_have_a_rate_of_its_own(tmp_path: Path, of_all: Rate | None) -> None:
    async with api_on(tmp_path, ApiLimits(rate=of_all)) as api:
        body = {"scopes": ["campaigns:read"], "label": "CRM", "requests_per_second": 1.5}
        made = (await (await api.holder()).post("/v1/keys", json=body)).json

        assert made["requests_per_second"] == 1.5
        assert [each.status for each in await ask(api.with_token(made["key"]), 4)] == [200, 200, 200, 429]


async def test_a_key_asks_more_often_as_soon_as_it_may(tmp_path: Path) -> None:
    async with api_on(tmp_path) as api:
        operator, holder = await api.holder(), await api.holder()
        address = f"/v1/keys/{(holder.token or '').partition('.')[0]}"

        async def may_ask(per_second: float | None) -> list[int]:
            paced = await operator.ask("PATCH", address, json={"requests_per_second": per_second})
            assert (paced.status, paced.json["requests_per_second"]) == (200, per_second)
            return [each.status for each in await ask(holder, 3)]

        assert await may_ask(0.5) == [200, 429, 429]
        assert await may_ask(None) == [200, 200, 200]
        assert (await operator.get(address)).json["requests_per_second"] is None


@pytest.mark.parametrize("rate", [0, -1, "often", 1e9])
async def test_a_rate_that_makes_no_sense_is_refused(tmp_path: Path, rate: object) -> None:
    async with api_on(tmp_path) as api:
        operator = await api.holder()
        address = f"/v1/keys/{(operator.token or '').partition('.')[0]}"
        answer = await operator.ask("PATCH", address, json={"requests_per_second": rate})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/requests_per_second")
        missing = await operator.ask("PATCH", "/v1/keys/dz000000000000", json={"requests_per_second": 1})
        assert missing.status == 404


async def test_monitoring_without_a_key_is_not_put_off(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(rate=Rate(0.5, 1))) as api:
        stranger = api.stranger()
        assert {(await stranger.get("/metrics")).status for _ in range(5)} == {200}


async def test_few_long_jobs_of_one_key_go_on_at_once(tmp_path: Path) -> None:
    async with api_on(tmp_path, ApiLimits(long_jobs=1, all_long_jobs=2)) as api:
        one, other, third = [await api.holder() for _ in range(3)]
        ends = asyncio.Event()

        async def slow(client: Client) -> Said:
            async def sent() -> AsyncIterator[bytes]:
                yield b"case_id\n"
                await ends.wait()

            async with asyncio.timeout(10):
                while (answer := await client.send(sent())).status == 429:  # the one that asks was quicker
                    pass
                return answer

        async def refused_to(client: Client) -> Said:
            """Its first refusal; the long job of somebody may be a moment on its way."""
            async with asyncio.timeout(10):
                while (answer := await client.get("/v1/exports/cases")).status == 200:
                    pass
                return answer

        first = asyncio.create_task(slow(one))
        refused = await refused_to(one)
        assert (refused.status, refused.json["code"]) == (429, "too_many_at_once")
        assert refused.headers["Retry-After"] == "5"
        assert (await one.get("/v1/campaigns")).status == 200
        assert (await other.get("/v1/exports/cases")).status == 200
        second = asyncio.create_task(slow(other))
        assert (await refused_to(third)).status == 429
        ends.set()
        await asyncio.gather(first, second)
        assert (await one.get("/v1/exports/cases")).status == 200


async def test_who_has_paid_is_not_kept_waiting_by_long_jobs(tmp_path: Path) -> None:
    payment = {"client_id": "CL-ENERGIA", "case_id": "EN/1", "balance": "0.00", "currency": "PLN", "version": 1}
    body = json.dumps({"balances": [payment]}).encode()
    async with api_on(tmp_path, ApiLimits(long_jobs=0)) as api:
        holder = await api.holder()

        async def sent(body: bytes, **packed: str) -> int:
            headers = {"Content-Type": "application/json", **packed}
            return (await holder.ask("POST", "/v1/balances", headers, data=body)).status

        assert await sent(body) == 200
        assert await sent(gzip.compress(body), **{"Content-Encoding": "gzip"}) == 429  # who knows what is in it
        assert await sent(body + b" " * SHORT) == 429


def test_every_address_that_asks_who_it_is_says_that_it_may_put_off() -> None:
    described = json.loads(document(ROUTES, "1"))["paths"]
    for route in ROUTES:
        answers = described[route.path][route.method.lower()]["responses"]
        asks = route.scope is not None or route.is_unsafe  # to sign in, for one
        assert ("429" in answers) is asks, route.path
        if asks:
            assert "Retry-After" in answers["429"]["headers"]
