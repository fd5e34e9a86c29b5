from datetime import timedelta
from pathlib import Path

from api.scopes import Scope
from dialer.adapters.store import SqlStore
from dialer.ports import Presence
from dialer.ports.store import Campaign, StoreFailed
from tests.support.api import Api, api_on, call_list, figure, one_call


async def test_an_engine_with_its_switch_is_well(api: Api) -> None:
    api.engine.tracker.on_presence(Presence.READY)
    answer = await api.stranger().get("/health")
    assert answer.status == 200
    assert answer.json == {
        "status": "well",
        "version": api.service.version,
        "database": "well",
        "switch": "ready",
        "trunk_open": True,
        "stopped": False,
        "calls_in_flight": 0,
        "troubles": {},
    }


async def test_an_engine_without_its_switch_is_not(api: Api) -> None:
    answer = await api.stranger().get("/health")
    assert (answer.status, answer.json["switch"], answer.json["status"]) == (503, "away", "trouble")


async def test_an_engine_whose_part_has_trouble_is_not_well(tmp_path: Path) -> None:
    async with api_on(tmp_path, troubles=lambda: {"voice": "espeak-ng is missing"}) as api:
        api.engine.tracker.on_presence(Presence.READY)
        near = await api.stranger().get("/health")
        far = await api.stranger().get("/health", headers={"X-Forwarded-For": "192.0.2.7"})
    assert (near.status, near.json["troubles"]) == (503, {"voice": "espeak-ng is missing"})
    assert (far.status, far.json["troubles"]) == (503, {"voice": None})


class Broken(SqlStore):
    async def campaign(self, campaign_id: str) -> Campaign | None:
        raise StoreFailed("disk I/O error")


async def test_an_engine_without_its_database_is_not_well_and_still_answers(tmp_path: Path) -> None:
    async with api_on(tmp_path, store_of=Broken) as api:
        api.engine.tracker.on_presence(Presence.READY)
        answer = await api.stranger().get("/health")
    assert (answer.status, answer.json["database"]) == (503, "trouble")


async def test_the_figures_follow_the_calls(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await one_call(api)
    await one_call(api, answered_for=timedelta(seconds=4))
    api.engine.tracker.on_presence(Presence.READY)
    answer = await operator.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    counts = (await operator.get("/v1/batches/B-1")).json["counts"]
    assert {
        name: figure(answer, name)
        for name in (
            'dzwonek_attempts_total{disposition="no_answer"}',
            'dzwonek_attempts_total{disposition="delivered"}',
            'dzwonek_attempts_total{disposition="busy"}',
            'dzwonek_answer_to_message_seconds_bucket{le="0.002"}',
            'dzwonek_answer_to_message_seconds_bucket{le="0.005"}',
            'dzwonek_rows_taken_total{status="accepted"}',
            'dzwonek_switch{presence="ready"}',
            'dzwonek_switch{presence="away"}',
            "dzwonek_calls_in_flight",
            "dzwonek_calls_in_flight_most",
            'dzwonek_trunk_open{trunk="carrier"}',
            'dzwonek_http_requests_total{route="/v1/batches",status="201"}',
        )
    } == {
        'dzwonek_attempts_total{disposition="no_answer"}': 1,
        'dzwonek_attempts_total{disposition="delivered"}': 1,
        'dzwonek_attempts_total{disposition="busy"}': 0,
        'dzwonek_answer_to_message_seconds_bucket{le="0.002"}': 0,
        'dzwonek_answer_to_message_seconds_bucket{le="0.005"}': 1,
        'dzwonek_rows_taken_total{status="accepted"}': counts["accepted"],
        'dzwonek_switch{presence="ready"}': 1,
        'dzwonek_switch{presence="away"}': 0,
        "dzwonek_calls_in_flight": 0,
        "dzwonek_calls_in_flight_most": 1,
        'dzwonek_trunk_open{trunk="carrier"}': 1,
        'dzwonek_http_requests_total{route="/v1/batches",status="201"}': 1,
    }


async def test_a_list_that_was_taken_before_is_not_counted_twice(api: Api) -> None:
    operator = await api.with_campaigns()
    for _ in range(2):
        await operator.send(call_list(20))
    answer, counts = await operator.get("/metrics"), (await operator.get("/v1/batches/B-1")).json["counts"]
    assert figure(answer, 'dzwonek_rows_taken_total{status="accepted"}') == counts["accepted"]


async def test_the_switch_and_the_flows_are_counted_too(tmp_path: Path) -> None:
    async with api_on(tmp_path, outstanding=lambda: 7, flow_counts=lambda: {"sessions": 3}) as api:
        answer = await api.stranger().get("/metrics")
    assert figure(answer, "dzwonek_calls_outstanding") == 7
    assert figure(answer, 'dzwonek_fastagi_total{what="sessions"}') == 3


async def test_figures_are_free_on_the_machine_itself_and_not_through_a_proxy(api: Api) -> None:
    through = {"X-Forwarded-For": "192.0.2.7"}
    assert (await api.stranger().get("/metrics")).status == 200
    assert (await api.stranger().get("/metrics", headers=through)).status == 401
    assert (await (await api.holder({Scope.CAMPAIGNS_READ})).get("/metrics", headers=through)).status == 403
    assert (await (await api.holder({Scope.METRICS})).get("/metrics", headers=through)).status == 200


async def test_a_clients_key_does_not_show_the_figures_of_all(api: Api) -> None:
    energia = await api.holder(client_id="CL-ENERGIA")
    assert (await energia.get("/metrics", headers={"Via": "1.1 proxy"})).status == 403
