"""Whatever happens, a flow goes on or ends, and tells nothing of the debt to whoever is not identified."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.agent_acts import WaitOver
from ivr.answers import Reply
from ivr.flow import shipped
from ivr.flow.contact import contact
from ivr.flow.nodes import BODY, KEYS, MISTAKES, Ask, Identity
from ivr.flow.passage import without_audio
from ivr.flow.reach import reached
from ivr.flow.session import LONGEST, Doing, FlowScript, FlowSession
from ivr.flow.speech import Speech
from ivr.flow.transcripts import transcript
from ivr.message import Message
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    BreakOff,
    CalleeGone,
    CalleePresent,
    Clip,
    ClipBroken,
    ClipEnded,
    ClipInterrupted,
    EndedBy,
    HangUp,
    Happening,
    How,
    Interrupt,
    KeyPressed,
    Lost,
    Outcome,
    Play,
    Record,
    Session,
    Stopped,
)
from tests.ivr.flow.transcripts import JAN, MODEL, script

MODEL_SCRIPT = script(MODEL, recording="/recordings/1")
SCRIPTS = [script(name, recording="/recordings/1") for name in shipped.names()]
SECOND = timedelta(seconds=1)
BYE = BreakOff(Message((Clip("/sounds/bye", SECOND),)))
KEY = st.sampled_from(KEYS)


def ended(act: Act) -> Happening:
    length = act.length if isinstance(act, Play) else SECOND
    return ClipEnded(length, length)


def after(given_script: FlowScript, *happened: Happening | str) -> tuple[Session, Act]:
    """``happened``: what happens, or a key that is pressed as soon as silence, or a question, waits for one."""
    session: Session
    session, act = given_script.begin()
    for each in happened:
        while isinstance(each, str) and isinstance(act, Play) and each not in act.keys:
            session, act = session.after(ended(act))
        session, act = session.after(KeyPressed(each, SECOND, SECOND) if isinstance(each, str) else each)
    return session, act


def outcome(given_script: FlowScript, *happened: Happening | str) -> Outcome:
    session, act = after(given_script, *happened)
    while not isinstance(act, HangUp):
        session, act = session.after(ended(act))
    return act.outcome


# ---- every pair of node and happening -------------------------------------------------------------------


def every_happening(took: timedelta) -> Iterator[Happening]:
    yield from (ClipEnded(took, took), ClipBroken(took, took), ClipBroken(NOTHING, NOTHING), ClipInterrupted(took))
    yield from (KeyPressed(key, took, took) for key in KEYS)
    yield from (CalleePresent(), CalleeGone(), Lost(took), Stopped(took), BYE)


def every_spot(given_script: FlowScript) -> list[tuple[FlowSession, Act]]:
    """Each node in each manner, as far as keys and silence lead."""
    session, act = given_script.begin()
    assert isinstance(session, FlowSession)
    found: dict[tuple[str, Doing, bool], tuple[FlowSession, Act]] = {}
    waiting = [(session, act)]
    while waiting:
        session, act = waiting.pop()
        if isinstance(act, HangUp) or (session.at, session.doing, session.may_be_told) in found:
            continue
        found[session.at, session.doing, session.may_be_told] = session, act
        for happening in [ended(act), *(KeyPressed(key, SECOND, SECOND) for key in getattr(act, "keys", ""))]:
            following, next_act = session.after(happening)
            assert isinstance(following, FlowSession)
            while following.at == session.at and following.doing is session.doing and isinstance(next_act, Play):
                if following.rounds > session.rounds or following.mistakes > session.mistakes:
                    break
                stepped, next_act = following.after(ended(next_act))
                assert isinstance(stepped, FlowSession)
                following = stepped
            waiting.append((following, next_act))
    return list(found.values())


@pytest.mark.parametrize("given_script", SCRIPTS, ids=lambda each: each.flow.name)
def test_every_node_knows_what_follows_whatever_happens(given_script: FlowScript) -> None:
    spots = every_spot(given_script)

    for session, act in spots:
        length = act.length if isinstance(act, Play) else SECOND
        for happening in (*every_happening(SECOND), *every_happening(length)):
            _, following = session.after(happening)
            assert isinstance(following, Play | Record | Interrupt | AskPresence | HangUp)
    asking = {spot.node for spot in reached(given_script.flow) if isinstance(given_script.flow.nodes[spot.node], Ask)}
    assert {session.at for session, _ in spots} >= asking


@given(st.sampled_from(SCRIPTS), st.lists(st.one_of(KEY, st.none()), max_size=40))
@settings(max_examples=200)
def test_a_call_ends_whatever_is_pressed(given_script: FlowScript, pressed: list[str | None]) -> None:
    session: Session
    session, act = given_script.begin()
    for key in pressed:
        if isinstance(act, HangUp):
            break
        is_heard = key is not None and key in getattr(act, "keys", "")
        session, act = session.after(KeyPressed(key or "", SECOND, SECOND) if is_heard else ended(act))
    clips = 0
    while not isinstance(act, HangUp):
        session, act = session.after(ended(act))
        clips += 1
        assert clips < 200


def test_whoever_repeats_for_ever_is_left_after_a_while() -> None:
    session: Session
    session, act = MODEL_SCRIPT.begin()
    lasted = NOTHING
    while not isinstance(act, HangUp):
        happening: Happening = ended(act)
        if isinstance(act, Play) and "1" in act.keys:
            happening = KeyPressed("1", act.length, act.length)
        lasted += act.length if isinstance(act, Play) else NOTHING
        session, act = session.after(happening)

    assert act.outcome.ended_by is EndedBy.US
    assert LONGEST <= lasted < LONGEST + timedelta(minutes=1)


# ---- identity before disclosure -------------------------------------------------------------------------


def sensitive(speech: Speech) -> set[str]:
    every = (*speech.texts.values(), *speech.dated.values())
    return {segment.clip.path for segments in every for segment in segments if segment.is_sensitive}


HAPPENING = st.one_of(
    st.just("ended"),
    KEY.map(lambda key: KeyPressed(key, SECOND, SECOND)),
    st.sampled_from([*every_happening(SECOND)]),
)


@given(st.sampled_from(SCRIPTS), st.lists(HAPPENING, max_size=60))
@settings(max_examples=300)
def test_nothing_of_the_debt_is_sent_before_the_person_is_identified(
    given_script: FlowScript, happened: list[Happening | str]
) -> None:
    secret = sensitive(given_script.speech)
    session: Session
    session, act = given_script.begin()
    for each in happened:
        if isinstance(act, HangUp):
            break
        session, act = session.after(ended(act) if isinstance(each, str) else each)
        if isinstance(act, Play) and act.path in secret:
            assert isinstance(session, FlowSession)
            assert session.told.is_identified
            assert "1" in session.told.keys


def test_even_a_flow_that_nobody_checked_tells_nothing() -> None:
    flow = MODEL_SCRIPT.flow
    careless = replace(flow, start="message")

    result = outcome(replace(MODEL_SCRIPT, flow=careless))

    assert (result.how, result.ended_by) == (How.NONE, EndedBy.FAILURE)


def test_there_is_something_to_be_kept_from_others() -> None:
    assert all(sensitive(each.speech) for each in SCRIPTS if each.flow.identity is Identity.REQUIRED)


def test_a_key_pressed_before_the_name_was_said_identifies_nobody() -> None:
    _, act = MODEL_SCRIPT.begin()

    assert isinstance(act, Play)
    assert act.keys == ""


# ---- what is heard, and how it ends ---------------------------------------------------------------------


def test_whoever_leaves_before_the_message_has_heard_nothing_of_it() -> None:
    result = outcome(MODEL_SCRIPT, ClipBroken(SECOND, SECOND))

    assert (result.heard, result.how, result.ended_by) == (NOTHING, How.NONE, EndedBy.CALLEE)


def test_whoever_leaves_in_the_message_has_heard_a_part_of_it() -> None:
    session, act = after(MODEL_SCRIPT, "1")
    assert isinstance(act, Play)

    _, over = session.after(ClipBroken(SECOND, SECOND))

    assert isinstance(over, HangUp)
    assert (over.outcome.heard, over.outcome.how) == (SECOND, How.PART)
    assert over.outcome.answers.is_identified


def test_whoever_hears_it_out_has_heard_the_whole_also_after_hearing_it_again() -> None:
    # No key 0 is on the menu: it is heard in the silence after it only.
    result = outcome(MODEL_SCRIPT, "1", "0", "1", ClipBroken(SECOND, SECOND))

    assert (result.how, result.ended_by) == (How.WHOLE, EndedBy.CALLEE)
    assert result.heard == result.total


def test_a_key_breaks_speech_off() -> None:
    result = outcome(MODEL_SCRIPT, "1", "5")

    assert result.answers.replies == (Reply.ALREADY_PAID,)
    assert result.how is How.PART


def test_a_wrong_key_does_not_disturb_what_is_said() -> None:
    _, act = after(MODEL_SCRIPT, "1")

    assert isinstance(act, Play)
    assert "0" not in act.keys


def test_a_wrong_key_in_silence_is_counted_and_the_question_is_asked_again() -> None:
    session, _ = after(MODEL_SCRIPT, "1", "0")
    assert isinstance(session, FlowSession)
    assert (session.at, session.mistakes) == ("message", 1)

    assert after(MODEL_SCRIPT, *("1", *("0" * MISTAKES)))[0] != session
    left = outcome(MODEL_SCRIPT, *("1", *("0" * MISTAKES)))
    assert left.ended_by is EndedBy.US


def test_a_file_that_is_missing_is_our_fault_and_a_callee_who_left_is_not() -> None:
    asked, act = after(MODEL_SCRIPT, ClipBroken(NOTHING, NOTHING))
    assert act == AskPresence()

    assert asked.after(CalleePresent())[1] == outcome_act(EndedBy.FAILURE)
    assert asked.after(CalleeGone())[1] == outcome_act(EndedBy.CALLEE)


def outcome_act(ended_by: EndedBy) -> HangUp:
    return HangUp(Outcome(NOTHING, MODEL_SCRIPT.speech.body, How.NONE, ended_by))


def test_a_message_cut_short_is_not_played_on() -> None:
    session, act = after(MODEL_SCRIPT, "1")
    assert isinstance(act, Play)

    _, over = session.after(ClipEnded(act.length / 2, act.length / 2))

    assert isinstance(over, HangUp)
    assert over.outcome.ended_by is EndedBy.FAILURE


def test_what_was_answered_counts_although_the_call_breaks_off() -> None:
    session, act = after(MODEL_SCRIPT, "1", "4", BYE)
    assert act == Interrupt()

    session, act = session.after(ClipInterrupted(SECOND))
    assert act == Play("/sounds/bye", SECOND)

    _, over = session.after(ClipEnded(SECOND, SECOND))
    assert isinstance(over, HangUp)
    assert over.outcome.ended_by is EndedBy.BREAK_OFF
    assert over.outcome.answers.replies == (Reply.DISPUTE,)


def test_a_key_at_the_moment_of_breaking_off_still_counts() -> None:
    session, _ = after(MODEL_SCRIPT, "1", BYE)

    _, act = session.after(KeyPressed("5", SECOND, SECOND))
    assert act == Play("/sounds/bye", SECOND)


def test_a_recording_that_cannot_be_made_ends_nobodys_call() -> None:
    session, act = after(MODEL_SCRIPT, "1", "4")
    while not isinstance(act, Record):
        session, act = session.after(ended(act))

    session, act = session.after(ClipBroken(NOTHING, NOTHING))
    assert act == AskPresence()
    _, act = session.after(CalleePresent())
    assert isinstance(act, Play)


def test_digits_begin_anew_after_a_star() -> None:
    result = outcome(MODEL_SCRIPT, *"1", "3", "4", *"05*0612", "1")

    assert str(result.answers.promised) == "2026-12-06"


ASKS_FOR_DIGITS = """\
flow: number
stage: inbound
identity: inbound
start: number
texts: {BODY: Proszę podać numer sprawy., THANKS: Dziękujemy.}
nodes:
  number: {collect: BODY, takes: digits, digits: 6, next: thanks, otherwise: end}
  thanks: {say: THANKS, next: end}
  end: hang_up
