"""Does a callee who hears a message get to an agent by a key, in words all the while, and does what was heard stay?"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agent_acts import AgentFound, Ask, Join, Parted, Value, WaitForAgent, WaitOver, Wanted
from ivr.answers import Reply
from ivr.joining import AT_ONCE, NO_MORE, Meeting
from ivr.lines import nailed_up
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
    Hold,
    How,
    Interrupt,
    KeyPressed,
    Outcome,
    Play,
    Stopped,
)
from ivr.transfer import TO_AGENT, Offer, hand_over
from tests.support.agi_peer import AgiPeer
from tests.support.answering import answering

SECOND = timedelta(seconds=1)
WAIT = 5 * SECOND
HELLO, BODY, OFFERED, HOLD, SORRY, CUT_OFF, NO_MORE_CALLS, PAID = (
    Clip(f"/sounds/{name}", 2 * SECOND)
    for name in ("hello", "body", "offer", "hold", "sorry", "cut-off", "no-more", "paid")
)
MEETING = Meeting(WAIT, Message((SORRY,)), Message((CUT_OFF,)), Message((NO_MORE_CALLS,)), HOLD)
OFFER = Offer(Message((HELLO, BODY)), Message((OFFERED,)), MEETING)
ANNA = nailed_up("leg.anna.0")
ENDED = ClipEnded(2 * SECOND, 2 * SECOND)
PRESSED = KeyPressed(TO_AGENT, SECOND, SECOND)
FOUND = AgentFound(ANNA, SECOND)
HELD = Hold(HOLD.path, HOLD.length, limit=WAIT - AT_ONCE)


def after(*happenings: Happening) -> Act:
    session, act = OFFER.begin()
    for happening in happenings:
        session, act = session.after(happening)
    return act


def outcome(*happenings: Happening) -> Outcome:
    act = after(*happenings)
    assert isinstance(act, HangUp)
    return act.outcome


def test_the_key_holds_from_the_first_word_to_the_last() -> None:
    assert after() == Play(HELLO.path, HELLO.length, TO_AGENT)
    assert after(ENDED) == Play(BODY.path, BODY.length, TO_AGENT)
    assert after(ENDED, ENDED) == Play(OFFERED.path, OFFERED.length, TO_AGENT)
    for heard in range(3):
        assert after(*heard * [ENDED], PRESSED) == WaitForAgent(AT_ONCE, Wanted.FIRST)


def test_whoever_presses_nothing_has_heard_the_message() -> None:
    assert outcome(ENDED, ENDED, ENDED) == Outcome(4 * SECOND, 4 * SECOND, How.WHOLE, EndedBy.US)


def test_an_agent_who_is_free_is_joined_at_once() -> None:
    assert after(PRESSED, AgentFound(ANNA, NOTHING)) == Join(ANNA)


def test_words_are_said_while_an_agent_is_looked_for_and_end_when_one_is_found() -> None:
    assert after(PRESSED, WaitOver()) == HELD
    assert after(PRESSED, WaitOver(), ENDED) == Hold(HOLD.path, HOLD.length, limit=HELD.limit - 2 * SECOND)
    assert after(PRESSED, WaitOver(), FOUND) == Interrupt()
    assert after(PRESSED, WaitOver(), FOUND, ClipInterrupted(SECOND)) == Join(ANNA)
    assert after(PRESSED, WaitOver(), FOUND, ENDED) == Join(ANNA), "the clip ended at that very moment"


def test_nobody_free_is_said_when_the_wait_is_over_and_what_was_heard_stays() -> None:
    waited = (ENDED, PRESSED, WaitOver(), WaitOver(), ClipInterrupted(SECOND))
    assert after(*waited) == Play(SORRY.path, SORRY.length, NO_MORE)
    said = outcome(*waited, ENDED)
    assert (said.heard, said.total, said.how) == (3 * SECOND, 4 * SECOND, How.PART)
    assert said.answers.replies == (Reply.AGENT,)
    assert outcome(ENDED, ENDED, PRESSED, WaitOver(), CalleeGone()).how is How.WHOLE


def test_a_key_in_the_apology_asks_for_no_more_calls() -> None:
    pressed = KeyPressed(NO_MORE, SECOND, SECOND)
    said = outcome(PRESSED, WaitOver(), WaitOver(), ClipInterrupted(SECOND), pressed, ENDED)
    assert (said.pressed, said.heard) == (NO_MORE, SECOND)


def test_words_that_cannot_be_played_are_no_reason_for_silence() -> None:
    for broken in (ClipEnded(NOTHING, NOTHING), CalleePresent()):
        assert after(PRESSED, WaitOver(), broken) == Play(SORRY.path, SORRY.length, NO_MORE)
    assert after(PRESSED, WaitOver(), ClipBroken(NOTHING, NOTHING)) == AskPresence()


def test_a_payment_that_comes_meanwhile_ends_it_with_a_farewell() -> None:
    bye = BreakOff(Message((PAID,)))
    for before in ((), (ENDED, ENDED), (PRESSED, WaitOver())):
        assert after(*before, bye) == Interrupt()
        assert after(*before, bye, ClipInterrupted(SECOND)) == Play(PAID.path, PAID.length)
        assert outcome(*before, bye, ClipInterrupted(SECOND), ENDED).ended_by is EndedBy.BREAK_OFF


@pytest.mark.parametrize("lost", [False, True])
def test_where_it_leads_back_whoever_sent_the_caller_says_that_nobody_is_free(lost: bool) -> None:
    heard = Outcome(SECOND, SECOND, How.WHOLE, EndedBy.US)
    session, act = hand_over(replace(MEETING, leads_back=True), heard, Message((BODY,)).begin)
    met = (AgentFound(ANNA, NOTHING), Parted(), CalleePresent(), Value(ANNA.met)) if lost else ()
    for happening in (*met, WaitOver(), WaitOver(), ClipInterrupted(SECOND)):
        session, act = session.after(happening)
    assert act == Play(BODY.path, BODY.length), "and neither announcement nor apology"
    _, act = session.after(CalleeGone())
    assert isinstance(act, HangUp)


FOLLOWING: dict[type[Act], list[Happening]] = {
    WaitForAgent: [FOUND, WaitOver(), CalleeGone()],
    Hold: [FOUND, WaitOver(), ENDED, ClipBroken(SECOND, SECOND), ClipBroken(NOTHING, NOTHING)],
    Interrupt: [ClipInterrupted(SECOND), ENDED, ClipBroken(SECOND, SECOND), Stopped(NOTHING)],
    Join: [Parted(), CalleeGone()],
    AskPresence: [CalleePresent(), CalleeGone()],
    Ask: [Value("SUCCESS"), Value("NONEXISTENT")],
    Play: [ENDED, ClipBroken(SECOND, SECOND)],
}


@given(st.data())
def test_whatever_happens_the_callee_is_spoken_with_or_to_and_nothing_heard_is_lost(data: st.DataObject) -> None:
    session, act = OFFER.begin()
    session, act = session.after(PRESSED)
    held, silence = NOTHING, NOTHING
    for _ in range(60):
        if isinstance(act, HangUp):
            assert (act.outcome.heard, act.outcome.answers.replies) == (SECOND, (Reply.AGENT,))
            return
        happening = data.draw(st.sampled_from(FOLLOWING[type(act)]))
        silence = silence + act.limit if isinstance(act, WaitForAgent) else NOTHING
        assert silence <= 2 * AT_ONCE
        if isinstance(act, Hold):
            assert NOTHING < act.limit <= WAIT
            held += SECOND
        session, act = session.after(happening)


# ---- over FastAGI ----------------------------------------------------------------------------------

SOUNDS = {clip.path: clip.length for clip in (HELLO, BODY, OFFERED, HOLD, SORRY, CUT_OFF, NO_MORE_CALLS)}


async def test_whoever_waits_in_vain_hears_so() -> None:
    meeting = replace(MEETING, patience=3 * AT_ONCE)
    async with answering(call=replace(OFFER, meeting=meeting)) as house:
        peer = house.peer(sounds=SOUNDS, presses=[(SECOND, TO_AGENT)])
        await peer.call(house.server.address, "call")
        said = (await house.reported())[1]
    asked = [line.split('"')[1] for line in peer.said if line.startswith("STREAM FILE")]
    assert asked == [clip.path for clip in (HELLO, HOLD, SORRY)]
    assert (said.heard, said.answers.replies) == (SECOND, (Reply.AGENT,))


async def test_an_agent_who_is_found_while_words_are_said_is_joined_and_no_second_one() -> None:
    async with answering(call=OFFER) as house:
        taken: list[bool] = []

        async def play(length: timedelta) -> None:
            if house.server.playing("call") == HOLD.path:
                taken.extend(house.server.join("call", ANNA) for _ in range(2))
                await asyncio.Event().wait()
            await house.clock.play(length)

        peer = AgiPeer(SOUNDS, play, presses=[(SECOND, TO_AGENT)], agents={"leg.anna.0": None})
        await peer.call(house.server.address, "call")
        said = (await house.reported())[1]
    assert taken == [True, False]
    assert 'EXEC "Bridge" "leg.anna.0"' in peer.said
    assert said.heard == SECOND
