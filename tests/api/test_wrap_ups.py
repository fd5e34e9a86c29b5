"""Is what an agent says of a talk held to the campaign's rules, also by an engine that was not there for the talk?"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from dialer.core.agents import Agent, AgentState
from dialer.core.retry import Again
from dialer.core.rules import Rule
from dialer.model import AgentProfile, Disposition
from dialer.ports.store import AttemptFilter, Concluded
from tests.support.api import Api, api_on, call_list, campaign, one_saved
from tests.support.ear import PATIENCE
from tests.support.stores import conclusion

ANNA = AgentProfile("anna", "Anna", "agent1")
LONG_AGO = timedelta(seconds=10)
RULES = {"mode": "progressive", "delay_required": True}


async def a_talk_is_over(api: Api, since: timedelta, **rules: object) -> datetime:
    """Anna wraps it up since then; now."""
    operator, clock = await api.holder(), api.service.clock
    assert (await operator.put("/v1/campaigns/EN-OVERDUE", campaign(**RULES, **rules))).status == 201
    assert (await operator.send(call_list())).status == 201
    attempt = await one_saved(api)
    next_day = attempt.started_at + timedelta(days=1)
    waits = partial(Concluded, next=Again(next_day), rest_until=next_day, counted=True, waits_for=Rule.WRAP_UP)
    await api.store.conclude([conclusion(attempt, Disposition.CONNECTED)], lambda _, before: waits(before))
    await api.store.put_agent(ANNA, clock.now(), "test")
    began = clock.now() - since
    wraps_up = Agent(ANNA.id, began, AgentState.WRAP_UP, attempt_id=attempt.id, has_line=True)
    await api.store.save_agents([wraps_up], [])
    return clock.now()


async def refused(api: Api, **said: Any) -> str:
    answer = await (await api.holder()).post("/v1/agents/anna/wrap-up", json=said)
    assert answer.status == 422, answer.text
    [error] = answer.json["errors"]
    return f"{error['pointer']}: {error['detail']}"


async def test_the_rules_hold_after_the_engine_was_killed_in_the_wrap_up(tmp_path: Path) -> None:
    async with api_on(tmp_path) as api:
        now = await a_talk_is_over(api, timedelta(minutes=2), wrap_up_seconds=300)
    async with api_on(tmp_path) as again:
        assert "why it is not paid" in await refused(again, outcome="informed")
        night = (now + timedelta(days=1)).replace(hour=1, minute=0)
        assert "not permitted at that moment" in await refused(
            again, outcome="call_back", call_back_at=night.isoformat()
        )
        said = {"outcome": "informed", "delay": "forgot"}
        answer = await (await again.holder()).post("/v1/agents/anna/wrap-up", json=said)
        assert answer.status == 200, answer.text
        assert [
            call.outcome for call in await again.store.attempts(AttemptFilter(campaign_id="EN-OVERDUE"), "", 9)
        ] == ["informed"]


async def test_a_wrap_up_takes_no_longer_for_a_restart_than_the_campaign_allows(tmp_path: Path) -> None:
    async with api_on(tmp_path) as api:
        await a_talk_is_over(api, LONG_AGO, wrap_up_seconds=11)
    async with api_on(tmp_path) as again:
        is_over = asyncio.Event()
        again.engine.roster.watchers.append(lambda change: is_over.set())
        async with asyncio.timeout(PATIENCE):
            await is_over.wait()
        assert again.engine.roster.agent("anna").state is not AgentState.WRAP_UP
