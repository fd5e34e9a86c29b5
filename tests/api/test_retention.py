from datetime import timedelta

import pytest

from api.app import ROUTES
from api.scopes import Scope
from tests.support.api import Api, Client, call_list, one_call

EN = "CL-ENERGIA"


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(20))
    return holder


async def test_a_client_sets_how_long_its_data_is_kept(api: Api, operator: Client) -> None:
    energy = await api.holder(client_id=EN)
    assert (await energy.get("/v1/retention")).json["set"] == []
    changed = await energy.ask("PATCH", "/v1/retention", json={"days": {"heard": 14}})
    assert (changed.json["days"]["heard"], changed.json["set"]) == (14, ["heard"])
    assert (await energy.get("/v1/retention")).json == changed.json
    for days in (0, 40_000, "for ever"):
        refused = await energy.ask("PATCH", "/v1/retention", json={"days": {"heard": days}})
        assert refused.status == 422
    assert (await operator.get("/v1/retention")).status == 422


async def test_whoever_reads_personal_data_is_written_down_once_a_minute(api: Api, operator: Client) -> None:
    attempt = await one_call(api, answered_for=timedelta(seconds=3))
    reader = await api.holder([Scope.CONTACTS_READ], EN)
    address = f"/v1/contacts/{attempt.contact_id}"
    for path in (address, address, f"{address}/attempts", "/v1/campaigns/EN-OVERDUE/contacts"):
        assert (await reader.get(path)).status == 200

    actor = f"key:{(reader.token or '').partition('.')[0]}"
    found = (await operator.get("/v1/accesses", params={"actor": actor})).json["accesses"]

    assert [(each["operation"], each["subject"]) for each in found] == [
        ("contacts.show", str(attempt.contact_id)),
        ("contacts.attempts", str(attempt.contact_id)),
        ("contacts.list_all", "EN-OVERDUE"),
    ]
    assert {(each["client_id"], each["origin"]) for each in found} == {(EN, "127.0.0.1")}


def test_no_address_shows_numbers_or_messages_unseen() -> None:
    shows = {route.operation.name for route in ROUTES if route.operation.shows_people}
    people = (Scope.CONTACTS_READ, Scope.SUPPRESSIONS_READ, Scope.RECORDINGS_READ)
    by_scope = {route.operation.name for route in ROUTES if route.method == "GET" and route.scope in people}
    assert shows == {*by_scope, "batches.rows", "attempts.correct", "call_backs.list_all"}
