import pytest

from api.scopes import Scope
from tests.support.api import Api, Client, Json, call_list

ADDRESS = "/v1/suppressions"
EN, CZ = "CL-ENERGIA", "CL-CZYNSZ"
NUMBER = "+48285211545"  # of EN/2026/000002, alone
OPT_OUT = {"number": NUMBER, "reason": "opt_out"}


async def ask(client: Client, wish: Json) -> Json:
    answer = await client.post(ADDRESS, json=wish)
    assert answer.status in (200, 201), answer.text
    kept: Json = answer.json
    return kept


async def listed(client: Client, **which: str) -> list[int]:
    page = await client.get(ADDRESS, params=which)
    assert page.status == 200, page.text
    return [each["suppression_id"] for each in page.json["suppressions"]]


async def end_of(client: Client, case: str = "EN/2026/000002") -> str | None:
    page = await client.get("/v1/campaigns/EN-OVERDUE/contacts", params={"case_id": case})
    [contact] = page.json["contacts"]
    end: str | None = contact["finished"]
    return end


@pytest.mark.parametrize("written", [NUMBER, "285 211 545", "0285-211-545", "0048 285211545", "tel. 285211545"])
async def test_a_number_is_left_in_peace_however_it_is_written(api: Api, written: str) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))

    answer = await operator.post(
        ADDRESS, json={"client_id": EN, "number": written, "reason": "opt_out", "note": "tel."}
    )

    assert answer.status == 201
    kept = answer.json
    assert (kept["number"], kept["client_id"], kept["debtor_id"]) == (NUMBER, EN, None)
    assert kept["actor"].startswith("key:")
    assert (kept["stopped"]["contacts"], kept["stopped"]["calls"]) == (1, [])
    assert await end_of(operator) == "do_not_call"


async def test_the_same_wish_twice_is_one(api: Api) -> None:
    client = await api.holder(client_id=EN)
    first = await client.post(ADDRESS, json=OPT_OUT)
    second = await client.post(ADDRESS, json=OPT_OUT)
    assert (first.status, second.status) == (201, 200)
    assert first.json["suppression_id"] == second.json["suppression_id"]


async def test_a_lifted_wish_stays_as_history(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    kept = await ask(operator, {"client_id": EN, **OPT_OUT})
    address = f"{ADDRESS}/{kept['suppression_id']}"

    lifted = await operator.ask("DELETE", address)

    assert (lifted.status, lifted.json["contacts_returned"]) == (200, 1)
    assert await end_of(operator) is None
    shown = (await operator.get(address)).json
    assert shown["lifted_by"] == kept["actor"]
    again = await operator.ask("DELETE", address)
    assert (again.status, again.json["lifted_at"]) == (200, shown["lifted_at"])


async def test_an_opted_out_number_stays_blocked_when_its_list_comes_again(api: Api) -> None:
    operator = await api.with_campaigns()
    await ask(operator, {"client_id": EN, **OPT_OUT})
    before = await operator.send(call_list(20), "B-1")
    rows = (await operator.get("/v1/batches/B-1/rows")).lines
    [row] = [each for each in rows if each["case_id"] == "EN/2026/000002"]
    assert (row["status"], row["codes"]) == ("accepted_blocked", ["B_DO_NOT_CALL"])
    again = await operator.send(call_list(20) + b"\n", "B-2")
    assert again.json["counts"] == before.json["counts"]
    assert await end_of(operator) == "do_not_call"


# ---- who may say so -------------------------------------------------------------------------------------


async def test_a_clients_key_speaks_for_its_client_only(api: Api) -> None:
    operator, energy, rent = await api.holder(), await api.holder(client_id=EN), await api.holder(client_id=CZ)
    own = await ask(energy, OPT_OUT)
    everywhere = await ask(operator, OPT_OUT)
    assert (own["client_id"], everywhere["client_id"]) == (EN, None)

    refused = await energy.post(ADDRESS, json={"client_id": CZ, **OPT_OUT})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "#/client_id")

    assert await listed(operator) == [own["suppression_id"], everywhere["suppression_id"]]
    assert await listed(energy) == [own["suppression_id"]]
    assert await listed(rent) == await listed(rent, client_id=EN) == []
    for wish in (own, everywhere):
        address = f"{ADDRESS}/{wish['suppression_id']}"
        assert (await rent.get(address)).status == 404
        assert (await rent.ask("DELETE", address)).status == 404
    assert (await energy.ask("DELETE", f"{ADDRESS}/{everywhere['suppression_id']}")).status == 404
    assert (await energy.ask("DELETE", f"{ADDRESS}/{own['suppression_id']}")).status == 200


