"""How fast is the HTTP interface, beside a bare aiohttp handler that answers the same bytes?

    python -m bench.http [--seconds 2]

Sixteen askers share one process with the server, so a rate is what both cost together; the bare server is asked in
turn in the same process, and only the ratio says something. Receivers of webhooks and readers of exports live there,
too.
"""

import argparse
import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network
from itertools import count
from pathlib import Path

import structlog
import uvloop
from aiohttp import web
from aiohttp.test_utils import TestServer

from dialer.__main__ import SWITCH_INTERVAL
from dialer.adapters.courier import courier
from dialer.adapters.store.feed import append
from dialer.core.feed import EventType, FeedEvent
from dialer.webhooks import Telling
from tests.support.api import NOON, Api, Client, api_on, call_list, one_call
from tests.support.ear import RealClock

ASKERS = 16
ROUNDS = 2
EVENTS = 5_000
ROWS = 20_000

Ask = Callable[[], Awaitable[object]]


async def rate(ask: Ask, seconds: float) -> tuple[float, float, float]:
    """Answers a second, the 99th of a hundred in ms, and processor time for each in µs, the asker's too."""
    took: list[float] = []
    end, used = time.perf_counter() + seconds, time.process_time()

    async def asker() -> None:
        while (began := time.perf_counter()) < end:
            await ask()
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(asyncio.create_task(asker()) for _ in range(ASKERS)))
    used = time.process_time() - used
    return len(took) / seconds, statistics.quantiles(took, n=100)[98] * 1000, used / len(took) * 1e6


async def requests(api: Api, operator: Client, seconds: float) -> None:
    await operator.send(call_list(60))
    attempt = await one_call(api, answered_for=timedelta(seconds=9))
    wishes = count()

    async def wish() -> None:
        answer = await operator.post("/v1/suppressions", json={
            "client_id": "CL-ENERGIA", "debtor_id": f"X-{next(wishes)}", "reason": "objection"})  # fmt: skip
        assert answer.status == 201, answer.text

    async def payment() -> None:
        row = {
            "client_id": "CL-ENERGIA",
            "case_id": f"X/{next(wishes)}",
            "balance": "0",
            "currency": "PLN",
            "version": 1,
        }
        answer = await operator.post("/v1/balances", json={"balances": [row]})
        assert answer.status == 200, answer.text

    def got(address: str) -> Ask:
        async def get() -> None:
            answer = await operator.get(address)
            assert answer.status == 200, answer.text

        return get

    said = (await operator.get("/v1/campaigns/EN-OVERDUE")).text.encode()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=said, content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/campaigns/EN-OVERDUE", answer)
    async with TestServer(app) as server:
        bare = Client(api.session, str(server.make_url("")).rstrip("/"), None)

        async def nothing() -> None:
            await bare.get("/v1/campaigns/EN-OVERDUE")

        for _ in range(ROUNDS):
            base, base_99, base_used = await rate(nothing, seconds)
            print(
                f"bare aiohttp               {base:7.0f}/s            p99 {base_99:6.1f} ms  {base_used:5.0f} µs each"
            )
            asked: dict[str, Ask] = {
                "GET campaign": got("/v1/campaigns/EN-OVERDUE"),
                "GET its figures": got("/v1/campaigns/EN-OVERDUE/figures"),
                "GET contact": got(f"/v1/contacts/{attempt.contact_id}"),
                "GET why": got(f"/v1/contacts/{attempt.contact_id}/why"),
                "GET case": got("/v1/cases/EN%2F2026%2F000002?client_id=CL-ENERGIA"),
                "GET its timeline": got("/v1/cases/EN%2F2026%2F000002/timeline?client_id=CL-ENERGIA"),
                "GET 100 events": got("/v1/events?limit=100"),
                "GET report": got("/v1/reports?by=campaign"),
                "POST one balance": payment,
                "POST suppression": wish,
            }
            for name, ask in asked.items():
                each, each_99, used = await rate(ask, seconds)
                print(f"{name:<26} {each:7.0f}/s  ratio {each / base:4.2f}  p99 {each_99:6.1f} ms  {used:5.0f} µs each")


async def webhooks(api: Api) -> None:
    """One receiver, in order, one event after another."""
    came, all_came = 0, asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        nonlocal came
        await request.read()
        came += 1
        if came == EVENTS:
            all_came.set()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    event = FeedEvent(EventType.WRONG_NUMBER, NOON, "CL-ENERGIA", "EN/1")
    async with TestServer(app) as server, courier([ip_network("127.0.0.0/8")]) as bringing:
        last = await api.store.last_event()
        await api.store.add_webhook(None, str(server.make_url("/")), None, "whsec_AAAA", last, "cli", NOON)
        await api.store._db.write(append, [event] * EVENTS)
        telling = asyncio.create_task(Telling(api.store, bringing, RealClock()).run())
        began = time.perf_counter()
        async with asyncio.timeout(120):
            await all_came.wait()
        print(f"webhook deliveries         {EVENTS / (time.perf_counter() - began):7.0f}/s  to one receiver, in order")
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def exports(api: Api, operator: Client) -> None:
    last = await api.store.last_event()
    event = FeedEvent(EventType.WRONG_NUMBER, NOON, "CL-ENERGIA", "EN/1", body={"number": "…001", "reason": "=1+1"})
    await api.store._db.write(append, [event] * max(0, ROWS - last))
    rows = await api.store.last_event()
    for kind in ("ndjson", "csv", "xlsx"):
        began = time.perf_counter()
        size = len(await operator.read(f"/v1/exports/events?format={kind}"))
        each = rows / (time.perf_counter() - began)
        print(f"export of events, {kind:<8} {each:7.0f} rows/s  {size / rows:5.0f} bytes a row")


async def main(seconds: float) -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)  # as the engine does
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        async with api_on(Path(folder), webhook_networks=[ip_network("127.0.0.0/8")]) as api:
            operator = await api.with_campaigns()
            await requests(api, operator, seconds)
            await webhooks(api)
            await exports(api, operator)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    uvloop.run(main(parser.parse_args().seconds))
