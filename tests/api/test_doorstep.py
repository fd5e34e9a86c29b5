"""Can whoever guesses keep the machine from its calls?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.doorstep import MOST, Doorstep
from api.problems import Problem
from api.service import ApiLimits
from dialer.core.rates import Rate
from tests.support.api import Api, api_on
from tests.support.people import Moving, sign_in


@pytest.fixture
def clock() -> Moving:
    return Moving()


@pytest.fixture
async def api(tmp_path: Path, clock: Moving) -> AsyncIterator[Api]:
    async with api_on(tmp_path, ApiLimits(strangers=Rate(0.5, 3)), clock=clock) as running:
        yield running


async def test_who_tries_again_and_again_has_to_wait(api: Api, clock: Moving) -> None:
    assert [(await sign_in(api, "eve", "guessed")).status for _ in range(4)] == [401, 401, 401, 429]
    put_off = await sign_in(api, "eve", "guessed")
    assert (put_off.headers["Retry-After"], put_off.json["code"]) == ("2", "too_many")

    clock.on(timedelta(seconds=2))
    assert [(await sign_in(api, "eve", "guessed")).status for _ in range(2)] == [401, 429]


async def test_who_is_known_or_only_looks_does_not_wait(api: Api) -> None:
    operator = await api.holder()
    for _ in range(5):
        assert (await api.stranger().get("/health")).status == 503
        assert (await operator.post("/v1/stop")).status == 200


def test_addresses_do_not_wait_for_each_other_and_quiet_ones_are_forgotten() -> None:
    doorstep = Doorstep(Rate(1.0, 1))
    for number in range(MOST + 2):
        doorstep.admit(f"address {number}", now=number / 1e6)
    doorstep.admit("address 1", now=0.5)  # so many were busy that everybody began anew
    with pytest.raises(Problem, match="wait"):
        doorstep.admit("address 1", now=0.6)
