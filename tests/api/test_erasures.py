import pytest

from tests.support.api import Api, Client, call_list, one_call

EN, DEBTOR = "CL-ENERGIA", "D000002"


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(20))
    return holder


@pytest.fixture
async def energy(api: Api, operator: Client) -> Client:
    return await api.holder(client_id=EN)


async def test_a_client_has_its_debtor_erased_and_gets_a_receipt(energy: Client) -> None:
    made = await energy.post("/v1/erasures", json={"debtor_id": DEBTOR})
    assert (made.status, made.json["state"]) == (201, "done")
    assert made.json["removed"]["numbers"] >= 1
    assert DEBTOR not in made.text
    receipt = await energy.get(f"/v1/erasures/{made.json['erasure_id']}")
    assert receipt.json == made.json
    assert (await energy.get("/v1/erasures")).json["erasures"] == [made.json]

    again = await energy.post("/v1/erasures", json={"debtor_id": DEBTOR})
    assert (again.status, again.json) == (200, made.json)


async def test_after_it_no_answer_names_the_debtor(api: Api, operator: Client, energy: Client) -> None:
    attempt = await one_call(api)
    shown = (await energy.get(f"/v1/contacts/{attempt.contact_id}")).json
    [case], number = shown["cases"], shown["numbers"][0]["number"]
    assert (await energy.post("/v1/erasures", json={"debtor_id": shown["debtor_id"]})).status == 201

    for address in (
        f"/v1/contacts/{attempt.contact_id}",
        f"/v1/contacts/{attempt.contact_id}/attempts",
        f"/v1/contacts/{attempt.contact_id}/timeline",
        f"/v1/contacts/{attempt.contact_id}/why",
        f"/v1/cases/{case.replace('/', '%2F')}",
        "/v1/batches/B-1/rows",
        "/v1/events?limit=500",
        "/v1/audit?limit=500",
        "/v1/suppressions",
        "/v1/exports/attempts?format=ndjson",
        "/v1/exports/contacts?format=ndjson",
    ):
        answer = await operator.get(address, params={"client_id": EN} if "/cases/" in address else {})
        assert answer.status == 200, address
        assert [word for word in (number, number[3:], shown["debtor_id"]) if word in answer.text] == [], address


async def test_nobody_erases_what_is_anothers_or_not_there(api: Api, operator: Client) -> None:
    rent = await api.holder(client_id="CL-CZYNSZ")
    for body in ({"debtor_id": DEBTOR, "client_id": EN}, {"debtor_id": DEBTOR}, {"debtor_id": "D-NOBODY"}):
        assert (await rent.post("/v1/erasures", json=body)).status == 404
    assert (await operator.post("/v1/erasures", json={"debtor_id": DEBTOR})).status == 422
    assert (await operator.get("/v1/erasures/4711")).status == 404


async def test_only_an_erasure_leaves_wishes_of_that_kind(energy: Client) -> None:
    refused = await energy.post("/v1/suppressions", json={"debtor_id": DEBTOR, "reason": "erased"})
    assert refused.status == 422
