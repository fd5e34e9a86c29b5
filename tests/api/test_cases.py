from urllib.parse import quote

import pytest

from api.scopes import Scope
from tests.support.api import Api, Client, Json, Said, call_list

EN, CZ = "CL-ENERGIA", "CL-CZYNSZ"
CASE = "EN/2026/000002"
ADDRESS = f"/v1/cases/{quote(CASE, safe='')}"


async def change(client: Client, body: Json, client_id: str | None = EN) -> Said:
    return await client.ask("PATCH", ADDRESS, params={"client_id": client_id} if client_id else {}, json=body)


async def contact(client: Client) -> Json:
    page = await client.get("/v1/campaigns/EN-OVERDUE/contacts", params={"case_id": CASE})
    [found] = page.json["contacts"]
    return dict(found)


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(20))
    return holder


async def test_a_case_is_shown_as_it_stands(operator: Client) -> None:
    answer = await operator.get(ADDRESS, params={"client_id": EN})
    assert answer.status == 200
    shown = answer.json
    assert (shown["case_id"], shown["client_id"], shown["debtor_id"]) == (CASE, EN, "D000002")
    assert (shown["state"], shown["blocked"], shown["flags"], shown["dispute"]) == ("open", [], [], None)
    assert shown["contact_id"] == (await contact(operator))["contact_id"]


async def test_a_dispute_suspends_calls_until_it_is_rejected(operator: Client) -> None:
    opened = await change(operator, {"dispute": "open"})
    assert (opened.status, opened.json["blocked"], opened.json["dispute"]) == (200, ["B_DISPUTE"], "open")
    assert (opened.json["stopped"]["contacts"], opened.json["stopped"]["calls"]) == (1, [])
    assert (await contact(operator))["finished"] == "blocked"

    await operator.send(call_list(20) + b"\n", "B-2")
    assert (await contact(operator))["finished"] == "blocked"

    assert (await change(operator, {"dispute": "rejected"})).status == 200
    assert (await contact(operator))["finished"] is None


async def test_a_dispute_that_is_upheld_closes_the_case(operator: Client) -> None:
    await change(operator, {"dispute": "open"})
    upheld = await change(operator, {"dispute": "upheld"})
    assert (upheld.json["state"], upheld.json["closed_at"] is not None) == ("closed_cancelled", True)

    refused = await change(operator, {"dispute": "rejected"})
    assert (refused.status, refused.json["code"]) == (409, "not_possible")


async def test_flags_block_and_unblock(operator: Client) -> None:
    flagged = await change(operator, {"flags": {"add": ["deceased", "vulnerable"]}})
    assert (flagged.json["flags"], flagged.json["blocked"]) == (["deceased", "vulnerable"], ["B_DECEASED"])
    kept = await change(operator, {"flags": {"remove": ["deceased"]}})
    assert (kept.json["flags"], kept.json["blocked"]) == (["vulnerable"], [])
    assert (await contact(operator))["finished"] is None
    anew = await change(operator, {"flags": ["no_voice"]})
    assert (anew.json["flags"], anew.json["blocked"]) == (["no_voice"], ["B_NO_VOICE"])
    nothing = await change(operator, {})
    assert nothing.json["flags"] == ["no_voice"]


