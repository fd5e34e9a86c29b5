import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api import events
from api.server import serving
from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.feed import EventType, FeedEvent
from tests.support.api import NOON, Api, Said, api_on, call_list, one_call
from tests.support.ear import PATIENCE

FEED = "/v1/events"
LONG = f"{FEED}?wait={events.LONGEST_WAIT}"


class Told(SqlStore):
    """A store that is told of events, and tells when somebody waits for one."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.is_waited_for = asyncio.Event()

    async def tell(self, client: str = "CL-ENERGIA", case: str = "EN/1", type_: str = "wrong_number") -> None:
        await self._db.write(append, [FeedEvent(EventType(type_), NOON, client, case, "callee")])

    async def event_after(self, seq: int, client_id: str | None = None) -> int:
        self.is_waited_for.set()
        return await super().event_after(seq, client_id)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with api_on(tmp_path, store_of=Told) as running:
        yield running


def told(api: Api) -> Told:
    assert isinstance(api.store, Told)
    return api.store


def numbers(answer: Said) -> list[tuple[int, int]]:
    """Each event's number, behind the one that it names as the one before."""
    return [(event["previous"], event["seq"]) for event in answer.json["events"]]


# ---- what is told ---------------------------------------------------------------------------------------


async def test_a_call_is_told_with_its_case_and_its_attempt(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api, answered_for=timedelta(seconds=9))
    seen = (await operator.get(FEED)).json["events"]
    over = next(event for event in seen if event["type"] == "attempt.finished")
    assert (over["client_id"], over["campaign_id"], over["actor"]) == ("CL-ENERGIA", "EN-OVERDUE", "engine")
    assert (over["attempt_id"], over["contact_id"]) == (attempt.id, attempt.contact_id)
    assert over["data"]["disposition"] == "delivered"
    assert over["data"]["heard_ms"] == 9000
    assert datetime.fromisoformat(over["at"]).tzinfo is not None