"""


def test_digits_are_taken_as_they_are_typed() -> None:
    flow = shipped.flow(ASKS_FOR_DIGITS, "number.yaml", {})
    asking = without_audio(flow, contact(json.dumps(JAN)))

    assert outcome(asking, *"00*004512").answers.typed == "004512"
    assert outcome(asking, *"12#").answers.typed == ""
    assert "[111111] THANKS → " in transcript(asking)


def test_a_key_that_could_not_have_ended_a_clip_is_our_fault() -> None:
    session, _ = MODEL_SCRIPT.begin()

    _, act = session.after(KeyPressed("1", SECOND, SECOND))

    assert isinstance(act, HangUp)
    assert act.outcome.ended_by is EndedBy.FAILURE
    assert not act.outcome.answers.is_identified


def test_no_agent_comes_to_whoever_asked_for_none() -> None:
    session, _ = MODEL_SCRIPT.begin()

    with pytest.raises(ValueError, match="no agent was asked for"):
        session.after(WaitOver())


def test_the_body_is_what_is_measured() -> None:
    total = sum((segment.clip.length for segment in MODEL_SCRIPT.speech.texts[BODY]), NOTHING)

    assert outcome(MODEL_SCRIPT).total == total


@pytest.mark.parametrize("name", ["S04_overdue_soft", "S07_please_call_back", "S04_overdue_soft_en"])
def test_whoever_heard_that_a_machine_speaks_to_the_end_is_noted(name: str) -> None:
    opening = script(name).speech.texts["B01_open"]
    sentences = [ClipEnded(each.clip.length, each.clip.length) for each in opening]
    assert "automat" in " ".join(each.words for each in opening)

    left_before, left_after = (outcome(script(name), *sentences[:heard], CalleeGone()) for heard in (-1, None))
    assert [left_before.answers.is_announced, left_after.answers.is_announced] == [False, True]
