"""Who hears whom when a supervisor listens, whispers or barges in? Each voice is a tone, looked for at every ear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lab import hearing
from lab.engine import Refused
from lab.process import wait_until
from tests.support.agents import SOON, Agents, at_work
from tests.support.calling import FAST, Calling, Debtor
from tests.support.ears import Growing

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True)
STAYS = "human/0.5/"
TALKS = "human/0.5/hangup@3s"
SUPERVISOR = "agent4"
ALL: dict[str, Any] = {"mode": "progressive", "attempts": 1, "wrap_up_seconds": 1}


@pytest.fixture
def agents(calling: Calling) -> Iterator[Agents]:
    with at_work(calling, RECORDED, 1) as agents:
        yield agents


def listen(agents: Agents, mode: str, phone: str = SUPERVISOR) -> None:
    agents.do("anna1", "listen", phone=phone, mode=mode)
    assert wait_until(lambda: ears(agents) == [(phone, mode, "listening")], SOON), ears(agents)


def ears(agents: Agents) -> list[tuple[str, str, str]]:
    shown = agents.engine.api.get("/v1/agents/anna1/listen")["listening"]
    return [(ear["phone"], ear["mode"], ear["state"]) for ear in shown]


def told(agents: Agents) -> list[dict[str, Any]]:
    entries = agents.engine.api.get("/v1/audit?action=agent.listened")["entries"]
    return [entry["after"] for entry in entries]


@pytest.mark.parametrize("leg", ["nailed_up", "ring"])
def test_who_hears_the_supervisor_is_what_was_asked_for(calling: Calling, agents: Agents, leg: str) -> None:
    laboratory = calling.engine.laboratory
    agents.do("anna1", "logout")
    agents.engine.api.put("/v1/agents/anna1", {"name": "anna1", "phone": "agent1", "leg": leg})
    agents.come()
    listen(agents, "listen")
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL)
    agents.is_in("anna1", "talking")
    callee = Growing(lambda: laboratory.heard(Debtor(1).number))
    agent = Growing(lambda: laboratory.heard_by_agent("agent1")[-1])
    supervisor = Growing(lambda: laboratory.heard_by_agent(SUPERVISOR)[-1])
    voices = {phone.name: phone.hertz for phone in laboratory.settings.softphones}
    anna, boss = voices["agent1"], voices[SUPERVISOR]
    for mode, at_agent, at_callee in (
        ("listen", set(), {anna}),
        ("whisper", {boss}, {anna}),
        ("barge", {boss}, {anna, boss}),
        ("listen", set(), {anna}),
    ):
        listen(agents, mode)
        heard = [ear.next() for ear in (agent, callee, supervisor)]
        tones = [hearing.tones(each, list(voices.values())) for each in heard]
        assert tones == [at_agent, at_callee, {anna}], mode
    agents.engine.api.delete(f"/v1/agents/anna1/listen/{SUPERVISOR}")
    assert wait_until(lambda: ears(agents) == [(SUPERVISOR, "listen", "ended")], SOON), ears(agents)
    assert hearing.tones(callee.next(), list(voices.values())) == {anna}, "they talk on"
    assert callee.share_that_came() > 0.98, "nothing was cut"
    agents.do("anna1", "hang-up")
    calling.finish()
    assert calling.dispositions() == {"connected": 1}


@pytest.mark.parametrize("mode", ["listen", "barge"])
def test_a_supervisor_stays_with_the_agent_from_one_callee_to_the_next(
    calling: Calling, agents: Agents, mode: str
) -> None:
    """Both say hallo as they answer. Who barges in misses a tenth of a second of it, while led to the next callee."""
    laboratory = calling.engine.laboratory
    before = len(laboratory.heard_by_agent(SUPERVISOR))
    listen(agents, mode)
    calling.begin([Debtor(number, (TALKS,)) for number in (1, 2)], RECORDED, **ALL)
    calling.finish()
    assert calling.dispositions() == {"connected": 2}
    assert ears(agents) == [(SUPERVISOR, mode, "listening")]
    boss = {phone.name: phone.hertz for phone in laboratory.settings.softphones}[SUPERVISOR]
    for number in (1, 2):
        heard = hearing.recording(laboratory.heard(Debtor(number).number))
        assert (boss in hearing.tones(heard, [boss, *agents.voices])) is (mode == "barge"), f"callee {number}"
    [file] = laboratory.heard_by_agent(SUPERVISOR)[before:]
    halo = hearing.recording(laboratory.sounds / "halo.wav")
    heard, spoken = (hearing.without(each, *agents.voices) for each in (hearing.recording(file), halo))
    assert mode == "barge" or hearing.times_heard(heard, spoken) == 2
    agents.do("anna1", "logout")
    assert wait_until(lambda: [state for *_, state in ears(agents)] == ["ended"], SOON), "nobody is there to be heard"
    assert wait_until(lambda: len(told(agents)) == 3, SOON), (
        "what ended is written down a little later than it is shown"
    )
    assert [(entry["listening"], entry["phone"], entry["mode"]) for entry in told(agents)] == [
        (step, SUPERVISOR, mode) for step in ("asked", "began", "ended")
    ]


def test_who_cannot_listen_is_told_why(calling: Calling, agents: Agents) -> None:
    agents.engine.api.put("/v1/agents/bert", {"name": "bert", "phone": "agent2"})
    for agent, phone, status, why in (
        ("anna1", "nobody", 422, "no telephone 'nobody'"),
        ("bert", SUPERVISOR, 409, "not logged in"),
        ("anna1", "agent1", 409, "telephone of an agent"),
    ):
        with pytest.raises(Refused) as refused:
            agents.do(agent, "listen", phone=phone)
        assert (refused.value.status, why in str(refused.value.problem)) == (status, True), refused.value.problem
    calling.engine.laboratory.kill_softphone(SUPERVISOR)
    agents.do("anna1", "listen", phone=SUPERVISOR)
    assert wait_until(lambda: ears(agents) == [(SUPERVISOR, "listen", "ended")], timedelta(seconds=40)), ears(agents)
    assert [entry["listening"] for entry in told(agents)] == ["asked", "ended"]


def test_after_a_kill_nobody_listens_unknown(calling: Calling, agents: Agents) -> None:
    listen(agents, "listen")
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL)
    agents.is_in("anna1", "talking")
    calling.engine.kill()
    calling.engine.start()
    assert wait_until(lambda: "ear." not in calling.engine.laboratory.cli("pbx", "core show channels concise"), SOON)
    agents.is_in("anna1", "talking")
    assert wait_until(lambda: told(agents)[-1] == {"listening": "ended", "why": "lost"}, SOON), told(agents)
    agents.do("anna1", "hang-up")
    calling.finish()
    assert calling.dispositions() == {"connected": 1}
