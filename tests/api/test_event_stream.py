import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from api.scopes import Scope
from dialer.adapters.store.feed import append
from dialer.core.feed import EventType, FeedEvent
from tests.support.api import NOON, Api
from tests.support.ear import PATIENCE

STREAM = "/v1/events/stream"


async def happen(api: Api, client: str = "CL-ENERGIA", times: int = 1) -> None:
    await api.store._db.write(append, [FeedEvent(EventType.WRONG_NUMBER, NOON, client, "EN/1", "callee")] * times)


async def heard(response: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    """Events as they come, with their number as it was sent."""
    fields: dict[str, str] = {}
    async for line in response.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield {**json.loads(fields["data"]), "id": int(fields["id"]), "event": fields["event"]}
            fields = {}


async def test_an_event_is_heard_when_it_happens(api: Api) -> None:
    operator = await api.holder()
    await happen(api)
    async with asyncio.timeout(PATIENCE), operator.opened(STREAM) as response:
        assert response.content_type == "text/event-stream"
        await happen(api)
        event = await anext(heard(response))
    assert (event["id"], event["seq"], event["event"]) == (2, 2, "wrong_number"), "what was before is not told"
    shown = (await operator.get("/v1/events?after=1")).json["events"][0]
    assert {name: event[name] for name in shown} == shown


async def test_whoever_connects_again_misses_nothing(api: Api) -> None:
    operator = await api.holder()
    await happen(api, times=450)
    answer = await operator.get(f"{STREAM}?for_seconds=0", headers={"Last-Event-ID": "3"})
    numbers = [int(line[4:]) for line in answer.text.splitlines() if line.startswith("id: ")]
    assert numbers == [*range(4, 451)]


async def test_a_client_hears_its_own_only(api: Api) -> None:
    client = await api.holder(client_id="CL-ENERGIA")
    await happen(api, "CL-TELKO")
    await happen(api)
    answer = await client.get(f"{STREAM}?after=0&for_seconds=0")
    assert answer.text.count("data: ") == 1
    assert "CL-TELKO" not in answer.text


async def test_it_ends_when_the_key_opens_no_more(api: Api) -> None:
    operator = await api.holder()
    key = (await operator.post("/v1/keys", json={"scopes": [Scope.EVENTS_READ], "label": "board"})).json
    async with asyncio.timeout(PATIENCE), api.with_token(key["key"]).opened(f"{STREAM}?after=0") as response:
        events = heard(response)
        await happen(api)
        assert (await anext(events))["seq"] == 1
        await operator.ask("DELETE", f"/v1/keys/{key['prefix']}")
        await happen(api, times=2)
        rest = [event["seq"] async for event in events]
    assert rest == [], "from the answer on that revoked it"


async def test_who_is_ahead_of_the_feed_is_told_so(api: Api) -> None:
    answer = await (await api.holder()).get(f"{STREAM}?after=5")
    assert (answer.status, answer.json["code"]) == (409, "feed_put_back")


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 40])
async def test_a_number_that_is_none_is_not_heeded(api: Api, number: str) -> None:
    operator = await api.holder()
    await happen(api)
    answer = await operator.get(f"{STREAM}?after=0&for_seconds=0", headers={"Last-Event-ID": number})
    assert answer.text.count("data: ") == 1
