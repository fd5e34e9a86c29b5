"""Does whoever presses 2 hear at once that an agent is looked for, then the agent, or in time why not?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from audio.engines.espeak import EspeakNg
from audio.message import HOLD, NO_AGENT
from audio.phrases import Phrases
from lab import hearing
from lab.process import wait_until
from tests.end_to_end.test_scenarios import FLOW, NAME, approved
from tests.support.agents import SOON, Agents
from tests.support.calling import FAST, Calling, Debtor

pytestmark = pytest.mark.lab

PRESSES = replace(FAST, is_recording=True, key_pause=timedelta(seconds=2))
WAIT = 6
MESSAGES: dict[str, Any] = {"attempts": 1, "transfer_wait_seconds": WAIT, "wrap_up_seconds": 1}
BY_KEY = Debtor(1, ("human/0.5/2",))
BY_FLOW = Debtor(2, ("human/0.5/1,2",))
WITH_AGENT = FLOW.replace("keys: {4: dispute,", "keys: {2: agent, 4: dispute,").replace(
    "  end: hang_up", "  agent: {agent: {otherwise: bye}}\n  end: hang_up"
)


@pytest.fixture
def agents(calling: Calling) -> Iterator[Agents]:
    laboratory = calling.engine.laboratory
    laboratory.up(with_agents=True)
    calling.people([], PRESSES)
    calling.engine.start()
    agents = Agents(calling.engine, 1)
    agents.create()
    agents.come()
    yield agents
    laboratory.start_softphones()


def heard_by(calling: Calling, debtor: Debtor) -> hearing.Samples:
    file = calling.engine.laboratory.heard(debtor.number)
    assert wait_until(file.exists, SOON)
    return hearing.recording(file)


def spoken(calling: Calling, text: str) -> hearing.Samples:
    phrases = Phrases(calling.engine.sounds, EspeakNg())
    return hearing.message(phrases.path(phrases.key(text)))


def shown(calling: Calling) -> dict[str, Any]:
    [attempt] = calling.shown()
    return attempt


def span(attempt: dict[str, Any], first: str, last: str) -> timedelta:
    return datetime.fromisoformat(attempt[last]) - datetime.fromisoformat(attempt[first])


def leave_after_a_while(calling: Calling, agents: Agents) -> None:
    agents.is_in("anna1", "talking")
    so_far = calling.engine.laboratory.heard(Debtor(1).number)
    size = so_far.stat().st_size if so_far.exists() else 0
    assert wait_until(lambda: so_far.exists() and so_far.stat().st_size > size + 4 * hearing.RATE, SOON)
    agents.do("anna1", "hang-up")


def test_a_key_amid_the_message_brings_the_agent(calling: Calling, agents: Agents) -> None:
    with agents.screen("anna1") as screen:
        calling.begin([BY_KEY], PRESSES, **MESSAGES)
        leave_after_a_while(calling, agents)
        events = list(screen.until("wrap_up"))
    calling.finish()
    attempt = shown(calling)
    assert attempt["disposition"] == "connected"
    assert attempt["agent_id"] == "anna1"
    assert attempt["answers"]["replies"] == ["agent"]
    assert span(attempt, "waiting_at", "joined_at") < timedelta(seconds=1)
    assert 0 < attempt["heard_seconds"] <= span(attempt, "message_at", "waiting_at").total_seconds() + 0.1
    heard = heard_by(calling, BY_KEY)
    assert hearing.loudest_tone(heard[-2 * hearing.RATE :], agents.voices) == agents.voice_of("anna1")
    callers = [told for name, told in events if name == "reserved"]
    assert {caller["number"] for caller in callers} == {BY_KEY.number}
    assert callers[-1]["cases"], "the case is on the screen"


def test_words_are_heard_until_an_agent_is_free(calling: Calling, agents: Agents) -> None:
    agents.do("anna1", "pause", reason="lunch")
    calling.begin([BY_KEY], PRESSES, **MESSAGES)
    assert wait_until(lambda: calling.engine.api.get("/v1/live")["callers_waiting"] == 1, SOON)
    file = calling.engine.laboratory.heard(BY_KEY.number)
    size = file.stat().st_size
    assert wait_until(lambda: file.stat().st_size > size + 2 * hearing.RATE * 4, SOON)
    agents.do("anna1", "ready")
    leave_after_a_while(calling, agents)
    calling.finish()
    attempt = shown(calling)
    assert attempt["disposition"] == "connected"
    heard = heard_by(calling, BY_KEY)
    words = spoken(calling, HOLD)[: 3 * hearing.RATE]  # the agent ends them
    assert hearing.share_heard(heard, words) >= hearing.HEARD
    assert hearing.loudest_tone(heard[-2 * hearing.RATE :], agents.voices) == agents.voice_of("anna1")


def test_who_finds_nobody_free_hears_so_and_is_called_back_by_an_agent(calling: Calling, agents: Agents) -> None:
    agents.do("anna1", "pause", reason="lunch")
    calling.begin([BY_KEY], PRESSES, **MESSAGES)  # the plan has no other attempt
    assert wait_until(lambda: calling.dispositions().get("unserved") == 1, timedelta(seconds=30)), calling.figures()
    calling.carrier_is_idle()
    attempt = shown(calling)
    assert attempt["joined_at"] is None
    heard = heard_by(calling, BY_KEY)
    for text in (HOLD, NO_AGENT):
        assert hearing.share_heard(heard, spoken(calling, text)) >= hearing.HEARD, text
    [contact] = calling.contacts()
    assert contact["state"] == "waiting"
    told = [each["type"] for each in calling.engine.api.get("/v1/events?limit=500")["events"]]
    assert "agent.wanted" in told

    def held_by() -> set[str]:
        why = calling.engine.api.get(f"/v1/contacts/{contact['contact_id']}/why")
        return {each["rule"] for each in why["reasons"]}

    assert wait_until(lambda: "agent_busy" in held_by(), SOON)
    agents.do("anna1", "ready")
    agents.is_in("anna1", "talking")
    agents.do("anna1", "hang-up")
    agents.is_in("anna1", "ready")
    assert calling.dispositions() == {"unserved": 1, "connected": 1}


def test_a_flow_hands_over_to_an_agent(calling: Calling, agents: Agents) -> None:
    approved(calling, WITH_AGENT)
    calling.begin([BY_FLOW], PRESSES, **MESSAGES, scenario=NAME, scenario_version=1)
    agents.is_in("anna1", "talking")
    agents.do("anna1", "hang-up")
    calling.finish()
    attempt = shown(calling)
    assert attempt["disposition"] == "connected"
    assert attempt["flow"] == "short@1"
    assert attempt["answers"]["replies"] == ["agent"]
    assert attempt["answers"]["identified"]
