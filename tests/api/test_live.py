"""Does a screen learn of its agent, and a supervisor of everybody, as it happens?"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from dialer.ports.store import Role
from tests.support.api import Api, Client, call_list, campaign
from tests.support.ear import PATIENCE


async def told(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    """The events of a stream."""
    name = ""
    async for line in response.content:
        word, _, rest = line.decode().strip().partition(": ")
        if word == "event":
            name = rest
        elif word == "data":
            yield name, json.loads(rest)


async def anna(api: Api) -> Client:
    operator = await api.holder()
    await operator.put("/v1/agents/anna", {"name": "Anna", "phone": "agent1"})
    return operator


async def test_a_screen_is_told_of_every_change_of_its_agent(api: Api) -> None:
    operator = await anna(api)
    async with asyncio.timeout(PATIENCE), operator.opened("/v1/agents/anna/stream") as screen:
        news = told(screen)
        assert (await anext(news))[1]["state"] == "logged_out"
        await operator.post("/v1/agents/anna/login")
        name, shown = await anext(news)
        assert (name, shown["state"], shown["reason"]) == ("state", "paused", "logged_in")


async def test_another_screen_takes_over(api: Api) -> None:
    operator = await anna(api)
    async with asyncio.timeout(PATIENCE), operator.opened("/v1/agents/anna/stream") as first:
        news = told(first)
        await anext(news)
        async with operator.opened("/v1/agents/anna/stream") as second:
            assert (await anext(told(second)))[0] == "state"
            assert [name async for name, _ in news] == ["end"]


async def test_a_supervisor_sees_why_a_campaign_places_as_many_calls(api: Api) -> None:
    operator = await api.with_campaigns()
    await operator.put("/v1/campaigns/EN-OVERDUE", campaign(mode="predictive"))
    await operator.put("/v1/agents/anna", {"name": "Anna", "phone": "agent1"})
    await operator.send(call_list(20))
    assert (await operator.post("/v1/campaigns/EN-OVERDUE/start")).status == 200
    [before] = (await operator.get("/v1/live")).json["campaigns"]
    lane = next(each for each in api.engine.lanes.all_running() if each.campaign_id == "EN-OVERDUE")
    api.engine.pacing.how_many(lane, 10)
    [after] = (await operator.get("/v1/live")).json["campaigns"]
    assert before["pacing"] is None, "looking on decides nothing"
    assert after["pacing"].startswith("0 placed, 0 given up: no agent is there")


async def test_a_supervisor_sees_who_does_what(api: Api) -> None:
    operator = await anna(api)
    await operator.post("/v1/agents/anna/login")
    shown = (await operator.get("/v1/live")).json
    assert shown["agents_by_state"]["paused"] == 1
    assert (shown["busy"], shown["callers_waiting"], shown["campaigns"]) == (None, 0, [])
    async with asyncio.timeout(PATIENCE), operator.opened("/v1/live/stream") as stream:
        name, picture = await anext(told(stream))
    assert (name, picture["agents"][0]["agent_id"]) == ("live", "anna")


async def test_a_screen_ends_with_the_session_before_it_tells_more(api: Api) -> None:
    operator = await anna(api)
    person = await api.signed_in("anna", Role.AGENT, agent_id="anna")
    async with asyncio.timeout(PATIENCE), person.opened("/v1/agents/anna/stream") as screen:
        news = told(screen)
        assert (await anext(news))[0] == "state"
        await operator.post("/v1/users/anna/reset")
        await operator.post("/v1/agents/anna/login")
        assert [name async for name, _ in news] == ["end"]


async def test_a_supervisor_who_is_signed_out_sees_nothing_more(api: Api) -> None:
    operator = await anna(api)
    person = await api.signed_in("ewa", Role.SUPERVISOR)
    async with asyncio.timeout(PATIENCE), person.opened("/v1/live/stream") as stream:
        news = told(stream)
        assert (await anext(news))[0] == "live"
        [session] = (await operator.get("/v1/sessions?user=ewa")).json["sessions"]
        await operator.ask("DELETE", f"/v1/sessions/{session['session_id']}")
        assert [name async for name, _ in news][-1] == "end"
