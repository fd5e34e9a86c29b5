from datetime import timedelta

import pytest

from tests.support.api import Api, Client, call_list, one_call

TELKO = "TK-OVERDUE"


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(60))
    return holder


async def walked(client: Client, address: str | None) -> list[str]:
    """The ids of all attempts, by following the pages."""
    ids = []
    while address:
        page = (await client.get(address)).json
        ids += [attempt["attempt_id"] for attempt in page["attempts"]]
        address = page["next"]
    return ids


async def test_following_the_pages_leads_past_the_attempts_of_all_campaigns(api: Api, operator: Client) -> None:
    made = [(await one_call(api, campaign)).id for campaign in ("EN-OVERDUE", TELKO, "EN-OVERDUE")]

    assert await walked(operator, "/v1/attempts?limit=1") == made
    assert await walked(operator, f"/v1/attempts?limit=2&campaign_id={TELKO}") == [made[1]]


async def test_attempts_are_found_by_their_end_and_by_when_they_were_saved(api: Api, operator: Client) -> None:
    unanswered, delivered = await one_call(api), await one_call(api, TELKO, answered_for=timedelta(seconds=9))
    saved = (await operator.get(f"/v1/attempts/{delivered.id}")).json["saved_at"]

    assert await walked(operator, "/v1/attempts?disposition=delivered") == [delivered.id]
    assert await walked(operator, f"/v1/attempts?since={saved}") == [delivered.id]
    assert await walked(operator, f"/v1/attempts?until={saved}") == [unanswered.id]
    assert await walked(operator, "/v1/attempts?agent_id=anna") == []


async def test_an_attempt_is_shown_as_its_contact_shows_it(api: Api, operator: Client) -> None:
    attempt = await one_call(api, answered_for=timedelta(seconds=9))
    [of_contact] = (await operator.get(f"/v1/contacts/{attempt.contact_id}/attempts")).json["attempts"]

    assert (await operator.get(f"/v1/attempts/{attempt.id}")).json == of_contact


async def test_to_a_client_another_clients_attempts_do_not_exist(api: Api, operator: Client) -> None:
    attempt, other = await one_call(api), await one_call(api, TELKO)
    energia = await api.holder(client_id="CL-ENERGIA")

    assert await walked(energia, "/v1/attempts") == [attempt.id]
    assert await walked(energia, "/v1/attempts?client_id=CL-TELKO") == []
    assert await walked(energia, f"/v1/attempts?campaign_id={TELKO}") == []
    assert (await energia.get(f"/v1/attempts/{attempt.id}")).status == 200
    assert (await energia.get(f"/v1/attempts/{other.id}")).status == 404


async def test_whoever_sees_numbers_is_written_down(api: Api, operator: Client) -> None:
    attempt = await one_call(api)
    reader = await api.holder({"contacts:read"})
    await reader.get("/v1/attempts")
    await reader.get(f"/v1/attempts/{attempt.id}")

    actor = f"key:{(reader.token or '').partition('.')[0]}"
    noted = (await operator.get(f"/v1/accesses?actor={actor}")).json["accesses"]
    assert [(each["operation"], each["subject"]) for each in noted] == [
        ("attempts.list_all", ""),
        ("attempts.show", attempt.id),
    ]
