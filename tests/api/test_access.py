import re
import secrets

import pytest

from api.app import ROUTES
from api.key_form import new_key, parts
from api.operations import Route
from api.scopes import Scope
from dialer.ports.store import Key
from tests.support.api import Api, Client

GUARDED = [route for route in ROUTES if route.scope is not None and not route.local_is_free]
NAMES = {
    "campaign_id": "EN-OVERDUE",
    "batch_id": "B-1",
    "contact_id": "1",
    "case_id": "C1",
    "suppression_id": "1",
    "key_prefix": "dz0",
}


def name(route: Route) -> str:
    return route.operation.name


def address(route: Route) -> str:
    return re.sub(r"{(\w+)}", lambda found: NAMES[found[1]], route.path)


@pytest.mark.parametrize("route", GUARDED, ids=name)
async def test_nobody_comes_in_without_a_key(api: Api, route: Route) -> None:
    answer = await api.stranger().ask(route.method, address(route))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "dzwonek keys create" in answer.json["detail"]


@pytest.mark.parametrize("route", GUARDED, ids=name)
async def test_a_key_without_the_scope_is_told_which_one_it_lacks(api: Api, route: Route) -> None:
    holder = await api.holder(set(Scope) - {route.scope})
    answer = await holder.ask(route.method, address(route))
    assert answer.status == 403
    assert f"--scope {route.scope}" in answer.json["detail"]


@pytest.mark.parametrize("route", GUARDED, ids=name)
async def test_a_key_with_the_scope_alone_comes_in(api: Api, route: Route) -> None:
    holder = await api.holder({str(route.scope)})
    assert (await holder.ask(route.method, address(route))).status not in (401, 403)


@pytest.mark.parametrize(
    "authorization",
    [
        "", "Bearer", "Bearer ", "Bearer x", "Basic abc", "Bearer a.b", "Bearer ..", "bearer " + "x" * 7000,
        "Bearer dz000000000000." + "A" * 43, "Bearer Ł.ąęłąęłąęłąęłąęłąęł",
    ],
)  # fmt: skip
async def test_what_is_no_key_opens_nothing(api: Api, authorization: str) -> None:
    answer = await api.stranger().get("/v1/campaigns", headers={"Authorization": authorization})
    assert answer.status == 401


async def test_the_right_prefix_with_another_secret_opens_nothing(api: Api) -> None:
    prefix, secret, kept = new_key(secrets.token_bytes)
    await api.store.add_key(Key(prefix, frozenset(Scope), None, "test"), kept, api.service.clock.now())
    assert (await api.with_token(f"{prefix}.{secret}").get("/v1/campaigns")).status == 200
    assert (await api.with_token(f"{prefix}.{secret[:-1]}x").get("/v1/campaigns")).status == 401


async def test_a_key_in_the_address_is_not_looked_at(api: Api) -> None:
    prefix, secret, _ = new_key(secrets.token_bytes)
    assert (await api.stranger().get(f"/v1/campaigns?key={prefix}.{secret}")).status == 401


async def test_who_lacks_the_scope_learns_nothing_of_what_is_there(api: Api) -> None:
    await api.with_campaigns()
    stranger, reader = api.stranger(), await api.holder({Scope.METRICS})

    async def told(who: Client, campaign: str) -> tuple[int, str]:
        answer = await who.get(f"/v1/campaigns/{campaign}")
        return answer.status, answer.json["detail"]

    for who in (stranger, reader):
        assert await told(who, "EN-OVERDUE") == await told(who, "NO-SUCH")


def test_of_the_secret_only_its_hash_is_kept() -> None:
    made = new_key(lambda count: bytes(range(count)))
    assert made.prefix == "dz000102030405"
    assert made.secret not in made.secret_hash
    assert parts(f"{made.prefix}.{made.secret}") == (made.prefix, made.secret_hash)


def test_two_keys_share_nothing() -> None:
    one, other = new_key(secrets.token_bytes), new_key(secrets.token_bytes)
    assert not set(one) & set(other)
