from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.message import HASTE, Message
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
    Lost,
    Outcome,
    Play,
    Session,
    Stopped,
)

LENGTH = timedelta(seconds=10)
MESSAGE = Message((Clip("/sounds/hello", LENGTH), Clip("/sounds/sum", LENGTH)))
THANKS = Play("/sounds/thanks", timedelta(seconds=1))
BYE = Play("/sounds/bye", timedelta(seconds=2))
BREAK_OFF = BreakOff(Message((Clip(THANKS.path, THANKS.length), Clip(BYE.path, BYE.length))))


def seconds(amount: float) -> timedelta:
    return timedelta(seconds=amount)


def ended(position: timedelta = LENGTH) -> ClipEnded:
    return ClipEnded(position, took=position)


def broken(position: timedelta) -> ClipBroken:
    return ClipBroken(position, took=position)


def after(*happenings: Happening) -> Act:
    session: Session
    session, act = MESSAGE.begin()
    for happening in happenings:
        session, act = session.after(happening)
    return act


def outcome(*happenings: Happening) -> Outcome:
    act = after(*happenings)
    assert isinstance(act, HangUp)
    return act.outcome


def test_clips_are_played_in_their_order() -> None:
    assert after() == Play("/sounds/hello", LENGTH)
    assert after(ended()) == Play("/sounds/sum", LENGTH)


def test_after_the_last_clip_we_hang_up() -> None:
    assert outcome(ended(), ended()) == Outcome(2 * LENGTH, 2 * LENGTH, How.WHOLE, EndedBy.US)


def test_who_leaves_in_the_middle_has_heard_a_part() -> None:
    assert outcome(ended(), broken(seconds(3))) == Outcome(seconds(13), seconds(20), How.PART, EndedBy.CALLEE)


def test_who_leaves_before_the_first_word_has_heard_nothing() -> None:
    assert outcome(CalleeGone()) == Outcome(NOTHING, seconds(20), How.NONE, EndedBy.CALLEE)


def test_a_clip_that_stops_at_once_is_nobodys_fault_until_asked() -> None:
    assert after(broken(NOTHING)) == AskPresence()
    assert outcome(broken(NOTHING), CalleePresent()).ended_by is EndedBy.FAILURE
    assert outcome(broken(NOTHING), CalleeGone()).ended_by is EndedBy.CALLEE


def test_a_missing_second_file_leaves_what_was_heard_of_the_first() -> None:
    got = outcome(ended(), broken(NOTHING), CalleePresent())
    assert got == Outcome(LENGTH, 2 * LENGTH, How.PART, EndedBy.FAILURE)


def test_an_empty_file_is_not_delivered() -> None:
    assert outcome(ended(NOTHING)) == Outcome(NOTHING, 2 * LENGTH, How.NONE, EndedBy.FAILURE)


def test_an_empty_file_is_not_delivered_even_if_a_short_one_was_meant() -> None:
    _, act = Message((Clip("/sounds/pause", seconds(0.01)),)).begin()[0].after(ended(NOTHING))
    assert act == HangUp(Outcome(NOTHING, seconds(0.01), How.NONE, EndedBy.FAILURE))


def test_a_file_cut_short_ends_the_message() -> None:
    assert outcome(ended(seconds(4))) == Outcome(seconds(4), 2 * LENGTH, How.PART, EndedBy.FAILURE)


def test_a_frame_more_or_less_is_the_whole_clip() -> None:
    assert after(ended(LENGTH - seconds(0.02))) == Play("/sounds/sum", LENGTH)
    assert after(ended(LENGTH + seconds(0.02))) == Play("/sounds/sum", LENGTH)


def test_nobody_hears_ten_seconds_in_one() -> None:
    assert outcome(ClipEnded(LENGTH, took=seconds(1))) == Outcome(seconds(1), 2 * LENGTH, How.PART, EndedBy.FAILURE)
    assert outcome(ClipBroken(LENGTH, took=seconds(1))) == Outcome(seconds(1), 2 * LENGTH, How.PART, EndedBy.CALLEE)


def test_a_clock_that_differs_a_little_takes_nothing_away() -> None:
    assert after(ClipEnded(LENGTH, took=LENGTH - HASTE)) == Play("/sounds/sum", LENGTH)


def test_a_lost_switch_and_our_own_stop_are_told_apart() -> None:
    assert outcome(Lost(seconds(4))) == Outcome(seconds(4), 2 * LENGTH, How.PART, EndedBy.FAILURE)
    assert outcome(ended(), Stopped(seconds(4))) == Outcome(seconds(14), 2 * LENGTH, How.PART, EndedBy.US)


def broken_off(heard: timedelta, instead: How = How.WHOLE) -> Outcome:
    how = How.PART if heard else How.NONE
    return Outcome(heard, 2 * LENGTH, how, EndedBy.BREAK_OFF, instead=instead)


def test_a_message_that_is_broken_off_stops_at_once_and_something_else_is_said() -> None:
    assert after(ended(), BREAK_OFF) == Interrupt()
    assert after(ended(), BREAK_OFF, ClipInterrupted(seconds(3))) == THANKS
    assert after(ended(), BREAK_OFF, ClipInterrupted(seconds(3)), ended(THANKS.length)) == BYE


