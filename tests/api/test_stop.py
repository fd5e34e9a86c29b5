from pathlib import Path
from typing import Any

import pytest

from api.scopes import Scope
from dialer.adapters.store import SqlStore
from dialer.ports import Presence
from dialer.ports.store import StopOrder, StoreFailed
from tests.support.api import Api, api_on, call_list, figure, one_call

ROUTES = [("POST", "/v1/stop"), ("POST", "/v1/resume"), ("GET", "/v1/stop")]


async def test_a_stop_says_who_ordered_it_and_why(api: Api) -> None:
    supervisor = await api.holder({Scope.ENGINE_STOP})

    answer = await supervisor.post("/v1/stop", json={"reason": "wrong amounts", "hang_up": True})

    assert answer.status == 200
    told = answer.json
    assert (told["stopped"], told["hang_up"], told["reason"], told["revision"]) == (True, True, "wrong amounts", 1)
    assert told["by"].startswith("key:dz")
    assert (await supervisor.get("/v1/stop")).json == told
    assert (await api.store.stop_order()).is_stopped


async def test_in_a_hurry_no_body_is_needed(api: Api) -> None:
    supervisor = await api.holder({Scope.ENGINE_STOP})
    assert (await supervisor.post("/v1/stop")).json["stopped"]
    assert not (await supervisor.post("/v1/resume")).json["stopped"]
    assert not (await api.store.stop_order()).is_stopped


async def test_a_stop_that_is_repeated_keeps_its_reason(api: Api) -> None:
    supervisor = await api.holder()
    first = (await supervisor.post("/v1/stop", json={"reason": "first"})).json
    assert (await supervisor.post("/v1/stop", json={"reason": "second"})).json == first


async def test_before_anybody_orders_it_nothing_is_stopped(api: Api) -> None:
    told = (await (await api.holder()).get("/v1/stop")).json
    assert (told["stopped"], told["by"], told["ordered_at"]) == (False, None, None)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_clients_key_may_neither_stop_nor_see_what_concerns_all(api: Api, method: str, path: str) -> None:
    energia = await api.holder(client_id="CL-ENERGIA")

    answer = await energia.ask(method, path)

    assert (answer.status, "operator" in answer.json["detail"]) == (403, True)
    assert (await api.store.stop_order()).revision == 0


@pytest.mark.parametrize(
    "body",
    [{"reason": "x" * 501}, {"reason": "a\x00b"}, {"hang_up": "perhaps"}, {"force": True}, [], "stop"],
    ids=["long", "control", "no bool", "unknown", "list", "text"],
)
async def test_a_body_that_does_not_fit_orders_nothing(api: Api, body: Any) -> None:
    assert (await (await api.holder()).post("/v1/stop", json=body)).status == 422
    assert not api.engine.stopping.is_stopped


class Unwritable(SqlStore):
    async def order_stop(self, *_: object, **__: object) -> StopOrder:
        raise StoreFailed("disk full")


async def test_a_stop_that_cannot_be_written_says_that_it_holds_all_the_same(tmp_path: Path) -> None:
    async with api_on(tmp_path, store_of=Unwritable) as api:
        answer = await (await api.holder()).post("/v1/stop")
        assert (answer.status, answer.json["code"]) == (503, "stop_not_written")
        assert "restart would forget it" in answer.json["detail"]
        assert api.engine.stopping.is_stopped


async def test_health_and_figures_show_it(api: Api) -> None:
    api.engine.tracker.on_presence(Presence.READY)
    supervisor = await api.with_campaigns()
    client = await api.holder(client_id="CL-ENERGIA")
    for path, status, stopped in (("/v1/stop", "stopped", True), ("/v1/resume", "well", False)):
        await supervisor.post(path)
        health = await api.stranger().get("/health")
        assert (health.status, health.json["status"], health.json["stopped"]) == (200, status, stopped)
        assert figure(await api.stranger().get("/metrics"), "dzwonek_stopped") == stopped
        assert (await client.get("/v1/campaigns/EN-OVERDUE/figures")).json["engine_stopped"] == stopped


async def test_whoever_asks_why_nobody_is_called_is_told(api: Api) -> None:
    supervisor = await api.with_campaigns()
    await supervisor.send(call_list(20))
    attempt = await one_call(api)
    await supervisor.post("/v1/stop")

    told = (await supervisor.get(f"/v1/contacts/{attempt.contact_id}/why")).json

    assert told["reasons"][0]["rule"] == "engine_stopped"
    assert not told["is_callable"]
