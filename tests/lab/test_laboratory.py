"""Does the real thing do what the script says, and does the carrier's log show it?"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dialer.adapters.carrier.calllog import Call
from dialer.adapters.carrier.script import role
from lab import load
from lab.carrier import Manner
from lab.laboratory import Laboratory
from lab.process import wait_until
from tests.support.witness import Message, Witness, witness

pytestmark = pytest.mark.lab

PERSON = "+48280000001"
MANNER = Manner(ring_scale=0.1, is_recording=True, key_pause=timedelta(milliseconds=500))


@pytest.fixture
def engine(laboratory: Laboratory) -> Iterator[Witness]:
    """A session with the rights that the engine has."""
    with witness(laboratory.pbx_ami) as session:
        yield session


def place(session: Witness, number: str, attempt: str, extension: str, **variables: str) -> None:
    answer = session.ask(
        "Originate",
        {
            "Channel": f"PJSIP/{number}@carrier",
            "ChannelId": attempt,
            "Context": "lab",
            "Exten": extension,
            "Priority": "1",
            "Timeout": "1500",
            "Async": "true",
            "Variable": ",".join(f"{name}={value}" for name, value in variables.items()),
        },
    )
    assert answer["Response"] == "Success", answer


def hangup(session: Witness, attempt: str) -> Message:
    return session.wait_for("Hangup", lambda message: message["Uniqueid"] == attempt)


def logged(laboratory: Laboratory, calls: int) -> list[Call]:
    """The carrier's log, once that many calls are in it: it writes a line when a call is over."""
    assert wait_until(lambda: len(laboratory.carrier_log()) >= calls, timedelta(seconds=5))
    return laboratory.carrier_log()


@pytest.mark.parametrize(
    ("behaviour", "cause", "sip"),
    [
        ("busy/1/", "17", "486"),
        ("noanswer/30/", "19", "480"),
        ("unavailable/1/", "19", "480"),
        ("rejected/1/", "21", "403"),
        ("congestion/0/", "34", "503"),
        ("unallocated/0/", "1", "404"),
    ],
)
def test_who_does_not_answer(laboratory: Laboratory, engine: Witness, behaviour: str, cause: str, sip: str) -> None:
    laboratory.set_script([role(PERSON, behaviour)], MANNER)
    place(engine, PERSON, behaviour, "now")
    end = hangup(engine, behaviour)
    assert (end["Cause"], end["TechCause"]) == (cause, sip)
    (call,) = logged(laboratory, 1)
    assert (call.number, call.attempt, call.kind) == (PERSON, 1, behaviour.partition("/")[0])
    assert call.answered is None


@pytest.mark.parametrize("behaviour", ["human/2/", "voicemail/2/"])
def test_who_answers_hears_what_is_played(laboratory: Laboratory, engine: Witness, behaviour: str) -> None:
    laboratory.set_script([role(PERSON, behaviour)], MANNER)
    place(engine, PERSON, behaviour, "play", SOUND=str(laboratory.sounds / "halo"))
    assert hangup(engine, behaviour)["Cause"] == "16"
    (call,) = logged(laboratory, 1)
    assert call.kind == behaviour.partition("/")[0]
    assert call.answered is not None
    assert call.answered - call.started >= timedelta(milliseconds=200)
    heard = laboratory.heard(PERSON)
    assert wait_until(heard.exists, timedelta(seconds=2))
    with wave.open(str(heard)) as recording:
        assert recording.getframerate() == 8000
        assert recording.getnframes() > 2000
        assert any(recording.readframes(recording.getnframes()))