@pytest.mark.parametrize(
    "body",
    [
        {"flags": {"add": ["minor"], "remove": ["minor"]}},
        {"flags": {"add": ["tall"]}},
        {"dispute": "perhaps"},
        {"stage": "someday"},
        {"amount": "0.00"},
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(operator: Client, body: Json) -> None:
    answer = await change(operator, body)
    assert answer.status == 422
    assert answer.json["errors"]


async def test_a_stage_of_another_campaign_is_refused(operator: Client) -> None:
    refused = await change(operator, {"stage": "registry_notice"})
    assert (refused.status, refused.json["code"]) == (409, "not_possible")
    assert "registry_notice" in refused.json["detail"]


async def test_a_case_belongs_to_its_client(api: Api, operator: Client) -> None:
    energy, rent = await api.holder(client_id=EN), await api.holder(client_id=CZ)
    assert (await energy.get(ADDRESS)).status == 200
    assert (await change(energy, {"dispute": "open"}, client_id=None)).status == 200
    for client_id in (None, EN, CZ):
        params = {"client_id": client_id} if client_id else {}
        assert (await rent.get(ADDRESS, params=params)).status == 404
        assert (await change(rent, {"dispute": "rejected"}, client_id)).status == 404
    assert (await operator.get(ADDRESS, params={"client_id": CZ})).status == 404
    unsaid = await operator.get(ADDRESS)
    assert (unsaid.status, unsaid.json["errors"][0]["parameter"]) == (422, "client_id")


async def test_each_key_does_what_it_is_for(api: Api, operator: Client) -> None:
    reader, writer = await api.holder([Scope.CASES_READ]), await api.holder([Scope.CASES_WRITE])
    assert (await change(reader, {"dispute": "open"})).status == 403
    assert (await writer.get(ADDRESS, params={"client_id": EN})).status == 403
    assert (await reader.get(ADDRESS, params={"client_id": EN})).status == 200
    assert (await change(writer, {"dispute": "open"})).status == 200


async def test_nobody_overwrites_what_they_have_not_seen(operator: Client) -> None:
    seen = (await operator.get(ADDRESS, params={"client_id": EN})).headers["ETag"]
    asked = {"params": {"client_id": EN}, "headers": {"If-Match": seen}}
    first = await operator.ask("PATCH", ADDRESS, json={"flags": {"add": ["vulnerable"]}}, **asked)
    second = await operator.ask("PATCH", ADDRESS, json={"flags": {"add": ["attorney"]}}, **asked)

    assert (first.status, second.status) == (200, 412)
    assert first.headers["ETag"] != seen
    now = await operator.get(ADDRESS, params={"client_id": EN})
    assert (now.json["flags"], now.headers["ETag"]) == (["vulnerable"], first.headers["ETag"])


# ---- which cases there are ------------------------------------------------------------------------------


async def walked(client: Client, address: str | None) -> list[str]:
    """The names of all cases, by following the pages."""
    names = []
    while address:
        page = (await client.get(address)).json
        names += [case["case_id"] for case in page["cases"]]
        address = page["next"]
    return names


async def test_following_the_pages_leads_past_every_case_once(operator: Client) -> None:
    whole = await walked(operator, "/v1/cases?limit=500")

    assert await walked(operator, "/v1/cases?limit=3") == whole
    assert len(whole) == len(set(whole)) > 6
    assert CASE in await walked(operator, f"/v1/cases?client_id={EN}&campaign_id=EN-OVERDUE&state=open&limit=2")


async def test_cases_are_found_by_how_they_stand(operator: Client) -> None:
    await change(operator, {"dispute": "open"})

    assert await walked(operator, "/v1/cases?dispute=open") == [CASE]
    assert await walked(operator, f"/v1/cases?client_id={EN}&debtor_id=D000002&blocked=true") == [CASE]
    assert CASE not in await walked(operator, "/v1/cases?blocked=false")
    assert await walked(operator, "/v1/cases?hold=paused") == []


async def test_whoever_follows_the_changes_meets_each_case_once_and_the_new_ones_next_time(operator: Client) -> None:
    whole = await walked(operator, "/v1/cases?limit=500")
    assert sorted(await walked(operator, "/v1/cases?limit=3&changed_since=1970-01-01T00:00:00Z")) == sorted(whole)

    newest = max(case["changed_at"] for case in (await operator.get("/v1/cases?limit=500")).json["cases"])
    await operator.ask("PATCH", f"{ADDRESS}?client_id={EN}", json={"dispute": "open"})
    since = (await operator.get(f"{ADDRESS}?client_id={EN}")).json["changed_at"]
    assert since > newest
    assert await walked(operator, f"/v1/cases?changed_since={since}") == [CASE]


async def test_a_debtor_is_asked_for_with_the_client_who_calls_it_so(api: Api, operator: Client) -> None:
    answer = await operator.get("/v1/cases?debtor_id=D000002")
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (422, "client_id")
    energia = await api.holder(client_id=EN)
    assert await walked(energia, "/v1/cases?debtor_id=D000002") == [CASE]


async def test_a_listed_case_is_shown_as_alone(operator: Client) -> None:
    [listed] = (await operator.get(f"/v1/cases?client_id={EN}&debtor_id=D000002")).json["cases"]
    assert listed == (await operator.get(ADDRESS, params={"client_id": EN})).json


async def test_to_a_client_another_clients_cases_do_not_exist(api: Api, operator: Client) -> None:
    energia, rent = await api.holder(client_id=EN), await api.holder(client_id=CZ)

    assert CASE in await walked(energia, "/v1/cases")
    assert CASE not in await walked(rent, "/v1/cases")
    assert await walked(rent, f"/v1/cases?client_id={EN}") == []


async def test_the_balances_that_were_taken_of_a_case_are_shown(api: Api, operator: Client) -> None:
    owed = {"client_id": EN, "case_id": CASE, "currency": "PLN"}
    sent = [owed | {"balance": "12.50", "version": 90, "reason": "payment"}, owed | {"balance": "0.00", "version": 91}]
    assert (await operator.post("/v1/balances", json={"balances": sent})).status == 200

    first = (await operator.get(f"{ADDRESS}/balances?limit=1", params={"client_id": EN})).json
    second = (await operator.get(first["next"])).json
    assert (first["case_id"], first["currency"]) == (CASE, "PLN")
    assert [(each["version"], each["balance"]) for each in first["balances"] + second["balances"]] == [
        (90, "12.50"),
        (91, "0.00"),
    ]
    assert first["balances"][0]["reason"] == "payment"
    assert (await (await api.holder(client_id=CZ)).get(f"{ADDRESS}/balances?client_id={EN}")).status == 404
