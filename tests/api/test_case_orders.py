from urllib.parse import quote

import pytest

from api.case_orders import MOST_CASES
from tests.support.api import Api, Client, Json, Said, call_list

EN, CZ = "CL-ENERGIA", "CL-CZYNSZ"
CASE, OTHER = "EN/2026/000002", "EN/2026/000005"
WHY = {"reason": "complaint", "note": "waits for our answer"}


async def order(client: Client, what: str, case: str = CASE, body: Json | None = None, client_id: str = EN) -> Said:
    address = f"/v1/cases/{quote(case, safe='')}/{what}"
    return await client.post(address, params={"client_id": client_id}, json=body or WHY)


async def several(client: Client, what: str, *cases: str) -> Said:
    return await client.post(f"/v1/cases/{what}", params={"client_id": EN}, json={**WHY, "case_ids": cases})


async def contact(client: Client, case: str = CASE) -> Json:
    page = await client.get("/v1/campaigns/EN-OVERDUE/contacts", params={"case_id": case})
    [found] = page.json["contacts"]
    return dict(found)


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(20))
    return holder


@pytest.fixture
async def energy(api: Api, operator: Client) -> Client:
    """A key of the client whose cases they are."""
    return await api.holder(client_id=EN)


async def test_a_client_pauses_and_resumes_its_own_case(energy: Client) -> None:
    paused = await order(energy, "pause")
    assert (paused.status, paused.json["blocked"]) == (200, ["B_PAUSED"])
    assert paused.json["held"] == {"hold": "paused", **WHY}
    assert (paused.json["stopped"]["contacts"], paused.json["stopped"]["calls"]) == (1, [])
    assert (await contact(energy))["finished"] == "blocked"

    resumed = await order(energy, "resume")
    assert (resumed.json["blocked"], resumed.json["held"]) == ([], None)
    assert (await contact(energy))["finished"] is None


async def test_a_stopped_case_stays_stopped(energy: Client) -> None:
    assert (await order(energy, "stop")).json["blocked"] == ["B_STOPPED"]
    assert (await order(energy, "stop")).status == 200
    for what in ("pause", "resume"):
        refused = await order(energy, what)
        assert (refused.status, refused.json["code"]) == (409, "not_possible")


async def test_why_a_contact_is_not_called_names_the_order_and_its_reason(energy: Client) -> None:
    await order(energy, "pause")
    why = (await energy.get(f"/v1/contacts/{(await contact(energy))['contact_id']}/why")).json
    [case] = why["cases"]
    assert (case["blocked"], case["held"]) == (["B_PAUSED"], {"hold": "paused", **WHY})


async def test_an_order_is_in_the_feed_and_in_the_audit_log(energy: Client) -> None:
    await order(energy, "pause")
    told = (await energy.get("/v1/events", params={"case_id": CASE, "type": "case.paused"})).json["events"]
    assert [each["data"] for each in told] == [{"reason": "complaint"}]
    [entry] = (await energy.get("/v1/audit", params={"subject": CASE})).json["entries"]
    assert (entry["after"]["hold"], entry["after"]["hold_reason"]) == ("paused", "complaint")


async def test_several_cases_are_held_at_once(energy: Client) -> None:
    paused = await several(energy, "pause", CASE, OTHER, CASE)
    assert [each["case_id"] for each in paused.json["cases"]] == [CASE, OTHER]
    assert paused.json["stopped"]["contacts"] == 2
    resumed = await several(energy, "resume", CASE, OTHER)
    assert [each["blocked"] for each in resumed.json["cases"]] == [[], []]
    stopped = await several(energy, "stop", CASE, OTHER)
    assert [each["held"]["hold"] for each in stopped.json["cases"]] == ["stopped", "stopped"]


async def test_one_case_that_is_not_there_refuses_the_whole_order(energy: Client) -> None:
    refused = await several(energy, "pause", CASE, "EN/none")
    assert (refused.status, "EN/none" in refused.json["detail"]) == (404, True)
    assert (await contact(energy))["finished"] is None


@pytest.mark.parametrize(
    "body", [{}, {"reason": "because"}, {"reason": "other", "note": "x" * 201}, {"reason": "other", "until": "May"}]
)
async def test_an_order_without_a_reason_is_refused(energy: Client, body: Json) -> None:
    answer = await energy.post(f"/v1/cases/{quote(CASE, safe='')}/pause", json=body)
    assert (answer.status, bool(answer.json["errors"])) == (422, True)


async def test_an_order_is_about_so_many_cases_at_most(energy: Client) -> None:
    assert (await several(energy, "pause")).status == 422
    assert (await several(energy, "pause", *map(str, range(MOST_CASES + 1)))).status == 422


async def test_nobody_holds_what_is_anothers(api: Api, operator: Client) -> None:
    rent = await api.holder(client_id=CZ)
    for client_id in (EN, CZ):
        assert (await order(rent, "stop", client_id=client_id)).status == 404
    assert (await several(rent, "stop", CASE)).status == 404
    assert (await contact(operator))["finished"] is None


async def test_a_client_pauses_and_resumes_all_that_match(energy: Client, operator: Client) -> None:
    async def matching(what: str, **which: str) -> Said:
        return await energy.post(f"/v1/cases/{what}", json={**WHY, "matching": which})

    everything = (await energy.get("/v1/cases")).json["cases"]
    theirs = [each["case_id"] for each in everything if each["campaign_id"] == "EN-OVERDUE"]
    assert 1 < len(theirs) < len(everything)
    await order(energy, "stop", theirs[0])

    paused = await matching("pause", campaign_id="EN-OVERDUE")
    assert (paused.status, paused.json["changed"]) == (200, len(theirs) - 1), "what is stopped stays so"
    assert [each["case_id"] for each in paused.json["cases"]] == theirs[1:]
    assert (await matching("pause", campaign_id="EN-OVERDUE")).json["changed"] == 0, "sent again"
    held = (await energy.get("/v1/cases?hold=paused")).json["cases"]
    assert [each["case_id"] for each in held] == theirs[1:]

    assert (await matching("resume")).json["changed"] == len(theirs) - 1
    assert (await operator.get("/v1/cases?hold=paused")).json["cases"] == []


@pytest.mark.parametrize("which", [{}, {"case_ids": [CASE], "matching": {}}, {"matching": {"colour": "red"}}])
async def test_an_order_says_which_cases_in_one_way(energy: Client, which: Json) -> None:
    refused = await energy.post("/v1/cases/pause", json={**WHY, **which})
    assert refused.status == 422
