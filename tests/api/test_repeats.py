"""Is a request that is repeated under its name carried out once, and answered the same?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.ports.store import StopOrder, StoreFailed
from tests.support.api import CSV, Api, Said, api_on, call_list, campaign
from tests.support.ear import PATIENCE

NAME = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
WISH = {"debtor_id": "D-1", "reason": "objection", "client_id": "CL-ENERGIA"}
EN = "/v1/campaigns/EN-OVERDUE"


class Hesitant(SqlStore):
    """A store whose stop is written when a test lets it, or fails once."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked, self.may_go_on = asyncio.Event(), asyncio.Event()
        self.may_go_on.set()
        self.fails = 0

    async def order_stop(self, actor: str, reason: str | None, now: datetime, *, hangs_up: bool) -> StopOrder:
        self.asked.set()
        await self.may_go_on.wait()
        self.fails -= 1
        if self.fails >= 0:
            raise StoreFailed("the disk is full")
        return await super().order_stop(actor, reason, now, hangs_up=hangs_up)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_on(tmp_path, store_of=Hesitant) as running:
        yield running


def hesitant(api: Api) -> Hesitant:
    assert isinstance(api.store, Hesitant)
    return api.store


def is_replayed(answer: Said) -> bool:
    return answer.headers.get("Idempotency-Replayed") == "true"


async def test_a_repetition_is_answered_as_before_and_changes_nothing(api: Api) -> None:
    operator = await api.holder()
    first = await operator.post("/v1/suppressions", json=WISH, headers=NAME)
    await operator.ask("DELETE", f"/v1/suppressions/{first.json['suppression_id']}")

    again = await operator.post("/v1/suppressions", json=WISH, headers=NAME)

    assert (first.status, is_replayed(first)) == (201, False)
    assert (again.status, again.text, is_replayed(again)) == (201, first.text, True)
    held = (await operator.get("/v1/suppressions?lifted=false")).json["suppressions"]
    assert held == [], "the wish that was lifted since was not made anew"


async def test_etag_and_location_are_repeated_too(api: Api) -> None:
    operator = await api.with_campaigns()
    first = await operator.put(EN, campaign(attempts=2), NAME)
    again = await operator.put(EN, campaign(attempts=2), NAME)
    assert first.headers["ETag"] == again.headers["ETag"] == '"2"'

    headers = {"Content-Type": CSV, "Idempotency-Key": "1"}
    lists = [await operator.ask("POST", "/v1/batches?batch_id=B-1", headers, data=call_list(20)) for _ in range(2)]
    assert [each.status for each in lists] == [201, 201]
    assert lists[0].headers["Location"] == lists[1].headers["Location"]
    assert is_replayed(lists[1])


async def test_another_body_address_or_method_under_one_name_is_refused(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.post("/v1/suppressions", json=WISH, headers=NAME)

    for answer in (
        await operator.post("/v1/suppressions", json=WISH | {"debtor_id": "D-2"}, headers=NAME),
        await operator.post("/v1/stop", headers=NAME),
        await operator.put(EN, campaign(), NAME),
    ):
        assert (answer.status, answer.json["code"]) == (422, "request_name_used")


async def test_another_list_under_one_name_is_refused(api: Api) -> None:
    operator = await api.with_campaigns()
    headers = {"Content-Type": CSV, **NAME}
    await operator.ask("POST", "/v1/batches?batch_id=B-1", headers, data=call_list(20))

    answer = await operator.ask("POST", "/v1/batches?batch_id=B-1", headers, data=call_list(21))
    assert (answer.status, answer.json["code"]) == (422, "request_name_used")


async def test_what_was_refused_may_be_mended_under_the_same_name(api: Api) -> None:
    operator = await api.with_campaigns()
    assert (await operator.put(EN, campaign(attempts=0), NAME)).status == 422
    assert (await operator.put(EN, campaign(attempts=2), NAME)).status == 200


async def test_what_failed_is_carried_out_when_it_is_repeated(api: Api) -> None:
    operator = await api.holder()
    hesitant(api).fails = 1
    assert (await operator.post("/v1/stop", headers=NAME)).status == 503

    again = await operator.post("/v1/stop", headers=NAME)
    assert (again.status, is_replayed(again), again.json["stopped"]) == (200, False, True)


async def test_a_repetition_that_comes_too_early_is_told_to_wait(api: Api) -> None:
    operator = await api.holder()
    hesitant(api).may_go_on.clear()
    first = asyncio.create_task(operator.post("/v1/stop", headers=NAME))
    async with asyncio.timeout(PATIENCE):
        await hesitant(api).asked.wait()

    early = await operator.post("/v1/stop", headers=NAME)
    hesitant(api).may_go_on.set()

    assert (early.status, early.json["code"]) == (409, "request_in_progress")
    assert int(early.headers["Retry-After"]) > 0
    assert (await first).status == 200
    assert is_replayed(await operator.post("/v1/stop", headers=NAME))


async def test_two_keys_may_use_one_name(api: Api) -> None:
    one, other = await api.holder(), await api.holder()
    await one.post("/v1/stop", headers=NAME)
    assert not is_replayed(await other.post("/v1/stop", headers=NAME))


async def test_a_secret_is_not_kept_for_a_repetition(api: Api) -> None:
    operator = await api.holder()
    body = {"scopes": ["metrics"], "label": "monitoring"}
    assert (await operator.post("/v1/keys", json=body, headers=NAME)).status == 201

    again = await operator.post("/v1/keys", json=body, headers=NAME)
    assert (again.status, again.json["code"]) == (409, "answered_before")
    assert len((await operator.get("/v1/keys")).json["keys"]) == 2


async def test_a_receipt_of_balances_is_repeated_whole(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    rows = [
        {"client_id": "CL-ENERGIA", "case_id": f"EN/{n}", "balance": "0", "currency": "PLN", "version": 1}
        for n in range(2500)
    ]
    receipts = [await operator.post("/v1/balances", json={"balances": rows}, headers=NAME) for _ in range(2)]
    assert receipts[0].text == receipts[1].text
    assert len(receipts[0].json["rows"]) == 2500
    assert is_replayed(receipts[1])


@pytest.mark.parametrize("name", ["", "two words", "Ł", "x" * 256])
async def test_what_is_no_name_is_refused(api: Api, name: str) -> None:
    answer = await (await api.holder()).post("/v1/stop", headers={"Idempotency-Key": name})
    assert answer.status == 400
    assert not api.engine.stopping.is_stopped


async def test_what_is_no_name_is_refused_to_those_whom_nobody_knows_yet(api: Api) -> None:
    answer = await api.stranger().post(
        "/v1/sessions", json={"name": "anna", "password": "x" * 12}, headers={"Idempotency-Key": "Ł"}
    )
    assert answer.status == 400
    assert "Idempotency-Key" in answer.json["detail"]


async def test_who_may_not_ask_learns_nothing_from_a_name(api: Api) -> None:
    operator = await api.holder()
    await operator.post("/v1/stop", headers=NAME)
    assert (await api.stranger().post("/v1/stop", headers=NAME)).status == 401
