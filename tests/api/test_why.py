from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.api import Api, call_list, one_call

EN = "/v1/campaigns/EN-OVERDUE"


async def why(api: Api, operator: Any) -> dict[str, Any]:
    [contact] = (await operator.get(f"{EN}/contacts", params={"case_id": "EN/2026/000002"})).json["contacts"]
    told: dict[str, Any] = (await operator.get(f"/v1/contacts/{contact['contact_id']}/why")).json
    return told


def rules(told: dict[str, Any]) -> list[str]:
    return [reason["rule"] for reason in told["reasons"]]


async def test_a_contact_of_a_draft_says_what_stands_against_its_call(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))

    told = await why(api, operator)

    assert not told["is_callable"]
    assert {"campaign_not_running", "no_message"} <= set(rules(told))
    assert all(reason["meaning"] for reason in told["reasons"])
    assert [case["case_id"] for case in told["cases"]] == ["EN/2026/000002"]


@pytest.mark.parametrize(("listed", "spoken"), [("pl", "pl"), ("en", "en"), ("uk", "pl")])
async def test_the_language_that_a_contact_is_spoken_to_in_is_told(api: Api, listed: str, spoken: str) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20).replace(b",pl,", f",{listed},".encode()))

    assert (await why(api, operator))["language"] == {"listed": listed, "spoken": spoken}


async def test_a_global_stop_is_told_to_everybody(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    await api.engine.stopping.look()
    assert "engine_stopped" not in rules(await why(api, operator))

    await operator.post("/v1/stop", json={"reason": "a trial"})

    assert "engine_stopped" in rules(await why(api, operator))


async def test_after_an_attempt_the_spacing_binds_and_the_next_moment_is_told(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api)

    told: dict[str, Any] = (await operator.get(f"/v1/contacts/{attempt.contact_id}/why")).json

    assert "spacing" in rules(told)
    assert datetime.fromisoformat(told["next_possible_at"]) >= attempt.started_at + timedelta(minutes=60)


async def test_a_finished_contact_says_why_it_is_called_no_more(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api, answered_for=timedelta(seconds=9))

    told: dict[str, Any] = (await operator.get(f"/v1/contacts/{attempt.contact_id}/why")).json

    assert (told["state"], told["finished"], told["next_possible_at"]) == ("finished", "delivered", None)
    assert not told["is_callable"]


async def test_to_a_client_the_reasons_of_another_clients_contact_do_not_exist(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api)
    other = await api.holder(client_id="CL-TELKO")

    assert (await other.get(f"/v1/contacts/{attempt.contact_id}/why")).status == 404