def test_only_what_was_heard_of_the_message_itself_is_told() -> None:
    said = (ended(THANKS.length), ended(BYE.length))
    assert outcome(ended(), BREAK_OFF, ClipInterrupted(seconds(3)), *said) == broken_off(seconds(13))
    assert outcome(BREAK_OFF, ClipInterrupted(NOTHING), *said) == broken_off(NOTHING)
    assert outcome(BREAK_OFF, ClipInterrupted(LENGTH + seconds(0.3)), *said) == broken_off(LENGTH)


def test_a_clip_that_ends_by_itself_at_that_moment_is_not_followed_by_the_next() -> None:
    assert after(BREAK_OFF, ended()) == THANKS
    assert outcome(BREAK_OFF, ended(), ended(THANKS.length), ended(BYE.length)) == broken_off(LENGTH)


def test_a_message_that_was_heard_to_its_end_at_that_moment_was_heard_whole() -> None:
    assert after(ended(), BREAK_OFF, ended()) == THANKS
    got = outcome(ended(), BREAK_OFF, ended(), ended(THANKS.length), ended(BYE.length))
    assert got == Outcome(2 * LENGTH, 2 * LENGTH, How.WHOLE, EndedBy.US, instead=How.WHOLE)


def test_a_callee_who_leaves_at_that_moment_was_not_sent_away() -> None:
    assert outcome(BREAK_OFF, broken(seconds(3))) == Outcome(seconds(3), 2 * LENGTH, How.PART, EndedBy.CALLEE)
    assert outcome(BREAK_OFF, broken(NOTHING), CalleeGone()).ended_by is EndedBy.CALLEE


@pytest.mark.parametrize("how", [broken(seconds(1)), Lost(seconds(1)), Stopped(seconds(1)), CalleeGone()])
def test_whatever_ends_the_words_said_instead_the_message_was_broken_off(how: Happening) -> None:
    heard = How.NONE if isinstance(how, CalleeGone) else How.PART
    assert outcome(BREAK_OFF, ClipInterrupted(seconds(3)), how) == broken_off(seconds(3), instead=heard)


def test_what_is_said_instead_can_be_replaced_in_its_turn() -> None:
    again = (BREAK_OFF, ClipInterrupted(seconds(3)), BREAK_OFF)
    assert after(*again) == Interrupt()
    assert after(*again, ClipInterrupted(seconds(1))) == THANKS
    said = (ended(THANKS.length), ended(BYE.length))
    assert outcome(*again, ClipInterrupted(seconds(1)), *said) == broken_off(seconds(3))


@pytest.mark.parametrize(("how", "by"), [(Lost(seconds(4)), EndedBy.FAILURE), (Stopped(seconds(4)), EndedBy.US)])
def test_a_switch_that_does_not_stop_the_clip_is_not_waited_for(how: Happening, by: EndedBy) -> None:
    assert outcome(BREAK_OFF, how) == Outcome(seconds(4), 2 * LENGTH, How.PART, by)


HAPPENINGS = st.one_of(
    st.builds(ClipEnded, st.timedeltas(NOTHING, 2 * LENGTH), st.timedeltas(NOTHING, 2 * LENGTH)),
    st.builds(ClipBroken, st.timedeltas(NOTHING, 2 * LENGTH), st.timedeltas(NOTHING, 2 * LENGTH)),
    st.builds(Lost, st.timedeltas(NOTHING, 4 * LENGTH)),
    st.builds(Stopped, st.timedeltas(NOTHING, 4 * LENGTH)),
    st.just(ended()),
    st.just(CalleeGone()),
    st.just(CalleePresent()),
)


@given(
    st.lists(HAPPENINGS, max_size=4),
    st.lists(HAPPENINGS | st.builds(ClipInterrupted, st.timedeltas(NOTHING)), max_size=6),
)
def test_whatever_happens_no_clip_of_the_message_begins_after_it_was_broken_off(
    before: list[Happening], afterwards: list[Happening]
) -> None:
    session: Session
    session, act = MESSAGE.begin()
    for happening in before:
        if isinstance(act, Play):
            session, act = session.after(happening)
    if not isinstance(act, Play):
        return
    session, act = session.after(BREAK_OFF)
    for happening in afterwards:
        if isinstance(act, HangUp):
            assert NOTHING <= act.outcome.heard <= act.outcome.total
            return
        session, act = session.after(happening)
        assert not isinstance(act, Play) or act in (THANKS, BYE)


@given(st.lists(HAPPENINGS, max_size=6))
def test_whatever_happens_only_a_confirmed_end_of_every_clip_is_whole(happenings: list[Happening]) -> None:
    session: Session
    session, act = MESSAGE.begin()
    confirmed = 0
    for happening in happenings:
        if isinstance(act, HangUp):
            break
        session, act = session.after(happening)
        confirmed += isinstance(happening, ClipEnded) and (
            isinstance(act, Play) or (isinstance(act, HangUp) and act.outcome.ended_by is EndedBy.US)
        )
    if isinstance(act, HangUp):
        got = act.outcome
        assert NOTHING <= got.heard <= got.total
        assert (got.how is How.WHOLE) == (confirmed == 2)
        assert (got.how is How.NONE) == (got.heard == NOTHING)


@pytest.mark.parametrize("path", ["", "/sounds/a\nHANGUP", "/sounds/\0"])
def test_a_clip_has_a_path_that_can_be_told(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        Clip(path, LENGTH)


def test_a_message_has_something_to_say() -> None:
    with pytest.raises(ValueError, match="without clips"):
        Message(())
    with pytest.raises(ValueError, match="long"):
        Clip("/sounds/hello", NOTHING)
