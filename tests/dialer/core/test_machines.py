"""Is a person told from a machine by when it talks, and is doubt a person?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.machines import (
    AnsweredBy,
    Because,
    Detection,
    Listening,
    TalkStarted,
    TalkStopped,
    Thresholds,
)
from tests.support.clock import MONDAY

MS = timedelta(milliseconds=1)
LIMITS = Thresholds()
CALL = "a" * 32


def heard(*spans: tuple[int, int], until: int) -> Detection | None:
    """The first verdict on talking from and to so many ms after the answer."""
    listening = Listening(MONDAY)
    talks = [talk for begins, ends in spans for talk in ((begins, None), (ends, ends - begins))]
    for at, lasted in talks:
        moment = MONDAY + at * MS
        while listening.look_again_at(LIMITS) <= moment:
            if found := listening.detection(listening.look_again_at(LIMITS), LIMITS):
                return found
        listening = listening.hear(
            TalkStarted(CALL, moment) if lasted is None else TalkStopped(CALL, moment, lasted * MS), LIMITS
        )
        if found := listening.detection(moment, LIMITS):
            return found
    return listening.detection(MONDAY + until * MS, LIMITS)


def test_who_says_hello_and_listens_is_a_person() -> None:
    found = heard((300, 700), until=1_900)
    assert found == Detection(
        AnsweredBy.PERSON, Because.SHORT_GREETING, 1_900 * MS, 300 * MS, 400 * MS, words=1, silence=1_200 * MS
    )


def test_there_is_no_verdict_while_the_greeting_may_go_on() -> None:
    assert heard((300, 700), until=1_899) is None


def test_who_says_nothing_is_a_person() -> None:
    found = heard(until=2_500)
    assert found is not None
    assert (found.answered_by, found.because) == (AnsweredBy.PERSON, Because.SILENCE)


def test_who_goes_on_talking_is_a_machine() -> None:
    found = heard((400, 1_000), (1_300, 2_900), (3_400, 5_000), until=5_000)
    assert found == Detection(
        AnsweredBy.MACHINE, Because.LONG_GREETING, 5_000 * MS, 400 * MS, 3_800 * MS, words=3, silence=0 * MS
    )


def test_many_words_are_a_machine_however_short() -> None:
    words = [(place * 250, place * 250 + 80) for place in range(1, LIMITS.most_words + 2)]
    found = heard(*words, until=words[-1][1])
    assert found is not None
    assert (found.answered_by, found.because) == (AnsweredBy.MACHINE, Because.MANY_WORDS)


def test_a_person_who_talks_on_after_listening_stays_a_person() -> None:
    found = heard((300, 700), (2_500, 7_000), until=7_000)
    assert found is not None
    assert found.answered_by is AnsweredBy.PERSON


def test_talking_that_never_ends_is_doubt() -> None:
    """A carrier that suppresses silence tells of no end."""
    listening = Listening(MONDAY).hear(TalkStarted(CALL, MONDAY + 300 * MS), LIMITS)
    at = listening.look_again_at(LIMITS)
    found = listening.detection(at, LIMITS)
    assert at == MONDAY + LIMITS.in_all
    assert found is not None
    assert (found.answered_by, found.because) == (AnsweredBy.PERSON, Because.TIME)


def test_a_click_is_no_word() -> None:
    found = heard((300, 320), until=2_500)
    assert found is not None
    assert (found.because, found.words, found.initial_silence) == (Because.SILENCE, 0, 2_500 * MS)


def test_an_end_whose_beginning_was_missed_counts() -> None:
    listening = Listening(MONDAY).hear(TalkStopped(CALL, MONDAY + 900 * MS, 600 * MS), LIMITS)
    assert (listening.first_at, listening.talked) == (MONDAY + 300 * MS, 600 * MS)


@pytest.mark.parametrize("spans", [[(300, 700)], [(400, 1_000), (1_300, 2_900), (3_400, 5_000)], []])
def test_a_verdict_is_kept_as_it_was(spans: list[tuple[int, int]]) -> None:
    found = heard(*spans, until=5_000)
    assert found is not None
    assert Detection.from_json(found.to_json()) == found


@given(st.lists(st.tuples(st.integers(1, 3_000), st.integers(1, 3_000)), max_size=30))
def test_there_always_is_a_verdict_in_the_end(lengths: list[tuple[int, int]]) -> None:
    spans, at = [], 0
    for silence, talk in lengths:
        spans.append((at + silence, at + silence + talk))
        at += silence + talk
    assert heard(*spans, until=at + LIMITS.in_all // MS) is not None
