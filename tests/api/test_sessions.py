"""Who comes in, for how long, and can another site use it?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from api.session_access import COOKIE, TOKEN
from dialer.core.lockout import FREE
from dialer.ports.store import Role
from tests.support.api import Api, api_on
from tests.support.people import PASSWORD, Moving, holder_of, made, sign_in, with_factor

MINUTE = timedelta(minutes=1)
STOP = "/v1/stop"


@pytest.fixture
def clock() -> Moving:
    return Moving()


@pytest.fixture
async def api(tmp_path: Path, clock: Moving) -> AsyncIterator[Api]:
    async with api_on(tmp_path, clock=clock) as running:
        yield running


# ---- coming in ------------------------------------------------------------------------------------------


async def test_no_script_reads_the_cookie_and_no_other_site_sends_it(api: Api) -> None:
    await made(api, "jan")
    cookie = (await sign_in(api, "jan", PASSWORD)).headers["Set-Cookie"]
    for said in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"):
        assert said in cookie


@pytest.mark.parametrize(
    ("name", "password", "because"), [("jan", "another password", "password"), ("eve", PASSWORD, "name")]
)
async def test_whoever_fails_is_told_the_same_and_the_log_says_why(
    api: Api, name: str, password: str, because: str
) -> None:
    await made(api, "jan")
    with capture_logs() as lines:
        answer = await sign_in(api, name, password)
    assert answer.status == 401
    assert "name, password and code" in answer.json["detail"]
    [told] = [line for line in lines if line["event"] == "sign_in_refused"]
    assert (told["because"], told["user"]) == (because, "jan" if name == "jan" else None)


async def test_after_some_failures_nobody_comes_in_for_longer_and_longer(api: Api, clock: Moving) -> None:
    await made(api, "jan")
    for _ in range(FREE):
        assert (await sign_in(api, "jan", "another password")).status == 401

    assert (await sign_in(api, "jan", PASSWORD)).status == 401
    clock.on(MINUTE)
    assert (await sign_in(api, "jan", "another password")).status == 401
    clock.on(MINUTE)
    assert (await sign_in(api, "jan", PASSWORD)).status == 401  # two minutes by now
    clock.on(MINUTE)
    assert (await sign_in(api, "jan", PASSWORD)).status == 201


async def test_an_admin_lets_in_whoever_was_locked_out(api: Api) -> None:
    await made(api, "jan")
    for _ in range(FREE):
        await sign_in(api, "jan", "another password")
    reset = await (await api.holder()).post("/v1/users/jan/reset")
    assert (await sign_in(api, "jan", reset.json["password"])).status == 201


async def test_a_password_is_kept_as_argon2_only(api: Api) -> None:
    await made(api, "jan")
    user = await api.store.user("jan")
    assert user is not None
    assert user.password_hash.startswith("$argon2id$")


# ---- the second factor ----------------------------------------------------------------------------------


async def test_an_admin_does_nothing_before_the_second_factor_is_set_up(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    refused = await admin.get("/v1/users")
    assert (refused.status, refused.json["code"]) == (403, "second_factor")

    device, recovery = await with_factor(admin, clock)
    assert (await admin.get("/v1/users")).status == 200
    assert len(recovery) == 10
    assert device.interval == 30


async def test_a_session_begun_without_the_second_factor_gains_nothing_by_it(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    thief = holder_of(api, await sign_in(api, "ewa", PASSWORD))
    assert (await thief.get("/v1/users")).json["code"] == "second_factor"

    await with_factor(admin, clock)

    assert (await admin.get("/v1/users")).status == 200
    assert (await thief.get("/v1/users")).status == 401


async def test_with_a_second_factor_the_password_is_not_enough(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    device, _ = await with_factor(admin, clock)
    clock.on(MINUTE)

    wanted = await sign_in(api, "ewa", PASSWORD)
    assert (wanted.status, wanted.json["code"]) == (401, "second_factor_wanted")
    assert (await sign_in(api, "ewa", PASSWORD, "000000")).status == 401
    assert (await sign_in(api, "ewa", PASSWORD, device.at(clock.now() - 5 * MINUTE))).status == 401
    assert (await sign_in(api, "ewa", PASSWORD, device.at(clock.now()))).status == 201


async def test_a_code_that_was_overheard_opens_nothing(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    device, _ = await with_factor(admin, clock)
    assert (await sign_in(api, "ewa", PASSWORD, device.at(clock.now()))).status == 401  # it has confirmed the device
    clock.on(MINUTE)
    statuses = [(await sign_in(api, "ewa", PASSWORD, device.at(clock.now()))).status for _ in range(2)]
    assert statuses == [201, 401]


async def test_a_recovery_code_opens_once(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    _, recovery = await with_factor(admin, clock)
    statuses = [(await sign_in(api, "ewa", PASSWORD, recovery[0])).status for _ in range(2)]
    assert statuses == [201, 401]
    assert (await admin.get("/v1/me")).json["recovery_codes_left"] == 9


async def test_codes_are_not_guessed_for_long(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    device, _ = await with_factor(admin, clock)
    clock.on(MINUTE)
    for _ in range(FREE):
        await sign_in(api, "ewa", PASSWORD, "000000")
    assert (await sign_in(api, "ewa", PASSWORD, device.at(clock.now()))).status == 401


async def test_another_device_needs_the_one_before(api: Api, clock: Moving) -> None:
    admin, _ = await made(api, "ewa", "admin")
    device, _ = await with_factor(admin, clock)
    clock.on(MINUTE)
    body = {"password": PASSWORD}
    assert (await admin.post("/v1/me/second-factor", json=body)).status == 401
    assert (await admin.post("/v1/me/second-factor", json=body | {"code": device.at(clock.now())})).status == 200
    assert (await admin.post("/v1/me/second-factor/confirm", json={"code": "000000"})).status == 409


# ---- going on, and being signed out ---------------------------------------------------------------------


async def test_a_session_in_which_nothing_is_asked_ends(api: Api, clock: Moving) -> None:
    jan, _ = await made(api, "jan")
    for _ in range(4):
        clock.on(20 * MINUTE)
        assert (await jan.get("/v1/me")).status == 200
    clock.on(30 * MINUTE)
    assert (await jan.get("/v1/me")).status == 401


async def test_no_session_lasts_longer_than_a_shift(api: Api, clock: Moving) -> None:
    jan, _ = await made(api, "jan")
    for _ in range(47):
        clock.on(15 * MINUTE)
        assert (await jan.get("/v1/me")).status == 200
    clock.on(15 * MINUTE)
    assert (await jan.get("/v1/me")).status == 401


async def test_whoever_signs_out_is_out(api: Api) -> None:
    jan, _ = await made(api, "jan")
    assert (await jan.post("/v1/me/sign-out")).status == 200
    assert (await jan.get("/v1/me")).status == 401


async def test_an_admin_sees_who_has_signed_in_and_signs_them_out(api: Api) -> None:
    jan, _ = await made(api, "jan")
    operator = await api.holder()
    [shown] = (await operator.get("/v1/sessions?user=jan")).json["sessions"]
    assert (shown["user"], shown["origin"]) == ("jan", "127.0.0.1")

    address = f"/v1/sessions/{shown['session_id']}"
    assert [(await operator.ask("DELETE", address)).status for _ in range(2)] == [200, 404]
    assert (await jan.get("/v1/me")).status == 401


async def test_the_secret_of_a_session_is_kept_nowhere(api: Api) -> None:
    await made(api, "jan")
    cookie = (await sign_in(api, "jan", PASSWORD)).headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    database = (Path(api.service.spool).parent / "dzwonek.db-wal").read_bytes()
    assert cookie.partition(".")[0].encode() in database
    assert cookie.partition(".")[2].encode() not in database


# ---- other sites ----------------------------------------------------------------------------------------


async def test_another_site_that_makes_the_browser_ask_changes_nothing(api: Api) -> None:
    ewa = await api.signed_in("ewa", Role.SUPERVISOR)
    assert (await ewa.get(STOP)).json["stopped"] is False

    for headers in ({TOKEN: ""}, {TOKEN: "0" * 64}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = await ewa.ask("POST", STOP, headers)
        assert (answer.status, answer.json["code"]) == (403, "csrf_token_wanted")
    assert (await ewa.get(STOP)).json["stopped"] is False

    assert (await ewa.ask("POST", STOP, {"Sec-Fetch-Site": "same-origin"})).status == 200


async def test_the_page_learns_the_token_of_its_session(api: Api) -> None:
    await made(api, "jan")
    answer = await sign_in(api, "jan", PASSWORD)
    token = (await holder_of(api, answer).get("/v1/me")).json["csrf_token"]
    assert token == answer.json["csrf_token"]
    other = await sign_in(api, "jan", PASSWORD)
    assert other.json["csrf_token"] != token


@pytest.mark.parametrize("cookie", ["", "x", "dz000000000000." + "A" * 43, "a.b"])
async def test_what_is_no_session_opens_nothing(api: Api, cookie: str) -> None:
    answer = await api.stranger().get("/v1/campaigns", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert answer.status == 401
