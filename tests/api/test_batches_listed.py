"""Which lists came in?"""

from tests.support.api import Api, Client, call_list


async def walked(client: Client, address: str | None) -> list[str]:
    """The names of all lists, by following the pages."""
    names = []
    while address:
        page = (await client.get(address)).json
        names += [batch["batch_id"] for batch in page["batches"]]
        address = page["next"]
    return names


async def test_following_the_pages_leads_past_every_list_once_the_newest_first(api: Api) -> None:
    operator = await api.with_campaigns()
    for name in ("B-1", "B-2", "B-3"):
        await operator.send(call_list(2), name)

    assert await walked(operator, "/v1/batches?limit=1") == ["B-3", "B-2", "B-1"]
    assert await walked(operator, "/v1/batches?limit=2&state=done") == ["B-3", "B-2", "B-1"]
    assert await walked(operator, "/v1/batches?state=failed") == []


async def test_lists_are_found_by_when_they_came(api: Api) -> None:
    operator = await api.with_campaigns()
    received = [(await operator.send(call_list(2), name)).json["received_at"] for name in ("B-1", "B-2")]

    assert await walked(operator, f"/v1/batches?since={received[1]}") == ["B-2"]
    assert await walked(operator, f"/v1/batches?until={received[1]}") == ["B-1"]


async def test_lists_are_found_by_campaign(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20), "B-1")
    campaigns = {case["campaign_id"] for case in (await operator.get("/v1/cases")).json["cases"]}

    assert len(campaigns) > 1
    for campaign in campaigns:
        assert await walked(operator, f"/v1/batches?campaign_id={campaign}") == ["B-1"]
    assert await walked(operator, "/v1/batches?campaign_id=ANOTHER") == []


async def test_a_client_is_told_of_its_own_lists_and_the_operator_of_everybodys(api: Api) -> None:
    operator = await api.with_campaigns()
    energia, telko = await api.holder(client_id="CL-ENERGIA"), await api.holder(client_id="CL-TELKO")
    for holder, name in ((energia, "SAME"), (telko, "SAME"), (operator, "OWN")):
        await holder.send(call_list(2), name)

    assert await walked(energia, "/v1/batches") == ["SAME"]
    assert await walked(energia, "/v1/batches?client_id=CL-TELKO") == []
    assert await walked(operator, "/v1/batches?client_id=CL-TELKO") == ["SAME"]
    listed = (await operator.get("/v1/batches")).json["batches"]
    assert [batch["client_id"] for batch in listed] == [None, "CL-TELKO", "CL-ENERGIA"]


async def test_the_operator_is_led_to_the_list_of_the_client_that_is_meant(api: Api) -> None:
    operator = await api.with_campaigns()
    for client in ("CL-ENERGIA", "CL-TELKO"):
        await (await api.holder(client_id=client)).send(call_list(2), "SAME")

    for batch in (await operator.get("/v1/batches")).json["batches"]:
        assert (await operator.get(batch["links"]["self"])).json == batch
        assert (await operator.get(batch["links"]["rows"])).status == 200


async def test_a_client_that_names_another_finds_no_list(api: Api) -> None:
    await api.with_campaigns()
    energia, telko = await api.holder(client_id="CL-ENERGIA"), await api.holder(client_id="CL-TELKO")
    await telko.send(call_list(2), "B-1")

    assert (await energia.get("/v1/batches/B-1?client_id=CL-TELKO")).status == 404
    assert (await telko.get("/v1/batches/B-1?client_id=CL-TELKO")).status == 200
