from datetime import timedelta

import pytest

from dialer.adapters.ami.causes import HangupCause, end_of_answered, end_of_unanswered
from dialer.core.call import End

SHORT = timedelta(seconds=5)


def unanswered(cause: int, status: int, *, reason: int | None = 0, rang: bool = False, asked: bool = False) -> End:
    return end_of_unanswered(HangupCause(cause, status), reason, rang, asked, SHORT)


@pytest.mark.parametrize(
    ("cause", "status", "end"),
    [
        (17, 486, End.BUSY),
        (19, 480, End.UNAVAILABLE),
        (18, 408, End.UNAVAILABLE),
        (34, 503, End.CONGESTION),
        (38, 500, End.CONGESTION),
        (27, 502, End.CONGESTION),
        (102, 504, End.CONGESTION),
        (1, 404, End.INVALID_NUMBER),
        (28, 484, End.INVALID_NUMBER),
        (22, 410, End.INVALID_NUMBER),
        (21, 603, End.REJECTED),
        (21, 403, End.REJECTED),
        (58, 488, End.OTHER),
        (17, 0, End.BUSY),
        (0, 0, End.OTHER),
    ],
)
def test_each_refusal_of_the_network_has_its_word(cause: int, status: int, end: End) -> None:
    assert unanswered(cause, status) is end


def test_our_ring_time_after_ringing_is_no_answer_and_without_it_no_reply() -> None:
    assert unanswered(19, 480, reason=3, rang=True) is End.NO_ANSWER
    assert unanswered(19, 480, reason=3, rang=False) is End.NO_REPLY


def test_a_network_that_gives_up_after_ringing_says_that_nobody_answered() -> None:
    assert unanswered(19, 480, rang=True) is End.NO_ANSWER
    assert unanswered(18, 408, rang=True) is End.NO_ANSWER


def test_a_carrier_that_never_answers_the_wire_is_no_reply() -> None:
    after_timer_b = timedelta(seconds=32)
    assert end_of_unanswered(HangupCause(18, 408), 0, False, False, after_timer_b) is End.NO_REPLY


def test_what_the_carrier_said_counts_before_what_we_asked_for() -> None:
    assert unanswered(16, 0, rang=True, asked=True) is End.BY_US
    assert unanswered(17, 486, rang=True, asked=True) is End.BUSY


def test_an_answered_call_ends_normally_whatever_its_leg_to_an_agent_left_behind() -> None:
    assert end_of_answered(HangupCause(3, 404)) is End.NORMAL
    assert end_of_answered(HangupCause(0, 0)) is End.NORMAL


def test_an_answered_call_whose_audio_stopped_is_told_apart() -> None:
    assert end_of_answered(HangupCause(44, 0)) is End.MEDIA_LOST


def test_the_platform_code_names_both_figures() -> None:
    assert str(HangupCause(17, 486)) == "17/486"
    assert str(HangupCause(16)) == "16"
