"""Can agents be created, come and go, and is everybody told what is wrong?"""

from typing import Any

from api.scopes import Scope
from dialer.adapters.simulated.legs import SimulatedLegs
from tests.support.api import Api, Client, campaign

ANNA = {"name": "Anna Nowak", "phone": "agent1", "skills": ["pl"]}


async def anna(api: Api) -> Client:
    operator = await api.holder()
    answer = await operator.put("/v1/agents/anna", ANNA)
    assert answer.status == 201, answer.text
    return operator


async def shown(client: Client, name: str = "anna") -> Any:
    return (await client.get(f"/v1/agents/{name}")).json


async def test_an_agent_is_created_and_changed(api: Api) -> None:
    operator = await anna(api)
    assert (await operator.put("/v1/agents/anna", ANNA | {"skills": ["de", "pl"]})).status == 200
    found = await shown(operator)
    assert (found["state"], found["skills"], found["line"]) == ("logged_out", ["de", "pl"], "down")
    assert [each["agent_id"] for each in (await operator.get("/v1/agents")).json["agents"]] == ["anna"]


async def test_a_day_of_an_agent_whose_telephone_never_comes(api: Api) -> None:
    operator = await anna(api)
    assert (await operator.post("/v1/agents/anna/login")).json["reason"] == "logged_in"
    assert (await operator.post("/v1/agents/anna/ready")).json["reason"] == "awaiting_phone"
    assert (await operator.post("/v1/agents/anna/pause", json={"reason": "lunch"})).json["reason"] == "lunch"
    assert (await operator.post("/v1/agents/anna/logout")).json["state"] == "logged_out"


async def test_logging_in_twice_says_how_to_go_on(api: Api) -> None:
    operator = await anna(api)
    await operator.post("/v1/agents/anna/login")
    again = await operator.post("/v1/agents/anna/login")
    assert (again.status, again.json["code"]) == (409, "logged_in")
    assert "take_over" in again.json["detail"]
    assert (await operator.post("/v1/agents/anna/login", json={"take_over": True})).status == 200


async def test_who_is_not_logged_in_is_told_so(api: Api) -> None:
    operator = await anna(api)
    for what, body in (("ready", None), ("pause", {"reason": "lunch"})):
        answer = await operator.post(f"/v1/agents/anna/{what}", json=body)
        assert (answer.status, answer.json["code"]) == (409, "logged_out")


async def test_an_unknown_agent_is_told_how_to_become_one(api: Api) -> None:
    answer = await (await api.holder()).post("/v1/agents/nobody/login")
    assert answer.status == 404
    assert "PUT" in answer.json["detail"]


async def test_a_telephone_has_one_agent(api: Api) -> None:
    operator = await anna(api)
    answer = await operator.put("/v1/agents/bert", ANNA)
    assert (answer.status, answer.json["code"]) == (409, "phone_taken")


async def test_whose_telephone_the_switch_does_not_have_is_told_so_at_the_login(api: Api) -> None:
    operator = await anna(api)
    switch = SimulatedLegs([], api.service.clock)
    api.engine.lines.connect(switch)
    switch.begin(api.engine.lines)
    answer = await operator.post("/v1/agents/anna/login")
    assert (answer.status, answer.json["code"]) == (409, "phone_unknown")
    assert "'agent1': add it to pjsip.conf" in answer.json["detail"]
    created = await operator.put("/v1/agents/bert", {"name": "Bert", "phone": "agent2"})
    assert (created.status, created.json["errors"][0]["pointer"]) == (422, "#/phone")


async def test_a_wrap_up_of_nothing_says_when_there_is_one(api: Api) -> None:
    operator = await anna(api)
    answer = await operator.post("/v1/agents/anna/wrap-up", json={"outcome": "informed"})
    assert (answer.status, answer.json["code"]) == (409, "no_wrap_up")
    assert "begins when a talk ends" in answer.json["detail"]


async def test_a_setting_of_another_mode_is_told_to_have_no_effect(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put("/v1/campaigns/EN-OVERDUE", campaign(wrap_up_seconds=30, preview_seconds=20))
    told = {each["about"]: each["detail"] for each in answer.json["notices"]}
    assert "transfer_wait_seconds" in told["wrap_up_seconds"]
    assert "mode preview" in told["preview_seconds"]
    preview = await operator.put("/v1/campaigns/EN-OVERDUE", campaign(mode="preview", preview_seconds=20))
    assert "preview_seconds" not in [each["about"] for each in preview.json["notices"]]


async def test_a_telephone_in_use_is_not_changed(api: Api) -> None:
    operator = await anna(api)
    await operator.post("/v1/agents/anna/login")
    answer = await operator.put("/v1/agents/anna", ANNA | {"phone": "agent2"})
    assert (answer.status, answer.json["code"]) == (409, "agent_logged_in")


async def test_the_engines_own_reasons_are_not_the_agents(api: Api) -> None:
    operator = await anna(api)
    await operator.post("/v1/agents/anna/login")
    answer = await operator.post("/v1/agents/anna/pause", json={"reason": "phone_lost"})
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "#/reason"


async def test_skills_are_of_campaigns_with_agents(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.put("/v1/campaigns/EN-OVERDUE", campaign(skills=["pl"]))
    assert answer.status == 422
    assert "skills are of campaigns with agents" in answer.text
    with_agents = campaign(skills=["pl"], mode="progressive", answer_wait_seconds=1.5)
    assert (await operator.put("/v1/campaigns/EN-OVERDUE", with_agents)).status == 201


async def test_a_campaign_that_no_agent_can_serve_is_not_started(api: Api) -> None:
    operator = await anna(api)
    german = campaign(skills=["de"], mode="progressive")
    await operator.put("/v1/campaigns/EN-OVERDUE", german)
    answer = await operator.post("/v1/campaigns/EN-OVERDUE/start")
    assert (answer.status, answer.json["code"]) == (409, "no_agents")
    await operator.put("/v1/agents/anna", ANNA | {"skills": ["de", "pl"]})
    assert (await operator.post("/v1/campaigns/EN-OVERDUE/start")).status == 200


async def test_who_cannot_be_listened_to_is_told_why(api: Api) -> None:
    operator = await anna(api)
    out = await operator.post("/v1/agents/anna/listen", json={"phone": "boss"})
    assert (out.status, out.json["code"]) == (409, "not_to_be_heard")
    assert "not logged in" in out.json["detail"]
    await operator.post("/v1/agents/anna/login")
    away = await operator.post("/v1/agents/anna/listen", json={"phone": "boss"})
    assert (away.status, away.headers["Retry-After"]) == (503, "5")
    assert (await operator.post("/v1/agents/anna/listen", json={"phone": "boss", "mode": "spy"})).status == 422
    assert (await operator.get("/v1/agents/anna/listen")).json == {"listening": []}
    assert (await operator.ask("DELETE", "/v1/agents/anna/listen/boss")).status == 404
    assert (await operator.get("/v1/agents/nobody/listen")).status == 404


async def test_listening_needs_a_scope_of_its_own(api: Api) -> None:
    await anna(api)
    agent = await api.holder({Scope.AGENTS_ACT, Scope.AGENTS_READ, Scope.AGENTS_WRITE})
    answer = await agent.post("/v1/agents/anna/listen", json={"phone": "boss"})
    assert answer.status == 403
    assert "agents:listen" in answer.json["detail"]
