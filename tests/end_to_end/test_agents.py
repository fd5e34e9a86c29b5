"""Does everybody who answers hear an agent, and the agent them, or in time why not?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import soundfile

from audio.engines.espeak import EspeakNg
from audio.message import CUT_OFF
from audio.phrases import Phrases
from dialer.adapters.carrier.witness import Attempt, paired
from lab import chords, hearing
from lab.engine import Refused
from lab.process import wait_until
from tests.end_to_end.test_settlement import pay
from tests.support.agents import SOON, Agents, at_work
from tests.support.calling import ALWAYS, CAMPAIGN, FAST, LOOK, PATIENCE, Calling, Debtor

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True, key_pause=timedelta(seconds=5))
IN_TIME = timedelta(seconds=2)
SILENT = 0.003  # of full scale
CALLEES = 24
TALKS = "human/0.5/hangup@2s"
STAYS = "human/0.5/"
RINGS_LONG = "human/20/"  # two seconds
BYTES_OF_TALK = 2 * 2 * hearing.RATE  # two seconds
ALL: dict[str, Any] = {"mode": "progressive", "attempts": 1, "wrap_up_seconds": 1}


@pytest.fixture
def agents(calling: Calling, request: pytest.FixtureRequest) -> Iterator[Agents]:
    with at_work(calling, RECORDED, getattr(request, "param", 4)) as agents:
        yield agents


def span(attempt: dict[str, Any], first: str, last: str) -> timedelta:
    return datetime.fromisoformat(attempt[last]) - datetime.fromisoformat(attempt[first])


def recorded(calling: Calling) -> Iterator[tuple[dict[str, Any], hearing.Samples]]:
    """What each callee heard who answered."""
    shown = {each["attempt_id"]: each for each in calling.shown()}
    for attempt, call in paired([Attempt.of(each) for each in shown.values()], calling.calls()):
        if shown[attempt.id]["answered_at"] is None:
            continue
        file = calling.engine.laboratory.heard(call.number, call.attempt)
        assert wait_until(file.exists, SOON)
        yield shown[attempt.id], hearing.recording(file)


def spoken(calling: Calling, text: str) -> hearing.Samples:
    phrases = Phrases(calling.engine.sounds, EspeakNg())
    return hearing.message(phrases.path(phrases.key(text)))


def test_everybody_who_answers_hears_an_agent_and_the_agent_them(calling: Calling, agents: Agents) -> None:
    """A "Halo?" said at the answer would be over before the two are joined, on a busy machine; a chord is not."""
    debtors = {Debtor(who, (f"{TALKS}/{chords.sound(who)}",)).number: who for who in range(CALLEES)}
    for who in debtors.values():
        chords.write(calling.engine.laboratory.sounds, who, IN_TIME)
    calling.begin([Debtor(who, (f"{TALKS}/{chords.sound(who)}",)) for who in range(CALLEES)], RECORDED, **ALL)
    calling.finish()
    assert calling.dispositions() == {"connected": CALLEES}
    talks: dict[str, set[int]] = {name: set() for name in agents.names}
    for attempt, heard in recorded(calling):
        assert span(attempt, "answered_at", "joined_at") < IN_TIME / 4, attempt
        assert hearing.loudest_tone(heard, agents.voices) == agents.voice_of(attempt["agent_id"]), attempt
        talks[attempt["agent_id"]].add(debtors[attempt["number"]])
    assert all(talks.values()), "everybody had callers"
    agents.are("ready")  # after the wrap-up
    for name in agents.names:
        agents.do(name, "logout")
    agents.are("logged_out")
    assert {name: agents.heard(name) for name in agents.names} == talks


def test_predictive_calls_ring_ahead_of_agents_and_nobody_answers_into_silence(
    calling: Calling, agents: Agents
) -> None:
    """Two in three do not answer: with one call for each free agent the four would mostly wait."""
    people = [Debtor(number, (TALKS if number % 3 == 0 else "noanswer/9/",)) for number in range(60)]
    calling.begin(people, RECORDED, **ALL | {"mode": "predictive"})
    address = f"/v1/campaigns/{CAMPAIGN}/pacing"
    most = 0

    def is_over() -> bool:
        nonlocal most
        most = max(most, len(calling.channels()))
        return calling.is_finished()

    assert wait_until(is_over, PATIENCE, LOOK), calling.figures()
    calling.carrier_is_idle()
    assert most > len(agents.names), "no more calls rang than there are agents"
    ends = calling.dispositions()
    assert ends["connected"] + ends.get("abandoned", 0) == 20, ends
    assert ends.get("abandoned", 0) <= 2, ends
    for attempt, heard in recorded(calling):
        if attempt["disposition"] == "connected":
            assert span(attempt, "answered_at", "joined_at") < IN_TIME, attempt
            assert hearing.loudest_tone(heard, agents.voices) == agents.voice_of(attempt["agent_id"]), attempt
        elif attempt["disposition"] == "abandoned":
            assert span(attempt, "answered_at", "message_at") < IN_TIME + timedelta(milliseconds=100), attempt
    shown = calling.engine.api.get(address)
    assert shown["last_24_hours"]["live_answers"] == 20
    assert shown["last_24_hours"]["abandoned"] == ends.get("abandoned", 0)
    assert shown["last"]["in_words"]


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_who_finds_nobody_free_is_told_so_in_time(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (RINGS_LONG,))], RECORDED, **ALL)
    assert wait_until(lambda: bool(calling.channels()), SOON)
    agents.do("anna1", "pause", reason="lunch")
    calling.finish()
    assert calling.dispositions() == {"abandoned": 1}
    [(attempt, heard)] = recorded(calling)
    assert span(attempt, "answered_at", "message_at") < IN_TIME
    key = attempt["message_key"]
    body = hearing.message(calling.engine.sounds / key[:2] / f"{key}.alaw")
    assert hearing.share_heard(heard, body) >= hearing.HEARD
    assert agents.shown("anna1")["reason"] == "lunch"


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_who_presses_nine_then_is_called_no_more(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (f"{RINGS_LONG}9",))], RECORDED, **ALL | {"attempts": 3})
    assert wait_until(lambda: bool(calling.channels()), SOON)
    agents.do("anna1", "pause", reason="lunch")
    calling.finish()
    assert calling.dispositions() == {"abandoned": 1}
    assert [each["finished"] for each in calling.contacts()] == ["do_not_call"]
    [wish] = calling.engine.api.get("/v1/suppressions")["suppressions"]
    assert (wish["reason"], wish["actor"]) == ("opt_out", "callee")


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_a_softphone_that_dies_in_a_call_leaves_nobody_in_silence(calling: Calling, agents: Agents) -> None:
    following = Debtor(2, (TALKS,))
    calling.begin([Debtor(1, (STAYS,))], RECORDED, [following], **ALL)
    agents.is_in("anna1", "talking")
    so_far = calling.engine.laboratory.heard(Debtor(1).number)
    assert wait_until(lambda: so_far.exists() and so_far.stat().st_size > BYTES_OF_TALK, SOON)
    calling.engine.laboratory.kill_softphone("agent1")
    calling.finish()
    [(attempt, heard)] = recorded(calling)
    assert attempt["disposition"] == "connected"
    assert hearing.loudest_tone(heard[: BYTES_OF_TALK // 4], agents.voices) == agents.voice_of("anna1")
    assert hearing.share_heard(heard, spoken(calling, CUT_OFF)) >= hearing.HEARD
    agents.is_in("anna1", "paused", "phone_lost")
    calling.engine.laboratory.start_softphones()
    assert wait_until(lambda: agents.shown("anna1")["line"] == "up", SOON)
    agents.do("anna1", "ready")
    calling.send([following])
    calling.finish()
    [heard] = [heard for attempt, heard in recorded(calling) if attempt["number"] == following.number]
    assert hearing.loudest_tone(heard, agents.voices) == agents.voice_of("anna1"), "the next call is as the first"


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_the_agents_screen_shows_the_case_before_the_voice(calling: Calling, agents: Agents) -> None:
    with agents.screen("anna1") as screen:
        calling.begin([Debtor(7, (TALKS,))], RECORDED, **ALL)
        events = list(screen.until("wrap_up"))
    names = [shown["state"] if name == "state" else name for name, shown in events]
    assert names.index("reserved") < names.index("talking")
    [caller] = [shown for name, shown in events if name == "reserved"]
    assert caller["number"] == Debtor(7).number
    assert [(case["case_id"], case["name"], case["amount"]) for case in caller["cases"]] == [
        ("T/000007", "Jan Zmyślony", "153.20")
    ]


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_what_the_agent_says_of_the_talk_decides_what_follows(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (STAYS,)), Debtor(2, (STAYS,))], RECORDED, **ALL | {"attempts": 3, "wrap_up_seconds": 30})
    for said in ({"outcome": "informed"}, {"outcome": "refused", "delay": "liquidity", "note": "nie zapłaci"}):
        agents.is_in("anna1", "talking")
        agents.do("anna1", "hang-up")
        agents.is_in("anna1", "wrap_up")
        agents.do("anna1", "wrap-up", **said)
    calling.finish()
    assert {each["finished"] for each in calling.contacts()} == {"handled"}
    assert {each["outcome"] for each in calling.shown()} == {"informed", "refused"}
    agents.is_in("anna1", "ready")


def why_refused(agents: Agents, name: str, **said: object) -> str:
    with pytest.raises(Refused) as refused:
        agents.do(name, "wrap-up", **said)
    return str(refused.value.problem["errors"][0]["detail"])


@pytest.mark.parametrize("agents", [1], indirect=True)
def test_nobody_is_called_before_the_agent_has_looked_and_agreed(calling: Calling, agents: Agents) -> None:
    skipped, called, paid = (Debtor(number, (STAYS,)) for number in (1, 2, 3))

    def shown() -> dict[str, Any]:
        assert wait_until(lambda: agents.shown("anna1")["state"] == "reserved", SOON)
        found: dict[str, Any] = calling.engine.api.get("/v1/agents/anna1/preview")
        return found

    preview = ALL | {"mode": "preview", "preview_seconds": 60, "gap_minutes": 5}
    calling.people([skipped, called, paid], RECORDED)
    calling.put(**preview)
    for debtor in (skipped, called, paid):
        calling.send([debtor])
    with agents.screen("anna1") as screen:
        calling.command("start")
        first = shown()
        assert calling.calls() == []
        assert calling.channels() == []
        agents.do("anna1", "preview/skip", reason="just_called")
        second = shown()
        assert second["number"] != first["number"]
        agents.do("anna1", "preview/call")
        agents.is_in("anna1", "talking")
        agents.do("anna1", "hang-up")
        events = list(screen.until("wrap_up"))
    names = [name if name != "state" else told["state"] for name, told in events]
    assert names.index("preview") < names.index("talking")
    assert [told["cases"][0]["name"] for name, told in events if name == "preview" and told["cases"]]
    agents.do("anna1", "wrap-up", outcome="informed")
    third = shown()
    [contact] = [each for each in calling.contacts() if each["contact_id"] == third["contact_id"]]
    pay(calling, [next(debtor for debtor in (skipped, called, paid) if debtor.number == third["number"])])
    agents.is_in("anna1", "ready")
    assert calling.engine.api.get(f"/v1/contacts/{contact['contact_id']}")["finished"] == "settled"
    with pytest.raises(Refused):
        calling.engine.api.get("/v1/agents/anna1/preview")
    why = calling.engine.api.get(f"/v1/contacts/{first['contact_id']}/why")
    assert "skipped" in {each["rule"] for each in why["reasons"]}
    assert [call.number for call in calling.calls()] == [second["number"]]
    assert [each["agent_id"] for each in calling.shown() if each["disposition"] == "connected"] == ["anna1"]


@pytest.mark.parametrize("agents", [2], indirect=True)
def test_a_call_back_is_made_for_the_agent_who_agreed_on_it(calling: Calling, agents: Agents) -> None:
    settings = ALL | {"attempts": 1, "wrap_up_seconds": 60, "delay_required": True}
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **settings)
    own = agents.one_talks()
    [other] = set(agents.names) - {own}
    agents.do(own, "hang-up")
    agents.is_in(own, "wrap_up")
    night = {str(day): [["00:00", "00:01"]] for day in range(1, 8)}
    calling.put(windows=night)
    soon = datetime.now(UTC) + timedelta(seconds=4)
    asked = {"outcome": "call_back", "call_back_at": soon.isoformat(), "own": True}
    assert "the next one is" in why_refused(agents, own, **asked)
    calling.put(windows=ALWAYS)
    assert "why it is not paid" in why_refused(agents, own, outcome="informed")
    agents.do(own, "wrap-up", **asked)
    agents.do(own, "pause", reason="lunch")
    [contact] = calling.contacts()

    def held_by() -> set[str]:
        why = calling.engine.api.get(f"/v1/contacts/{contact['contact_id']}/why")
        return {each["rule"] for each in why["reasons"]}

    assert wait_until(lambda: "agent_busy" in held_by(), SOON), "bert is free, and it is not for him"
    agents.do(own, "ready")
    agents.is_in(own, "talking")
    assert agents.shown(other)["state"] == "ready"
    agents.do(own, "hang-up")
    agents.is_in(own, "wrap_up")
    agents.do(own, "wrap-up", outcome="informed", delay="forgot")
    calling.finish()
    assert [each["agent_id"] for each in calling.shown()] == [own, own]
    assert calling.dispositions() == {"connected": 2}


def test_after_a_restart_of_asterisk_in_a_talk_everybody_is_on_the_line_and_has_callers_again(
    calling: Calling, agents: Agents
) -> None:
    later = [Debtor(number, (TALKS,)) for number in range(10, 14)]
    calling.begin([Debtor(1, (STAYS,))], RECORDED, later, **ALL)
    agents.one_talks()
    laboratory = calling.engine.laboratory
    laboratory.restart_pbx()
    laboratory.hang_up_everything_at_carrier()
    calling.engine.await_switch()
    agents.are("ready")
    calling.send(later)
    calling.finish()
    assert calling.dispositions() == {"connected": 5}
    talks = {attempt["number"]: (attempt["agent_id"], heard) for attempt, heard in recorded(calling)}
    assert {talks[each.number][0] for each in later} == set(agents.names)
    for name, heard in (talks[each.number] for each in later):
        assert hearing.loudest_tone(heard, agents.voices) == agents.voice_of(name)


def test_a_killed_engine_finds_agents_their_talks_and_wrap_ups_again(calling: Calling, agents: Agents) -> None:
    calling.begin([Debtor(1, (STAYS,))], RECORDED, **ALL | {"wrap_up_seconds": 60, "delay_required": True})
    name = agents.one_talks()
    assert wait_until(lambda: calling.shown()[0]["joined_at"] is not None, SOON)
    calling.engine.kill()
    assert len(calling.channels()) == 1, "they talk on"
    calling.engine.start()
    agents.is_in(name, "talking")
    for other in set(agents.names) - {name}:
        agents.is_in(other, "ready")
    agents.do(name, "hang-up")
    agents.is_in(name, "wrap_up")
    assert wait_until(lambda: calling.dispositions() == {"connected": 1}, SOON)
    calling.engine.kill()
    calling.engine.start()
    agents.is_in(name, "wrap_up")
    assert "why it is not paid" in why_refused(agents, name, outcome="informed")
    agents.do(name, "wrap-up", outcome="informed", delay="forgot")
    agents.is_in(name, "ready")
    calling.finish()
    assert calling.dispositions() == {"connected": 1}
    assert [each["agent_id"] for each in calling.shown()] == [name]


def test_a_person_is_greeted_while_a_machine_would_be_found_out(calling: Calling, agents: Agents) -> None:
    people = [Debtor(number, ("human/0.5/hangup@8s",)) for number in range(330_000, 330_003)]
    machines = [Debtor(number, ("voicemail/0.5/",)) for number in range(340_000, 340_003)]
    calling.begin([*people, *machines], RECORDED, **ALL, machine_detection=True)
    calling.finish()
    attempts = {each["number"]: each for each in calling.shown()}
    assert {attempts[each.number]["disposition"] for each in people} == {"connected"}
    assert {attempts[each.number]["disposition"] for each in machines} == {"machine"}
    assert {attempts[each.number]["joined_at"] for each in machines} == {None}
    for each in people:
        heard = soundfile.read(calling.engine.laboratory.heard(each.number, 1), dtype="float64")[0]
        loud = np.flatnonzero(np.abs(heard) > SILENT) / hearing.RATE
        assert np.max(np.diff([0.0, *loud])) < IN_TIME.total_seconds(), "greeted at once, then joined"
