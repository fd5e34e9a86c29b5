"""People who sign in with a password, as they would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pyotp import TOTP

from tests.support.api import NOON, Api, Client, Json, Said

PASSWORD = "trzy małe koty"


@dataclass
class Moving:
    """The Clock port: a time that is moved on by hand."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    def on(self, time: timedelta) -> None:
        self.at += time


async def sign_in(api: Api, name: str, password: str, code: str | None = None) -> Said:
    body = {"name": name, "password": password} | ({"code": code} if code else {})
    return await api.stranger().post("/v1/sessions", json=body)


def holder_of(api: Api, answer: Said) -> Client:
    """Whoever was let in by that answer."""
    assert answer.status == 201, answer.text
    return api.with_cookie(answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0])


async def made(api: Api, name: str, role: str = "controller", **more: str) -> tuple[Client, str]:
    """Somebody who has changed the password that an admin gave them, with a session; and the password."""
    operator = await api.holder()
    user = await operator.post("/v1/users", json={"name": name, "role": role, **more})
    assert user.status == 201, user.text
    first = holder_of(api, await sign_in(api, name, user.json["password"]))
    change = {"password": user.json["password"], "new_password": PASSWORD}
    assert (await first.post("/v1/me/password", json=change)).status == 200
    return holder_of(api, await sign_in(api, name, PASSWORD)), PASSWORD


async def with_factor(person: Client, clock: Moving) -> tuple[TOTP, list[str]]:
    """Their device, and their recovery codes."""
    told: Json = (await person.post("/v1/me/second-factor", json={"password": PASSWORD})).json
    device = TOTP(told["secret"])
    confirmed = await person.post("/v1/me/second-factor/confirm", json={"code": device.at(clock.now())})
    assert confirmed.status == 200, confirmed.text
    return device, confirmed.json["recovery_codes"]