def test_a_person_hangs_up_when_the_script_says(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.set_script([role(PERSON, "human/0/hangup@1s")], MANNER)
    place(engine, PERSON, "impatient", "hold")
    assert hangup(engine, "impatient")["Cause"] == "16"
    (call,) = logged(laboratory, 1)
    assert call.answered is not None
    assert timedelta(milliseconds=950) < call.ended - call.answered < timedelta(milliseconds=1200)


def test_a_person_presses_the_keys_in_their_order(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.set_script([role(PERSON, "human/0/1,4")], MANNER)
    place(engine, PERSON, "keys", "menu", SOUND=str(laboratory.sounds / "halo"))
    engine.wait_for("UserEvent", lambda message: message["Key"] == "4")
    pressed = [event["Key"] for event in engine.events if event["Event"] == "UserEvent" and event["Key"]]
    assert pressed == ["1", "4"]
    engine.ask("Hangup", {"Channel": "/^PJSIP/.*$/", "Cause": "16"})
    hangup(engine, "keys")


def test_each_attempt_follows_the_script(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.set_script([role(PERSON, "busy/0/", "congestion/0/", "human/0/")], MANNER)
    for ordinal in range(1, 5):
        place(engine, PERSON, f"again-{ordinal}", "now")
        hangup(engine, f"again-{ordinal}")
    kinds = [(call.attempt, call.kind) for call in logged(laboratory, 4)]
    assert kinds == [(1, "busy"), (2, "congestion"), (3, "human"), (4, "human")]


def test_a_number_outside_the_script_answers_and_holds(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.set_script([], MANNER)
    place(engine, "+48280000099", "unknown", "now")
    hangup(engine, "unknown")
    (call,) = logged(laboratory, 1)
    assert call.kind == "unscripted"
    assert call.answered is not None


def test_without_the_engine_an_answered_call_ends(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.set_script([role(PERSON, "human/0/")], MANNER)
    answer = engine.ask(
        "Originate",
        {
            "Channel": f"PJSIP/{PERSON}@carrier",
            "ChannelId": "nobody-there",
            "Context": "dzwonek",
            "Exten": "message",
            "Priority": "1",
            "Async": "true",
        },
    )
    assert answer["Response"] == "Success"
    assert hangup(engine, "nobody-there")["Cause"] == "16"


@pytest.mark.parametrize("forbidden", [{"Application": "System", "Data": "true"}, {"Application": "AGI", "Data": "x"}])
def test_the_engine_may_not_run_programs(engine: Witness, forbidden: dict[str, str]) -> None:
    answer = engine.ask("Originate", {"Channel": f"PJSIP/{PERSON}@carrier", "Async": "true", **forbidden})
    assert answer["Response"] == "Error"


@pytest.mark.parametrize("action", ["Command", "Reload", "GetConfig", "DBDel"])
def test_the_engine_may_not_administer_the_pbx(engine: Witness, action: str) -> None:
    assert engine.ask(action)["Message"] == "Permission denied"


@pytest.mark.parametrize("action", ["Ping", "CoreShowChannels", "Status", "DeviceStateList", "BridgeList"])
def test_the_engine_may_ask_how_things_are(engine: Witness, action: str) -> None:
    assert engine.ask(action)["Response"] == "Success"


def test_the_pbx_comes_back_after_a_restart_and_after_a_crash(laboratory: Laboratory) -> None:
    laboratory.set_script([role(PERSON, "busy/0/")], MANNER)
    laboratory.restart_pbx()
    laboratory.kill_pbx()
    laboratory.start_pbx()
    with witness(laboratory.pbx_ami) as session:
        place(session, PERSON, "after", "now")
        assert hangup(session, "after")["Cause"] == "17"


def test_the_load_carrier_answers_and_lets_the_pbx_hang_up(laboratory: Laboratory, engine: Witness) -> None:
    load.up(laboratory.settings)
    try:
        fields = {"Channel": "PJSIP/+48280000001@load", "Context": "lab", "Exten": "now", "Priority": "1"}
        engine.ask("Originate", {**fields, "ChannelId": "load", "Async": "true"})
        answered = engine.wait_for("OriginateResponse", lambda message: message["Uniqueid"] == "load")
        assert answered["Response"] == "Success"
        assert hangup(engine, "load")["Cause"] == "16"
    finally:
        load.down(laboratory.settings)
    assert not {"sipp", "sink"}.intersection(laboratory.running())


def test_the_load_carrier_hangs_up_after_its_hold(laboratory: Laboratory, engine: Witness) -> None:
    load.up(laboratory.settings, hold=timedelta(milliseconds=100))
    try:
        fields = {"Channel": "PJSIP/+48280000002@load", "Context": "lab", "Exten": "hold", "Priority": "1"}
        engine.ask("Originate", {**fields, "ChannelId": "held", "Async": "true"})
        hangup(engine, "held")  # Asterisk took the carrier's goodbye; by itself it would wait for an hour
    finally:
        load.down(laboratory.settings)


def test_an_agent_answers_and_hears(laboratory: Laboratory, engine: Witness) -> None:
    laboratory.up(with_agents=True)
    before = set(laboratory.heard_by_agent("agent1"))
    fields = {"Channel": "PJSIP/agent1", "Context": "lab", "Exten": "play", "Priority": "1", "Async": "true"}
    sound = laboratory.sounds / "halo"
    engine.ask("Originate", {**fields, "ChannelId": "agent", "Variable": f"SOUND={sound}"})
    answered = engine.wait_for("OriginateResponse", lambda message: message["Uniqueid"] == "agent")
    assert answered["Response"] == "Success"
    hangup(engine, "agent")
    [heard] = set(laboratory.heard_by_agent("agent1")) - before
    assert wait_until(lambda: heard.stat().st_size > 8000, timedelta(seconds=2))
