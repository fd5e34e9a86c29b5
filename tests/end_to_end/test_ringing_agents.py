"""Does an agent who is called for each caller get them, and does nobody wait for one who does not pick up?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from lab import hearing
from lab.laboratory import Laboratory
from lab.process import wait_until
from tests.support.agents import SOON, Agents
from tests.support.calling import FAST, Calling, Debtor
from tests.support.softphone import nobody_picks_up, press
from tests.support.witness import witness

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True)
STAYS = "human/0.5/"
TALKS = "human/0.5/hangup@3s"
ALL: dict[str, Any] = {"mode": "progressive", "attempts": 1, "wrap_up_seconds": 1}
BEEP = 1400  # Hz
RUNG_OUT = timedelta(seconds=30)


@pytest.fixture
def agents(calling: Calling) -> Agents:
    calling.engine.laboratory.up(with_agents=True)
    calling.people([], RECORDED)
    calling.engine.start()
    return Agents(calling.engine, 1)


@pytest.fixture
def rung(agents: Agents) -> Agents:
    agents.engine.api.put("/v1/agents/anna1", {"name": "anna1", "phone": "agent1", "leg": "ring"})
    agents.come()
    return agents


def rings(calling: Calling) -> bool:
    return "PJSIP/agent1-" in calling.engine.laboratory.cli("pbx", "core show channels concise")


def test_the_telephone_rings_for_each_caller_and_is_let_go_after_each(calling: Calling, rung: Agents) -> None:
    assert not rings(calling)
    calling.begin([Debtor(number, (TALKS,)) for number in (1, 2)], RECORDED, **ALL)
    calling.finish()
    assert calling.dispositions() == {"connected": 2}
    for number in (1, 2):
        heard = hearing.recording(calling.engine.laboratory.heard(Debtor(number).number))
        assert rung.voice_of("anna1") in hearing.tones(heard, rung.voices)
    assert [each["agent_id"] for each in calling.shown()] == ["anna1"] * 2
    rung.is_in("anna1", "ready")
    assert wait_until(lambda: not rings(calling), SOON)


def test_an_agent_who_ends_the_call_at_the_telephone_wraps_it_up(calling: Calling, rung: Agents) -> None:
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL | {"wrap_up_seconds": 30})
    rung.is_in("anna1", "talking")
    press(calling.engine.laboratory, "agent1", "hangup")
    rung.is_in("anna1", "wrap_up")
    calling.carrier_is_idle()
    rung.do("anna1", "wrap-up", outcome="informed")
    calling.finish()
    assert calling.dispositions() == {"connected": 1}


@pytest.mark.parametrize("how", ["it rings out", "it is busy", "it is off"])
def test_who_does_not_pick_up_is_sent_nobody_else(calling: Calling, rung: Agents, how: str) -> None:
    """The caller hears in words that nobody is there, and the agent is paused until they ask for callers again."""
    laboratory = calling.engine.laboratory
    with nobody_picks_up(laboratory, "agent1"):
        if how == "it is off":
            laboratory.kill_softphone("agent1")
        calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL)
        if how == "it is busy":
            assert wait_until(lambda: rings(calling), SOON)
            press(laboratory, "agent1", "hangup")
        rung.is_in("anna1", "paused", "no_answer", RUNG_OUT)
        calling.finish()
        laboratory.start_softphones()
    assert calling.dispositions() == {"abandoned": 1}
    [attempt] = calling.shown()
    key = attempt["message_key"]
    announcement = hearing.message(calling.engine.sounds / key[:2] / f"{key}.alaw")
    heard = hearing.recording(laboratory.heard(Debtor(1).number))
    assert hearing.share_heard(heard, announcement) >= hearing.HEARD
    rung.do("anna1", "ready")
    rung.is_in("anna1", "ready")


@contextmanager
def beeping(laboratory: Laboratory) -> Iterator[None]:
    """With the carrier's beep, of 0.4 s, for DZWONEK_BEEP."""
    set_beep(laboratory, str(laboratory.sounds / "beep"))
    try:
        yield
    finally:
        set_beep(laboratory, "")


def set_beep(laboratory: Laboratory, sound: str) -> None:
    with witness(laboratory.pbx_witness) as session:
        assert session.ask("Setvar", {"Variable": "DZWONEK_BEEP", "Value": sound})["Response"] == "Success"


def beeps(heard: hearing.Samples, voice: int) -> int:
    """In how many tenths of a second the beep is the loudest."""
    tenths = [heard[at : at + hearing.RATE // 10] for at in range(0, len(heard), hearing.RATE // 10)]
    audible = [each for each in tenths if np.max(np.abs(each)) > hearing.SILENT]
    return [hearing.loudest_tone(each, [BEEP, voice]) for each in audible].count(BEEP)


def test_the_beep_is_heard_by_the_agent_alone(calling: Calling, agents: Agents) -> None:
    laboratory = calling.engine.laboratory
    calling.engine.stop()
    calling.engine.settings["agent_beep"] = "yes"
    calling.engine.start()
    with beeping(laboratory):
        agents.create()
        agents.come()
        calling.begin([Debtor(1, (TALKS,))], RECORDED, **ALL)
        calling.finish()
    voice = agents.voice_of("anna1")
    at_agent = hearing.recording(laboratory.heard_by_agent("agent1")[-1])
    at_callee = hearing.recording(laboratory.heard(Debtor(1).number))
    assert 3 <= beeps(at_agent, voice) <= 5
    assert beeps(at_callee, voice) == 0
    assert hearing.loudest_tone(at_callee[-hearing.RATE :], [BEEP, voice]) == voice, "after it they hear each other"