async def test_a_number_is_never_told_whole(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.send(call_list(20))
    attempt = await one_call(api)
    answer = await operator.get(FEED)
    assert attempt.number.removeprefix("+48") not in answer.text
    assert f"…{attempt.number[-3:]}" in answer.text


async def test_a_list_is_told_with_the_key_that_sent_it(api: Api) -> None:
    await api.with_campaigns()
    sender = await api.holder(client_id="CL-ENERGIA")
    await sender.send(call_list(20))
    [event] = (await sender.get(f"{FEED}?type=batch.finished")).json["events"]
    assert event["actor"].startswith("key:dz")
    assert (event["case_id"], event["data"]["batch_id"], event["data"]["counts"]["rows"]) == (None, "B-1", 20)


async def test_what_is_about_the_whole_installation_has_no_client(api: Api) -> None:
    operator, client = await api.holder(), await api.holder(client_id="CL-ENERGIA")
    await told(api).tell(client="")
    assert [event["client_id"] for event in (await operator.get(FEED)).json["events"]] == [None]
    assert (await client.get(FEED)).json["events"] == []


# ---- going on -------------------------------------------------------------------------------------------


async def test_following_the_feed_leads_past_every_event_once(api: Api) -> None:
    operator = await api.holder()
    for _ in range(5):
        await told(api).tell()
    seen, address = [], f"{FEED}?limit=2"
    while page := (await operator.get(address)).json["events"]:
        seen += [(event["previous"], event["seq"]) for event in page]
        address = (await operator.get(address)).json["next"]
    assert seen == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    await told(api).tell()
    assert numbers(await operator.get(address)) == [(5, 6)]


async def test_whoever_filters_goes_on_behind_what_was_left_out(api: Api) -> None:
    operator = await api.holder()
    for case in ("EN/1", "EN/2", "EN/2"):
        await told(api).tell(case=case)
    answer = await operator.get(FEED, params={"case_id": "EN/1", "type": "wrong_number"})
    assert numbers(answer) == [(0, 1)]
    assert answer.json["next"] == f"{FEED}?after=3&limit=100&case_id=EN%2F1&type=wrong_number&wait=0"
    assert answer.json["last"] == 3


async def test_a_type_that_is_none_names_those_there_are(api: Api) -> None:
    operator = await api.holder()
    answer = await operator.get(f"{FEED}?type=attempt&after=-1&wait=31&limit=501")
    assert answer.status == 422
    assert {error["parameter"] for error in answer.json["errors"]} == {"type", "after", "wait", "limit"}
    assert "attempt.finished" in answer.text


async def test_a_reader_who_is_ahead_of_the_feed_learns_that_it_was_put_back(api: Api) -> None:
    operator = await api.holder()
    await told(api).tell()
    assert (await operator.get(f"{FEED}?after=1")).json["events"] == []
    answer = await operator.get(f"{FEED}?after=2")
    assert (answer.status, answer.json["code"]) == (409, "feed_put_back")


async def test_a_client_who_is_ahead_of_the_feed_learns_where_its_own_ends(api: Api) -> None:
    telko = await api.holder(client_id="CL-TELKO")
    for client in ("CL-TELKO", "CL-ENERGIA", "CL-ENERGIA"):
        await told(api).tell(client)
    answer = await telko.get(f"{FEED}?after=7")
    assert answer.json["code"] == "feed_put_back"
    assert "your feed ends at 1," in answer.json["detail"]


# ---- whose events ---------------------------------------------------------------------------------------


async def test_a_client_sees_its_own_events_only_and_can_tell_that_none_is_missing(api: Api) -> None:
    energia, telko = await api.holder(client_id="CL-ENERGIA"), await api.holder(client_id="CL-TELKO")
    for client in ("CL-ENERGIA", "CL-TELKO", "CL-TELKO", "CL-ENERGIA", "CL-TELKO", "CL-ENERGIA"):
        await told(api).tell(client)
    assert numbers(await energia.get(FEED)) == [(0, 1), (1, 4), (4, 6)]
    assert numbers(await telko.get(FEED)) == [(0, 2), (2, 3), (3, 5)]
    assert (await telko.get(FEED)).json["last"] == 5
    assert numbers(await energia.get(f"{FEED}?after=1&limit=1")) == [(1, 4)]


async def test_anothers_case_has_no_events(api: Api) -> None:
    telko = await api.holder(client_id="CL-TELKO")
    await told(api).tell(case="EN/1")
    assert (await telko.get(FEED, params={"case_id": "EN/1"})).json["events"] == []


async def test_it_needs_its_own_scope(api: Api) -> None:
    reader = await api.holder(["contacts:read"])
    assert (await reader.get(FEED)).status == 403
    assert (await api.stranger().get(FEED)).status == 401


# ---- waiting --------------------------------------------------------------------------------------------


async def test_whoever_waits_is_answered_when_something_happens(api: Api) -> None:
    operator = await api.holder()
    asked = asyncio.create_task(operator.get(LONG))
    await told(api).is_waited_for.wait()
    await told(api).tell()
    async with asyncio.timeout(PATIENCE):
        answer = await asked
    assert numbers(answer) == [(0, 1)]
    assert answer.json["last"] == 1


async def test_whoever_waits_for_one_kind_is_not_answered_by_another(api: Api) -> None:
    operator = await api.holder()
    asked = asyncio.create_task(operator.get(f"{LONG}&type=case.settled"))
    await told(api).is_waited_for.wait()
    await told(api).tell()
    await told(api).tell(type_="case.settled")
    async with asyncio.timeout(PATIENCE):
        assert numbers(await asked) == [(1, 2)]


async def test_whoever_waits_with_a_key_that_is_revoked_meanwhile_is_told_nothing(api: Api) -> None:
    operator = await api.holder()
    key = (await operator.post("/v1/keys", json={"scopes": ["events:read"], "label": "crm"})).json
    asked = asyncio.create_task(api.with_token(key["key"]).get(LONG))
    await told(api).is_waited_for.wait()
    await operator.ask("DELETE", f"/v1/keys/{key['prefix']}")
    await told(api).tell()
    async with asyncio.timeout(PATIENCE):
        assert (await asked).status == 401


async def test_what_is_there_already_is_answered_at_once(api: Api) -> None:
    operator = await api.holder()
    await told(api).tell()
    async with asyncio.timeout(PATIENCE):
        assert numbers(await operator.get(LONG)) == [(0, 1)]


async def test_whoever_waited_in_vain_is_told_where_to_go_on(api: Api) -> None:
    client = await api.holder(client_id="CL-TELKO")
    await told(api).tell()
    async with asyncio.timeout(PATIENCE):
        answer = await client.get(f"{FEED}?wait=1")
    assert answer.json == {"events": [], "next": f"{FEED}?after=0&limit=100&wait=1", "last": 0}


async def test_an_engine_that_stops_answers_those_who_wait(api: Api) -> None:
    operator = await api.holder()
    async with serving(api.service, "127.0.0.1", 0) as (host, port):
        asked = asyncio.create_task(operator.at(f"http://{host}:{port}").get(LONG))
        await told(api).is_waited_for.wait()
    assert (await asked).json["events"] == []
