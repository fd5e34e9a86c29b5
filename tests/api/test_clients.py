from typing import Any

from tests.support.api import Api, call_list

EN = "/v1/clients/CL-ENERGIA"
DECIDED = {"name": "Energia Fikcyjna", "after_rejected_dispute": "wait"}
CASE = "/v1/cases/EN%2F2026%2F000002"


async def test_the_clients_of_campaigns_are_listed_by_id(api: Api) -> None:
    operator = await api.with_campaigns()
    clients = (await operator.get("/v1/clients")).json["clients"]

    ids = [client["client_id"] for client in clients]
    assert ids == sorted(ids)
    assert {"CL-ENERGIA", "CL-TELKO"} <= set(ids)
    assert {client["after_rejected_dispute"] for client in clients} == {"call"}


async def test_a_client_is_shown_with_what_there_is_of_it(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    shown = await operator.get(EN)

    cases = (await operator.get("/v1/cases?client_id=CL-ENERGIA&limit=500")).json["cases"]
    assert shown.json["name"] == "CL-ENERGIA"
    assert shown.json["cases"] == {"open": len(cases), "closed_paid": 0, "closed_cancelled": 0}
    assert shown.json["campaigns"] == {"draft": 2, "running": 0, "paused": 0, "stopped": 0}


async def test_a_client_is_created_then_changed(api: Api) -> None:
    operator = await api.holder()
    made, changed = await operator.put(EN, DECIDED), await operator.put(EN, {"name": "Energia"})

    assert (made.status, made.json["revision"], made.headers["ETag"]) == (201, 1, '"1"')
    assert (changed.status, changed.json["revision"], changed.json["name"]) == (200, 2, "Energia")
    assert changed.json["after_rejected_dispute"] == "call"
    assert (await operator.get(EN)).headers["ETag"] == '"2"'


async def test_nobody_overwrites_what_somebody_else_has_changed(api: Api) -> None:
    operator = await api.holder()
    seen = {"If-Match": (await operator.put(EN, DECIDED)).headers["ETag"]}
    await operator.put(EN, {"name": "Energia"})

    for headers in (seen, {"If-None-Match": "*"}, {"If-Match": '"none of ours"'}):
        refused = await operator.ask("PUT", EN, headers, json=DECIDED)
        assert (refused.status, (await operator.get(EN)).json["name"]) == (412, "Energia")


async def test_what_nothing_obeys_is_refused(api: Api) -> None:
    operator = await api.holder()
    bodies: list[dict[str, Any]] = [
        {},
        {"name": ""},
        {"name": "Energia", "channels": ["voice"]},
        {"name": "Energia", "after_rejected_dispute": "letters"},
    ]
    for body in bodies:
        assert (await operator.put(EN, body)).status == 422
    assert (await operator.get(EN)).status == 404


async def test_a_client_decides_for_itself_only(api: Api) -> None:
    operator = await api.with_campaigns()
    telko = await api.holder(client_id="CL-TELKO")

    assert [each["client_id"] for each in (await telko.get("/v1/clients")).json["clients"]] == ["CL-TELKO"]
    assert (await telko.get(EN)).status == 404
    assert (await telko.put(EN, DECIDED)).status == 404
    assert (await telko.put("/v1/clients/CL-TELKO", DECIDED)).status == 200
    assert (await operator.get(EN)).json["after_rejected_dispute"] == "call"


async def test_a_rejected_dispute_waits_for_the_client_who_has_decided_so(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await operator.put(EN, DECIDED)
    whose = {"client_id": "CL-ENERGIA"}
    await operator.ask("PATCH", CASE, params=whose, json={"dispute": "open"})

    rejected = (await operator.ask("PATCH", CASE, params=whose, json={"dispute": "rejected"})).json
    assert (rejected["blocked"], rejected["held"]["hold"]) == (["B_PAUSED"], "paused")

    resumed = await operator.post(f"{CASE}/resume", params=whose, json={"reason": "complaint"})
    assert resumed.json["blocked"] == []
    again = (await operator.ask("PATCH", CASE, params=whose, json={"dispute": "rejected"})).json
    assert again["blocked"] == [], "a request that is repeated pauses nothing anew"
