import secrets

import pytest

from api.key_form import new_key, parts
from api.scopes import Scope
from dialer.ports.store import Key
from tests.support.api import Api, Client


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
