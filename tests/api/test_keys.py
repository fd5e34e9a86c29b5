from datetime import timedelta

import pytest

from api.scopes import Scope
from tests.support.api import NOON, Api, Client, Json

KEYS = "/v1/keys"


def body(**changes: object) -> Json:
    return {"scopes": ["campaigns:read"], "label": "CRM", **changes}


async def made(operator: Client, **changes: object) -> Json:
    answer = await operator.post(KEYS, json=body(**changes))
    assert answer.status == 201, answer.text
    found: Json = answer.json
    return found


async def test_a_key_that_was_made_opens_what_it_may(api: Api) -> None:
    operator = await api.with_campaigns()
    holder = api.with_token((await made(operator, client_id="CL-ENERGIA"))["key"])

    seen = (await holder.get("/v1/campaigns")).json["campaigns"]
    assert {each["settings"]["client_id"] for each in seen} == {"CL-ENERGIA"}
    assert (await holder.get("/v1/events")).status == 403


async def test_a_secret_is_told_once(api: Api) -> None:
    operator = await api.holder()
    key = await made(operator)
    secret = key["key"].partition(".")[2]

    for path in (KEYS, f"{KEYS}/{key['prefix']}", "/v1/audit"):
        assert secret not in (await operator.get(path)).text


async def test_nobody_gives_what_they_have_not(api: Api) -> None:
    some = await api.holder({Scope.KEYS_MANAGE, Scope.CAMPAIGNS_READ})

    answer = await some.post(KEYS, json=body(scopes=["campaigns:read", "engine:stop"]))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/scopes")
    assert "engine:stop" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"scopes": []}, "#/scopes"),
        ({"scopes": ["everything"]}, "#/scopes/0"),
        ({"client_id": "CL-ENERGIA", "scopes": ["keys:manage"]}, "#/scopes"),
        ({"expires_at": NOON.isoformat()}, "#/expires_at"),
        ({"expires_at": "2027-01-01T00:00:00"}, "#/expires_at"),
        ({"label": "a\nb"}, "#/label"),
        ({"admin": True}, "#/admin"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused(api: Api, changes: Json, pointer: str) -> None:
    answer = await (await api.holder()).post(KEYS, json=body(**changes))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


async def test_a_clients_key_manages_no_keys(api: Api) -> None:
    client = await api.holder(client_id="CL-ENERGIA")
    assert (await client.get(KEYS)).status == 403


async def test_a_revoked_key_opens_nothing_from_the_answer_on(api: Api) -> None:
    operator = await api.holder()
    key = await made(operator)
    holder = api.with_token(key["key"])
    for _ in range(3):  # it is known by now
        assert (await holder.get("/v1/campaigns")).status == 200

    answer = await operator.ask("DELETE", f"{KEYS}/{key['prefix']}")
    assert (answer.status, answer.json["revoked_at"] is None) == (200, False)
    assert (await holder.get("/v1/campaigns")).status == 401


async def test_both_secrets_open_during_the_grace_and_then_the_new_one(api: Api) -> None:
    operator = await api.holder()
    old = await made(operator)
    new = (await operator.post(f"{KEYS}/{old['prefix']}/rotate")).json
    assert new["prefix"] == old["prefix"]
    assert new["key"] != old["key"]
    for token in 2 * (old["key"], new["key"]):
        assert (await api.with_token(token).get("/v1/campaigns")).status == 200

    newest = (await operator.post(f"{KEYS}/{old['prefix']}/rotate", json={"grace_minutes": 0})).json
    statuses = [(await api.with_token(each["key"]).get("/v1/campaigns")).status for each in (old, new, newest)]
    assert statuses == [401, 401, 200]


async def test_a_revoked_key_is_not_rotated(api: Api) -> None:
    operator = await api.holder()
    prefix = (await made(operator))["prefix"]
    await operator.ask("DELETE", f"{KEYS}/{prefix}")

    assert (await operator.post(f"{KEYS}/{prefix}/rotate")).status == 409
    assert (await operator.post(f"{KEYS}/dz000000000000/rotate")).status == 404


async def test_the_last_use_is_shown_to_the_minute(api: Api) -> None:
    operator = await api.holder()
    key = await made(operator)
    assert key["last_used_at"] is None
    await api.with_token(key["key"]).get("/v1/campaigns")
    first = (await operator.get(f"{KEYS}/{key['prefix']}")).json["last_used_at"]
    await api.with_token(key["key"]).get("/v1/campaigns")  # within the same minute

    assert first is not None
    assert (await operator.get(f"{KEYS}/{key['prefix']}")).json["last_used_at"] == first


async def test_an_expired_key_opens_nothing(api: Api) -> None:
    operator = await api.holder()
    soon = (api.service.clock.now() + timedelta(milliseconds=40)).isoformat()
    key = await made(operator, expires_at=soon)
    for _ in range(50):  # the clock ticks with every look at it
        await operator.get(KEYS)

    assert (await api.with_token(key["key"]).get("/v1/campaigns")).status == 401


async def test_keys_come_in_pages(api: Api) -> None:
    operator = await api.holder()
    labels = {(await made(operator, label=f"key {n}"))["prefix"] for n in range(4)}
    seen, address = set(), f"{KEYS}?limit=2"
    while address:
        page = (await operator.get(address)).json
        seen |= {each["prefix"] for each in page["keys"]}
        address = page["next"]
    assert labels < seen
    assert len(seen) == 5  # with the one who asks
