"""Is a talk recorded if the callee was told so and did not refuse, and is every recording somebody's?"""

from __future__ import annotations

import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audio.message import RECORDED_TALK
from lab import hearing
from lab.process import wait_until
from tests.end_to_end.test_agents import spoken
from tests.end_to_end.test_scenarios import approved
from tests.support.agents import SOON, Agents
from tests.support.calling import FAST, Calling, Debtor
from tests.support.witness import witness

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True, key_pause=timedelta(seconds=1))
STAYS = "human/0.5/"
REFUSES = "human/0.5/7"
ALL: dict[str, Any] = {"mode": "progressive", "attempts": 1, "wrap_up_seconds": 1, "recording": "with_notice"}
NOTICE = timedelta(seconds=40)  # until it was said
TALK = 6 * hearing.RATE  # bytes of a recording: three seconds


@pytest.fixture
def agents(calling: Calling) -> Agents:
    calling.engine.laboratory.up(with_agents=True)
    calling.people([], RECORDED)
    calling.engine.start()
    agents = Agents(calling.engine, 1)
    agents.create()
    agents.come()
    return agents


def files(calling: Calling) -> list[Path]:
    return sorted(calling.engine.recordings.glob("*"))


def listed(calling: Calling) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = calling.engine.api.get("/v1/recordings")["recordings"]
    return found


def talk(calling: Calling, agents: Agents) -> None:
    agents.is_in("anna1", "talking", patience=NOTICE)
    say_hallo_again(calling)
    assert wait_until(lambda: any(file.stat().st_size > TALK for file in files(calling)), SOON), files(calling)
    agents.do("anna1", "hang-up")


def say_hallo_again(calling: Calling) -> None:
    laboratory = calling.engine.laboratory
    channel = laboratory.cli("carrier", "core show channels concise").partition("!")[0]
    hallo = {"Channel": channel, "Context": "human", "Exten": "s", "Priority": "3"}
    with witness(laboratory.carrier_witness) as session:
        assert session.ask("Redirect", hallo)["Response"] == "Success"


def downloaded(calling: Calling, attempt_id: str, to: Path) -> Path:
    api = calling.engine.api
    request = urllib.request.Request(f"{api.url}/v1/recordings/{attempt_id}/audio")
    request.add_header("Authorization", f"Bearer {api.key}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        to.write_bytes(answer.read())
    return to


def test_who_was_told_is_recorded_with_the_agent(calling: Calling, agents: Agents, tmp_path: Path) -> None:
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL)
    talk(calling, agents)
    calling.finish()
    [attempt] = calling.shown()
    [shown] = listed(calling)
    assert (shown["attempt_id"], shown["agent_id"]) == (attempt["attempt_id"], "anna1")
    heard = hearing.recording(calling.engine.laboratory.heard(Debtor(1).number))
    assert hearing.share_heard(heard, spoken(calling, RECORDED_TALK)) >= hearing.HEARD
    recording = hearing.recording(downloaded(calling, attempt["attempt_id"], tmp_path / "talk.wav"))
    assert hearing.loudest_tone(recording, agents.voices) == agents.voice_of("anna1")
    halo = hearing.recording(calling.engine.laboratory.sounds / "halo.wav")
    voices = [hearing.without(each, *agents.voices) for each in (recording, halo)]
    assert hearing.times_heard(*voices) == 1, "the callee's second hallo; the first was before the talk"
    [taken] = calling.engine.api.get("/v1/audit?action=recording.heard")["entries"]
    assert taken["subject"] == attempt["attempt_id"]


def test_who_presses_seven_talks_unrecorded(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (REFUSES,))], RECORDED, **ALL)
    agents.is_in("anna1", "talking")
    agents.do("anna1", "hang-up")
    calling.finish()
    assert calling.dispositions() == {"connected": 1}
    assert (files(calling), listed(calling)) == ([], [])


DISPUTING = """\
flow: disputing
stage: overdue
identity: required
start: who
texts:
  WHO: Proszę nacisnąć jeden.
  BODY: "Kwota do zapłaty: {amount}."
  REASONS: Proszę mówić po sygnale.
  BYE: Do widzenia.
nodes:
  who: {ask: WHO, keys: {1: message}, identity: 1, silent: bye}
  message: {ask: BODY, keys: {4: dispute}, silent: bye}
  dispute: {outcome: dispute, next: reasons}
  reasons: {record: REASONS, limit: 5s, next: bye, unrecorded: bye}
  bye: {say: BYE, next: end}
  end: hang_up
"""


@pytest.mark.parametrize(("recording", "kept"), [("with_notice", 1), ("off", 0)])
def test_the_reasons_of_a_dispute_are_kept_with_its_attempt(
    calling: Calling, tmp_path: Path, recording: str, kept: int
) -> None:
    calling.people([Debtor(1, ("human/0.5/1,4",))], RECORDED)
    calling.engine.start()
    approved(calling, DISPUTING, "disputing")
    calling.put(scenario="disputing", scenario_version=1, attempts=1, recording=recording)
    calling.send([Debtor(1, ("human/0.5/1,4",))])
    calling.command("start")
    if kept:
        assert wait_until(lambda: len(files(calling)) == 1, NOTICE)
        say_hallo_again(calling)
    calling.finish()

    [attempt] = calling.shown()
    assert attempt["answers"]["replies"] == ["dispute"]
    assert [each["attempt_id"] for each in listed(calling)] == kept * [attempt["attempt_id"]]
    assert attempt["answers"].get("recording") == (attempt["attempt_id"] if kept else None)
    if kept:
        said = hearing.recording(downloaded(calling, attempt["attempt_id"], tmp_path / "reasons.wav"))
        halo = hearing.recording(calling.engine.laboratory.sounds / "halo.wav")
        assert hearing.times_heard(said, halo) == 1


def test_a_killed_engine_leaves_no_nameless_recording(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL)
    agents.is_in("anna1", "talking", patience=NOTICE)
    calling.engine.kill()
    nobodys = calling.engine.recordings / f"{'0' * 32}.wav"
    nobodys.write_bytes(b"RIFF")
    calling.engine.start()
    assert wait_until(lambda: not nobodys.exists(), SOON)
    talk(calling, agents)
    calling.finish()
    [attempt] = calling.shown()
    assert [each["attempt_id"] for each in listed(calling)] == [attempt["attempt_id"]]
    assert [file.stem for file in files(calling)] == [attempt["attempt_id"]]
