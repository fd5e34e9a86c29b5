from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dialer.core.brands import CallerNumbers, caller_problem
from dialer.core.numbers import NumberingPlan
from tests.support.api import Api, api_on, campaign
from tests.support.tenants import FLOW

ANOTHER = "it names Telefonia Wzorcowa, which is another brand: say {brand} instead"
EN = "/v1/campaigns/EN-OVERDUE"
BRAND = {
    "client_id": "CL-ENERGIA",
    "name": "Energia Nowa",
    "neutral_name": "Energia Nowa",
    "caller_number": "+48388000011",
    "callback_number": "+48388000012",
    "sms_sender": "Energia",
}
TAKEN = ("brand", "brand_neutral", "cli", "callback_number", "voice")


def under_a_brand(**changes: Any) -> dict[str, Any]:
    plain = {name: value for name, value in campaign().items() if name not in TAKEN}
    return plain | {"brand_id": "EN"} | changes


async def test_a_brand_is_shown_as_it_was_put(api: Api) -> None:
    operator = await api.holder()
    created = await operator.put("/v1/brands/EN", BRAND)
    changed = await operator.put("/v1/brands/EN", BRAND)

    assert (created.status, changed.status, changed.json["revision"]) == (201, 200, 2)
    assert (await operator.get("/v1/brands/EN")).json == changed.json
    assert (await operator.get("/v1/brands")).json == {"brands": [changed.json]}
    assert {name: changed.json["settings"][name] for name in BRAND} == BRAND
    assert (await operator.get("/v1/brands/NONE")).status == 404


async def test_nobody_overwrites_a_brand_that_they_have_not_seen(api: Api) -> None:
    operator = await api.holder()
    seen = {"If-Match": (await operator.put("/v1/brands/EN", BRAND, {"If-None-Match": "*"})).headers["ETag"]}
    assert (await operator.put("/v1/brands/EN", BRAND | {"name": "Energia Jutra"}, seen)).status == 200

    for headers in (seen, {"If-None-Match": "*"}, {"If-Match": '"none of ours"'}):
        assert (await operator.put("/v1/brands/EN", BRAND, headers)).status == 412
    shown = await operator.get("/v1/brands/EN")
    assert (shown.headers["ETag"], shown.json["settings"]["name"]) == ('"2"', "Energia Jutra")


async def test_a_campaign_that_names_a_brand_speaks_as_it_and_changes_with_it(api: Api) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/EN", BRAND)
    assert (await operator.put(EN, under_a_brand())).status == 201
    await operator.put("/v1/brands/EN", BRAND | {"name": "Energia Jutra", "voice": "pl-voice-b"})

    kept = (await operator.get(EN)).json["settings"]
    assert [kept[name] for name in TAKEN] == [
        "Energia Jutra", "Energia Nowa", "+48388000011", "+48388000012", "pl-voice-b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"brand_id": "NONE"}, "#/brand_id"),
        ({"cli": "+48388000099"}, "#/cli"),
        ({"message": "Dzwoni Telefonia Wzorcowa."}, "#/message"),
        ({"voicemail_message": "Dzwoniła Telefonia Wzorcowa."}, "#/voicemail_message"),
        ({"languages": {"en": {"message": "This is Telefonia Wzorcowa."}}}, "#/languages/en/message"),
    ],
)
async def test_a_campaign_mixes_no_brands(api: Api, changes: dict[str, str], pointer: str) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/EN", BRAND)
    other = BRAND | {"name": "Telefonia Wzorcowa", "client_id": "CL-TELKO", "caller_number": "+48388000021"}
    await operator.put("/v1/brands/TK", other)

    answer = await operator.put(EN, under_a_brand(**changes))

    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


async def test_another_clients_brand_is_not_there(api: Api) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/EN", BRAND | {"client_id": "CL-TELKO"})

    assert (await operator.put(EN, under_a_brand())).json["errors"][0]["detail"] == "there is no brand EN"


async def test_a_campaign_with_fields_of_its_own_does_not_present_a_brands_number(api: Api) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/TK", BRAND)

    answer = await operator.put(EN, campaign(cli=BRAND["caller_number"]))

    assert answer.json["errors"] == [{"pointer": "#/cli", "detail": "another brand presents this number"}]


async def test_two_brands_with_one_number_are_a_conflict(api: Api) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/EN", BRAND)

    assert (await operator.put("/v1/brands/TK", BRAND)).status == 409


async def test_numbers_that_may_not_be_presented_are_refused(tmp_path: Path) -> None:
    owned = CallerNumbers(frozenset({"+48388000011"}))
    async with api_on(tmp_path, presentable=partial(caller_problem, plan=NumberingPlan.TEST, known=owned)) as api:
        operator = await api.holder()
        assert (await operator.put("/v1/brands/EN", BRAND)).status == 201
        refused = await operator.put("/v1/brands/EN", BRAND | {"caller_number": "+48388000012"})
        inline = await operator.put(EN, campaign())

    assert [error["pointer"] for error in refused.json["errors"]] == ["#/caller_number"]
    assert [error["pointer"] for error in inline.json["errors"]] == ["#/cli"]
    assert "DZWONEK_CALLER_NUMBERS" in inline.json["errors"][0]["detail"]


async def test_a_clients_brand_is_its_own(api: Api) -> None:
    client = await api.holder(client_id="CL-ENERGIA")
    plain = {name: value for name, value in BRAND.items() if name != "client_id"}

    assert (await client.put("/v1/brands/EN", plain)).json["settings"]["client_id"] == "CL-ENERGIA"
    assert (await client.put("/v1/brands/EN2", BRAND | {"client_id": "CL-TELKO"})).status == 422


async def test_a_campaign_whose_number_may_not_be_presented_any_more_does_not_start(tmp_path: Path) -> None:
    known: set[str] = set()
    async with api_on(tmp_path, presentable=lambda number: "the regulator's list" if number in known else None) as api:
        operator = await api.holder()
        await operator.put(EN, campaign())
        known.add(campaign()["cli"])
        answer = await operator.post(f"{EN}/start")

    assert (answer.status, answer.json["code"]) == (409, "caller_number")
    assert "the regulator's list" in answer.json["detail"]


async def test_a_campaigns_scenario_names_no_other_brand_either(api: Api) -> None:
    operator = await api.holder()
    await operator.put("/v1/brands/TK", BRAND | {"name": "Telefonia Wzorcowa"})
    source = FLOW.replace("Prosimy o kontakt.", "Dzwoni Telefonia Wzorcowa.")
    drafted = await operator.put("/v1/scenarios/note", {"source": source, "client_id": "CL-ENERGIA"})
    assert drafted.status == 200, drafted.text

    answer = await operator.put(EN, campaign(scenario="note", scenario_version=1))
    reminder = await operator.put(EN, campaign(promise_reminder={"scenario": "note", "version": 1}))
    answers = await operator.put(
        "/v1/brands/EN", BRAND | {"caller_number": "+48388000013", "answers_with": {"scenario": "note", "version": 1}}
    )

    assert {"pointer": "#/scenario", "detail": ANOTHER} in answer.json["errors"]
    assert {"pointer": "#/promise_reminder", "detail": ANOTHER} in reminder.json["errors"]
    assert {"pointer": "#/answers_with", "detail": ANOTHER} in answers.json["errors"]
