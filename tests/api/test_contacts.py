from datetime import timedelta

from tests.support.api import Api, call_list, one_call

EN = "/v1/campaigns/EN-OVERDUE"


async def test_a_contact_is_found_by_its_case(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    page = await operator.get(f"{EN}/contacts", params={"case_id": "EN/2026/000002"})
    [contact] = page.json["contacts"]
    assert page.json["next"] is None
    assert (contact["debtor_id"], contact["client_id"], contact["state"]) == ("D000002", "CL-ENERGIA", "waiting")
    assert contact["cases"] == ["EN/2026/000002"]
    assert contact["numbers"] == [{"number": "+48285211545", "position": 1, "attempts": 0, "retired": None}]
    assert (await operator.get(f"/v1/contacts/{contact['contact_id']}")).json == contact


async def test_whoever_is_asked_about_is_found_in_every_campaign(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    by_debtor = (await operator.get("/v1/contacts", params={"debtor_id": "D000002"})).json
    [contact] = by_debtor["contacts"]
    number = contact["numbers"][0]["number"]

    for asked in ({"case_id": "EN/2026/000002"}, {"number": number}, {"number": number.removeprefix("+48")}):
        answer = await operator.get("/v1/contacts", params=asked)
        assert contact["contact_id"] in [each["contact_id"] for each in answer.json["contacts"]], asked
    refused = await operator.get("/v1/contacts", params={"number": "12"})
    assert refused.status == 422
    assert refused.json["errors"][0]["parameter"] == "number"


async def test_a_client_finds_its_own_contacts_only(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(60))
    energia = await api.holder(client_id="CL-ENERGIA")
    theirs = (await energia.get("/v1/contacts")).json["contacts"]
    assert {each["client_id"] for each in theirs} == {"CL-ENERGIA"}
    assert (await energia.get("/v1/contacts?client_id=CL-TELKO")).json == {"contacts": [], "next": None}


async def test_following_the_pages_leads_past_every_contact_once(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(60))
    whole = (await operator.get(f"{EN}/contacts")).json["contacts"]
    walked, address = [], f"{EN}/contacts?limit=2&state=waiting"
    while address:
        page = (await operator.get(address)).json
        walked += page["contacts"]
        address = page["next"]
    assert walked == whole
    assert len(whole) > 4


async def test_contacts_are_listed_by_state(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await one_call(api, answered_for=timedelta(seconds=9))
    finished = (await operator.get(f"{EN}/contacts?state=finished")).json["contacts"]
    assert [contact["finished"] for contact in finished] == ["delivered"]


async def test_a_state_that_is_none_names_those_there_are(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.get(f"{EN}/contacts?state=sleeping&limit=0&colour=red&after=x")
    assert answer.status == 422
    assert {error["parameter"] for error in answer.json["errors"]} == {"state", "limit", "colour", "after"}
    assert "waiting" in answer.text


async def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.get(f"{EN}/contacts?limit=5&limit=6")
    assert answer.json["errors"] == [{"parameter": "limit", "detail": "given twice"}]


async def test_the_row_of_an_attempt_tells_the_story_of_the_call(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api, answered_for=timedelta(seconds=9))
    [told] = (await operator.get(f"/v1/contacts/{attempt.contact_id}/attempts")).json["attempts"]
    assert (told["attempt_id"], told["ordinal"], told["number"]) == (attempt.id, 1, attempt.number)
    assert (told["disposition"], told["counted"], told["heard_seconds"]) == ("delivered", True, 9.0)
    moments = [told[name] for name in ("saved_at", "started_at", "rang_at", "answered_at", "message_at", "ended_at")]
    assert moments == sorted(moments)
    assert all(moment.endswith("Z") for moment in moments)


async def test_a_campaigns_attempts_come_in_pages(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(60))
    made = [(await one_call(api)).id for _ in range(3)]
    first = (await operator.get(f"{EN}/attempts?limit=2")).json
    second = (await operator.get(first["next"])).json
    assert [attempt["attempt_id"] for attempt in first["attempts"] + second["attempts"]] == made
    assert second["next"] is None
    assert (await operator.get(f"{EN}/figures")).json["attempts"] == {"no_answer": 3}


async def test_to_a_client_another_clients_contacts_do_not_exist(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api)
    energia, telko = await api.holder(client_id="CL-ENERGIA"), await api.holder(client_id="CL-TELKO")
    for path in (f"/v1/contacts/{attempt.contact_id}", f"/v1/contacts/{attempt.contact_id}/attempts"):
        assert (await energia.get(path)).status == 200
        assert (await telko.get(path)).status == 404


async def test_a_contact_that_cannot_be_is_nowhere(api: Api) -> None:
    operator = await api.holder()
    for name in ("0", "-1", "x", "1e3", "99999999999999999999", "7"):
        assert (await operator.get(f"/v1/contacts/{name}")).status == 404
