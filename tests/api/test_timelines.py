from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.support.api import Api, Client, call_list, one_call

EN = "CL-ENERGIA"


@pytest.fixture
async def operator(api: Api) -> Client:
    holder = await api.with_campaigns()
    await holder.send(call_list(20))
    return holder


async def test_a_contacts_timeline_is_read_page_by_page(api: Api, operator: Client) -> None:
    attempt = await one_call(api, answered_for=timedelta(seconds=9))
    address: str | None = f"/v1/contacts/{attempt.contact_id}/timeline?limit=4"
    entries = []
    while address is not None:
        page = (await operator.get(address)).json
        entries += page["entries"]
        address = page["next"]

    kinds = [entry["kind"] for entry in entries]
    assert kinds[0] == "listed"
    states = ("saved", "started", "rang", "answered", "message", "ended")
    assert [kind for kind in kinds if kind in {f"attempt.{state}" for state in states}] == [
        f"attempt.{state}" for state in states
    ]
    assert {"attempt.finished", "message.delivered", "contact.finished"} <= {*kinds}
    assert attempt.number not in str(entries)


async def test_a_cases_timeline_is_its_clients(api: Api, operator: Client) -> None:
    attempt = await one_call(api)
    [case] = (await operator.get(f"/v1/contacts/{attempt.contact_id}")).json["cases"]
    address = f"/v1/cases/{quote(case, safe='')}/timeline"
    own, other = await api.holder(client_id=EN), await api.holder(client_id="CL-CZYNSZ")

    assert "attempt.finished" in [entry["kind"] for entry in (await own.get(address)).json["entries"]]
    assert (await other.get(address)).status == 404
    assert (await own.get("/v1/cases/none/timeline")).status == 404
    assert (await own.get(address, params={"after": "yesterday"})).status == 422


async def test_the_next_page_of_a_case_with_slashes_in_its_name_is_found(api: Api, operator: Client) -> None:
    attempt = await one_call(api)
    [case] = (await operator.get(f"/v1/contacts/{attempt.contact_id}")).json["cases"]
    assert "/" in case
    first = await operator.get(f"/v1/cases/{quote(case, safe='')}/timeline?limit=1&client_id={EN}")

    second = await operator.get(first.json["next"])
    assert (second.status, len(second.json["entries"])) == (200, 1)
    assert second.json["entries"] != first.json["entries"]