async def test_each_key_does_what_it_is_for(api: Api) -> None:
    reader = await api.holder([Scope.SUPPRESSIONS_READ])
    writer = await api.holder([Scope.SUPPRESSIONS_WRITE])
    kept = await ask(writer, OPT_OUT)
    address = f"{ADDRESS}/{kept['suppression_id']}"
    assert [(await reader.get(each)).status for each in (ADDRESS, address)] == [200, 200]
    assert (await reader.post(ADDRESS, json=OPT_OUT)).status == 403
    assert (await reader.ask("DELETE", address)).status == 403
    assert (await writer.get(ADDRESS)).status == 403


# ---- what can be asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"reason": "opt_out"}, "#"),
        ({"reason": "opt_out", "number": NUMBER, "everybody": True}, "#"),
        ({"reason": "opt_out", "number": "112"}, "#/number"),
        ({"reason": "opt_out", "number": "sobie"}, "#/number"),
        ({"reason": "opt_out", "debtor_id": "D1"}, "#/debtor_id"),
        ({"reason": "do_not_call", "everybody": True}, "#/number"),
        ({"reason": "wrong_number", "number": NUMBER, "client_id": EN}, "#/reason"),
        ({"reason": "opt_out", "number": NUMBER, "until": "2020-01-01T00:00:00Z"}, "#/until"),
        ({"reason": "opt_out", "number": NUMBER, "until": "2030-01-01T00:00:00"}, "#/until"),
        ({"reason": "whim", "number": NUMBER}, "#/reason"),
        ({"reason": "opt_out", "number": NUMBER, "note": "line\nbreak"}, "#/note"),
        ({"reason": "opt_out", "phone": NUMBER}, "#/phone"),
    ],
)
async def test_a_wish_that_means_nobody_or_nothing_is_refused(api: Api, wish: Json, pointer: str) -> None:
    operator = await api.holder()
    answer = await operator.post(ADDRESS, json=wish)
    assert answer.status == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert await listed(operator) == []


async def test_a_client_may_call_nobody(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    client = await api.holder(client_id=EN)
    kept = await ask(client, {"everybody": True, "reason": "do_not_call"})
    assert (kept["client_id"], kept["number"], kept["debtor_id"]) == (EN, None, None)
    assert await end_of(operator) == "do_not_call"


async def test_wishes_are_found_by_what_they_are_about(api: Api) -> None:
    operator = await api.holder()
    wishes = [
        {**OPT_OUT, "client_id": EN},
        {"debtor_id": "D1", "client_id": EN, "reason": "complaint", "until": "2030-01-01T00:00:00Z"},
        {"number": NUMBER, "debtor_id": "D2", "client_id": CZ, "reason": "wrong_number"},
    ]
    first, second, third = [(await ask(operator, each))["suppression_id"] for each in wishes]
    await operator.ask("DELETE", f"{ADDRESS}/{first}")

    assert await listed(operator, number="285 211 545") == [first, third]
    assert await listed(operator, debtor_id="D1") == [second]
    assert await listed(operator, client_id=CZ) == [third]
    assert await listed(operator, reason="complaint") == [second]
    assert await listed(operator, lifted="true") == [first]
    assert await listed(operator, lifted="false") == [second, third]
    assert (await operator.get(ADDRESS, params={"number": "sobie"})).status == 422


async def test_following_the_pages_leads_past_every_wish_once(api: Api) -> None:
    operator = await api.holder()
    made = [
        (await ask(operator, {"client_id": EN, "debtor_id": f"D{n}", "reason": "objection"}))["suppression_id"]
        for n in range(5)
    ]
    walked, address = [], f"{ADDRESS}?limit=2&lifted=false"
    while address:
        page = (await operator.get(address)).json
        walked += [each["suppression_id"] for each in page["suppressions"]]
        address = page["next"]
    assert walked == made


async def test_what_never_was_is_not_found(api: Api) -> None:
    operator = await api.holder()
    assert (await operator.get(f"{ADDRESS}/4711")).status == 404
    assert (await operator.ask("DELETE", f"{ADDRESS}/4711")).status == 404
