"""Are scenarios drafted, approved by a person, and retired, and may a campaign speak only what is approved?"""

from tests.support.api import Api, Client, Json, campaign
from tests.support.tenants import FLOW

CLIENT = "CL-ENERGIA"
NAME = "S04_overdue_soft"
ADDRESS = f"/v1/scenarios/{NAME}"


async def drafted(client: Client, **body: str) -> Json:
    answer = await client.put(ADDRESS, body)
    assert answer.status == 200, answer.text
    found: Json = answer.json
    return found


async def approve(client: Client, version: int = 1) -> Json:
    answer = await client.post(f"{ADDRESS}/versions/{version}/approve", json={"approved_by": "Anna Nowak"})
    assert answer.status == 200, answer.text
    found: Json = answer.json
    return found


async def test_a_shipped_flow_is_drafted_with_all_that_it_says(api: Api) -> None:
    found = await drafted(await api.holder(client_id=CLIENT))

    assert (found["client_id"], found["version"], found["state"]) == (CLIENT, 1, "draft")
    assert list(found["sources"]) == [f"{NAME}.yaml", "blocks.yaml", "conversation.yaml"]
    assert "nie odnotowaliśmy wpłaty" in " ".join(found["sources"][f"{NAME}.yaml"].split())


async def test_a_person_approves_a_version_and_history_shows_who(api: Api) -> None:
    client = await api.holder(client_id=CLIENT)
    await drafted(client)
    await approve(client)
    await drafted(client, source=FLOW)

    history = (await client.get(ADDRESS)).json["scenarios"]

    assert [(each["version"], each["state"], each["approved_by"]) for each in history] == [
        (1, "approved", "Anna Nowak"), (2, "draft", None),
    ]  # fmt: skip


async def test_nobody_approves_without_a_name(api: Api) -> None:
    client = await api.holder(client_id=CLIENT)
    await drafted(client)

    assert (await client.post(f"{ADDRESS}/versions/1/approve", json={})).status == 422
    assert (await client.post(f"{ADDRESS}/versions/1/approve", json={"approved_by": ""})).status == 422


async def test_what_is_wrong_with_a_flow_is_told_by_file_and_line(api: Api) -> None:
    client = await api.holder(client_id=CLIENT)

    answer = await client.put(ADDRESS, {"source": FLOW.replace("Prosimy o kontakt.", '"Do zapłaty: {amount}."')})

    assert answer.status == 422
    [error] = answer.json["errors"]
    assert error["pointer"] == "#/source"
    assert error["detail"].startswith(f"{NAME}.yaml:7: message says {{amount}} of BODY before the person is identified")


async def test_a_campaign_names_the_version_of_its_scenario(api: Api) -> None:
    client = await api.holder(client_id=CLIENT)

    unnamed = await client.put("/v1/campaigns/EN-OVERDUE", campaign(scenario=NAME, scenario_version=None))
    named = await client.put("/v1/campaigns/EN-OVERDUE", campaign(scenario=NAME, scenario_version=1))

    assert (unnamed.status, named.status) == (422, 201)
    assert "scenario_version" in unnamed.text
    assert "scenario_version" not in [each["about"] for each in named.json["notices"]]


async def test_what_was_retired_is_not_approved_again(api: Api) -> None:
    client = await api.holder(client_id=CLIENT)
    await drafted(client)
    retired = await client.post(f"{ADDRESS}/versions/1/retire", json={})
    again = await client.post(f"{ADDRESS}/versions/1/approve", json={"approved_by": "Anna Nowak"})

    assert retired.json["state"] == "retired"
    assert (again.status, again.json["code"]) == (409, "scenario_retired")


async def test_the_operator_says_whose_scenario_is_meant(api: Api) -> None:
    operator = await api.holder()

    assert (await operator.put(ADDRESS, {})).status == 422
    assert (await operator.put(ADDRESS, {"client_id": CLIENT})).status == 200
    assert (await operator.get(ADDRESS, params={"client_id": CLIENT})).status == 200
