from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.answers import Answers, Reply
from dialer.core.call import Call, End, MessageEnded, State
from dialer.core.dispositions import TRUNK_FAILURES, disposition
from dialer.model import Disposition

D = Disposition
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
SPAN = timedelta(seconds=14)


def a_call(end: End | None, *, answered: bool = False, whole: bool | None = None, failed: bool = False) -> Call:
    message = None if whole is None else MessageEnded("a", NOON, SPAN, whole, failed)
    return Call("a", NOON, State.ENDED, answered_at=NOON if answered else None, message=message, end=end)


UNANSWERED = {
    End.BUSY: D.BUSY,
    End.NO_ANSWER: D.NO_ANSWER,
    End.NO_REPLY: D.NO_REPLY,
    End.UNAVAILABLE: D.UNAVAILABLE,
    End.REJECTED: D.REJECTED,
    End.INVALID_NUMBER: D.INVALID_NUMBER,
    End.CONGESTION: D.CONGESTION,
    End.NOT_PLACED: D.NOT_PLACED,
    End.BY_US: D.CANCELLED,
    End.LOST: D.LOST,
    End.NORMAL: D.NO_ANSWER,
    End.MEDIA_LOST: D.FAILED,
    End.OTHER: D.FAILED,
}


@pytest.mark.parametrize("end", End)
def test_a_call_that_nobody_answered_says_why(end: End) -> None:
    assert disposition(a_call(end)) is UNANSWERED[end]


@pytest.mark.parametrize("end", End)
def test_whoever_heard_the_whole_message_heard_it_however_the_call_ended(end: End) -> None:
    assert disposition(a_call(end, answered=True, whole=True)) is D.DELIVERED


@pytest.mark.parametrize("end", End)
def test_a_message_that_could_not_be_played_failed(end: End) -> None:
    assert disposition(a_call(end, answered=True, whole=False, failed=True)) is D.FAILED


@pytest.mark.parametrize("end", End)
def test_whoever_heard_a_farewell_instead_was_not_told_everything(end: End) -> None:
    said = MessageEnded("a", NOON, SPAN, whole=False, broken_off=True)
    call = Call("a", NOON, State.ENDED, answered_at=NOON, message=said, end=end)
    assert disposition(call) is D.BROKEN_OFF


@pytest.mark.parametrize("end", sorted(set(End) - {End.LOST}))
@pytest.mark.parametrize("whole", [None, False])
def test_whoever_left_before_the_end_hung_up(end: End, whole: bool | None) -> None:
    assert disposition(a_call(end, answered=True, whole=whole)) is D.HUNG_UP


def test_an_answered_call_that_the_switch_lost_is_lost() -> None:
    assert disposition(a_call(End.LOST, answered=True)) is D.LOST


def test_a_call_that_is_not_over_has_no_disposition() -> None:
    with pytest.raises(ValueError, match="call a is not over"):
        disposition(a_call(None))


def test_nobody_behind_the_trunk_shows_in_three_ways() -> None:
    assert {D.NOT_PLACED, D.NO_REPLY, D.CONGESTION} == TRUNK_FAILURES


def answered(*replies: Reply, whole: bool = False, failed: bool = False, unidentified: bool = False) -> Call:
    said = MessageEnded("a", NOON, SPAN, whole, failed, unidentified=unidentified, answers=Answers(replies=replies))
    return Call("a", NOON, State.ENDED, answered_at=NOON, message=said, end=End.NORMAL)


@pytest.mark.parametrize("reply", sorted(set(Reply) - {Reply.WRONG_NUMBER}))
def test_whoever_answers_with_a_key_has_replied(reply: Reply) -> None:
    assert disposition(answered(reply)) is D.REPLIED


def test_whoever_heard_the_whole_has_heard_it_whatever_was_pressed() -> None:
    assert disposition(answered(Reply.PROMISE, whole=True)) is D.DELIVERED


def test_a_reply_counts_although_the_rest_could_not_be_played() -> None:
    assert disposition(answered(Reply.DISPUTE, failed=True)) is D.REPLIED


def test_a_wrong_number_has_heard_nothing_that_counts() -> None:
    assert disposition(answered(Reply.WRONG_NUMBER)) is D.WRONG_NUMBER


def test_who_did_not_say_who_they_are_were_not_reached() -> None:
    assert disposition(answered(unidentified=True)) is D.UNIDENTIFIED


@pytest.mark.parametrize(("silent", "means"), [(0.5, D.HUNG_UP), (2.0, D.ABANDONED)])
def test_who_was_greeted_is_abandoned_by_the_silence_after_it_alone(silent: float, means: Disposition) -> None:
    """The greeting takes six seconds; who hangs up soon after it was not left in silence for long."""
    waits = NOON + timedelta(seconds=6)
    call = replace(
        a_call(End.NORMAL, answered=True),
        started_at=NOON,
        greeted_at=NOON,
        waiting_at=waits,
        ended_at=waits + timedelta(seconds=silent),
    )
    assert disposition(call) is means
