"""Who makes whom, and what may they do?"""

import pytest

from api.scopes import Scope
from dialer.ports.store import Role
from tests.support.api import Api, Json
from tests.support.people import PASSWORD, holder_of, made, sign_in

USERS = "/v1/users"
JAN = {"name": "jan", "role": "controller"}


async def test_a_user_is_made_with_a_password_for_once(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.post(USERS, json=JAN)
    assert (answer.status, answer.json["must_change_password"]) == (201, True)
    assert answer.json["password"] not in (await operator.get(f"{USERS}/jan")).text

    jan = holder_of(api, await sign_in(api, "jan", answer.json["password"]))
    owed = await jan.get("/v1/campaigns")
    assert (owed.status, owed.json["code"]) == (403, "password_change")
    assert (await jan.get("/v1/me")).json["owes"] == "password_change"

    change = {"password": answer.json["password"], "new_password": PASSWORD}
    assert (await jan.post("/v1/me/password", json=change)).status == 200
    assert (await jan.get("/v1/me")).status == 401  # the session has ended with the password
    jan = holder_of(api, await sign_in(api, "jan", PASSWORD))
    assert (await jan.get("/v1/campaigns")).status == 200


async def test_a_name_is_given_once(api: Api) -> None:
    operator = await api.holder()
    statuses = [(await operator.post(USERS, json=JAN)).status for _ in range(2)]
    assert statuses == [201, 409]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"role": "client"}, "#/client_id"),
        ({"role": "agent"}, "#/agent_id"),
        ({"role": "supervisor", "client_id": "CL-ENERGIA"}, "#/client_id"),
        ({"role": "client", "client_id": "CL-ENERGIA", "agent_id": "anna"}, "#/agent_id"),
        ({"role": "root"}, "#/role"),
        ({"role": "controller", "name": "Jan Kowalski"}, "#/name"),
    ],
)
async def test_a_user_that_makes_no_sense_is_refused(api: Api, body: Json, pointer: str) -> None:
    answer = await (await api.holder()).post(USERS, json={"name": "jan", **body})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


async def test_who_could_make_an_admin_is_one(api: Api) -> None:
    some = await api.holder({Scope.USERS_MANAGE, Scope.AGENTS_ACT})
    assert (await some.post(USERS, json={"name": "anna", "role": "agent", "agent_id": "anna"})).status == 201

    admin = await api.signed_in("admin", Role.ADMIN)
    assert (await admin.post(USERS, json={"name": "ewa", "role": "admin"})).status == 201
    for answer in (
        await some.post(USERS, json={"name": "eve", "role": "admin"}),
        await some.post(f"{USERS}/ewa/reset"),
        await some.put(f"{USERS}/anna", {"role": "admin"}),
        await some.put(f"{USERS}/ewa", {"role": "agent", "agent_id": "anna"}),
    ):
        assert (answer.status, answer.json["code"]) == (403, "role_beyond_yours")


async def test_another_role_holds_from_the_next_sign_in(api: Api) -> None:
    jan, password = await made(api, "jan")
    operator = await api.holder()
    changed = await operator.put(f"{USERS}/jan", {"role": "client", "client_id": "CL-ENERGIA"})
    assert (changed.status, changed.json["client_id"]) == (200, "CL-ENERGIA")
    assert (await jan.get("/v1/me")).status == 401

    jan = holder_of(api, await sign_in(api, "jan", password))
    assert (await jan.get("/v1/agents")).status == 403


async def test_who_is_disabled_comes_in_no_more(api: Api) -> None:
    jan, password = await made(api, "jan")
    operator = await api.holder()
    await operator.put(f"{USERS}/jan", {"role": "controller", "is_enabled": False})

    assert (await jan.get("/v1/me")).status == 401
    assert (await sign_in(api, "jan", password)).status == 401


async def test_a_reset_ends_sessions_and_the_password(api: Api) -> None:
    jan, password = await made(api, "jan")
    reset = await (await api.holder()).post(f"{USERS}/jan/reset", json={"second_factor": True})

    assert (await jan.get("/v1/me")).status == 401
    assert (await sign_in(api, "jan", password)).status == 401
    assert (await sign_in(api, "jan", reset.json["password"])).json["owes"] == "password_change"


async def test_users_come_in_pages(api: Api) -> None:
    operator = await api.holder()
    for name in ("ewa", "jan", "ola"):
        await operator.post(USERS, json=JAN | {"name": name})
    first = (await operator.get(f"{USERS}?limit=2")).json
    second = (await operator.get(first["next"])).json
    assert [user["name"] for page in (first, second) for user in page["users"]] == ["ewa", "jan", "ola"]


async def test_nobody_is_changed_who_is_not_there(api: Api) -> None:
    operator = await api.holder()
    for method, path, body in (("GET", "", None), ("PUT", "", {"role": "admin"}), ("POST", "/reset", None)):
        assert (await operator.ask(method, f"{USERS}/nobody{path}", json=body)).status == 404


async def test_a_key_is_no_person(api: Api) -> None:
    operator = await api.holder()
    assert (await operator.get("/v1/me")).json["code"] == "no_person"
    key = await operator.post("/v1/keys", json={"scopes": ["account"], "label": "x"})
    assert (key.status, key.json["errors"][0]["pointer"]) == (422, "#/scopes")
