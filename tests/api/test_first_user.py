"""Who makes the first user, and can anybody do it again?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.first_user import new_secret
from tests.support.api import Api, Json, Said, api_on
from tests.support.people import PASSWORD, sign_in

SET_UP = new_secret()


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_on(tmp_path, set_up_hash=SET_UP.secret_hash) as running:
        yield running


async def set_up(api: Api, **changes: str) -> Said:
    body: Json = {"secret": SET_UP.secret, "name": "ewa", "password": PASSWORD, **changes}
    return await api.stranger().post("/v1/set-up", json=body)


async def test_whoever_has_the_secret_is_the_first_admin(api: Api) -> None:
    answer = await set_up(api)
    assert (answer.status, answer.json["role"], answer.json["must_change_password"]) == (201, "admin", False)
    assert (await sign_in(api, "ewa", PASSWORD)).json["owes"] == "second_factor"


async def test_the_secret_opens_once(api: Api) -> None:
    assert [(await set_up(api, name=name)).status for name in ("ewa", "eve")] == [201, 403]
    assert await api.store.user("eve") is None


async def test_another_secret_opens_nothing(api: Api) -> None:
    assert (await set_up(api, secret=new_secret().secret)).status == 403
    assert not await api.store.has_users()


async def test_where_there_were_users_at_the_start_nothing_opens(tmp_path: Path) -> None:
    async with api_on(tmp_path) as api:
        assert (await set_up(api)).status == 403


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "the name is ewa", "x" * 200])
async def test_nobody_starts_with_a_password_that_is_guessed(api: Api, password: str) -> None:
    answer = await set_up(api, password=password)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/password")
    assert (await set_up(api)).status == 201  # the secret was not used up
