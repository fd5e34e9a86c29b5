from pathlib import Path

import pytest
from multidict import CIMultiDict

from tests.support.api import Api, api_on, campaign

AUDIT = "/v1/audit"
EN = "/v1/campaigns/EN-OVERDUE"


async def test_a_change_is_told_with_who_made_it_and_from_where(api: Api) -> None:
    operator = await api.with_campaigns()
    answer = await operator.put(EN, campaign(attempts=2))
    assert answer.status == 200

    [entry] = (await operator.get(f"{AUDIT}?action=campaign.changed")).json["entries"]
    assert entry["actor"].startswith("key:dz")
    assert (entry["origin"], entry["subject"], entry["client_id"]) == ("127.0.0.1", "EN-OVERDUE", "CL-ENERGIA")
    assert entry["before"]["attempts"] == 3
    assert entry["after"]["attempts"] == 2


async def test_a_change_that_was_refused_is_not_told(api: Api) -> None:
    operator = await api.with_campaigns()
    assert (await operator.put(EN, campaign(attempts=0))).status == 422

    assert (await operator.get(f"{AUDIT}?action=campaign.changed")).json["entries"] == []


async def test_a_client_sees_the_changes_of_its_own_only(api: Api) -> None:
    operator = await api.with_campaigns()
    client = await api.holder(client_id="CL-ENERGIA")
    await operator.post("/v1/stop")

    entries = (await client.get(AUDIT)).json["entries"]
    assert {each["client_id"] for each in entries} == {"CL-ENERGIA"}
    assert (await client.get(f"{AUDIT}?client_id=CL-TELEKOM")).json["entries"] == []
    everybody = (await operator.get(AUDIT)).json["entries"]
    assert {None, "CL-ENERGIA"} < {each["client_id"] for each in everybody}


async def test_entries_come_in_pages(api: Api) -> None:
    operator = await api.with_campaigns()
    seen, address = [], f"{AUDIT}?limit=2&action=campaign.created"
    while address:
        page = (await operator.get(address)).json
        seen += [each["seq"] for each in page["entries"]]
        address = page["next"]
    assert len(seen) == 5
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_is_written_can_only_be_read(api: Api, method: str) -> None:
    assert (await (await api.holder()).ask(method, AUDIT)).status == 405


@pytest.mark.parametrize(
    ("proxy", "forwarded", "origin"),
    [
        ("127.0.0.1", ["192.0.2.1, 198.51.100.7"], "198.51.100.7"),  # what the proxy itself has seen comes last
        ("127.0.0.1", ["192.0.2.1", "198.51.100.7"], "198.51.100.7"),  # HAProxy says it on a line of its own
        ("127.0.0.1", ["198.51.100.7", "nonsense"], "127.0.0.1"),
        ("", ["198.51.100.7"], "127.0.0.1"),
        ("203.0.113.1", ["198.51.100.7"], "127.0.0.1"),
    ],
)
async def test_only_the_trusted_proxy_is_believed(
    tmp_path: Path, proxy: str, forwarded: list[str], origin: str
) -> None:
    async with api_on(tmp_path, trusted_proxy=proxy) as api:
        operator = await api.holder()
        said = CIMultiDict([("Authorization", f"Bearer {operator.token}")])
        said.extend(("X-Forwarded-For", each) for each in forwarded)
        assert (await api.session.post(f"{api.base}/v1/stop", headers=said)).status == 200
        [entry] = (await operator.get(f"{AUDIT}?action=engine.stopped")).json["entries"]
    assert entry["origin"] == origin
