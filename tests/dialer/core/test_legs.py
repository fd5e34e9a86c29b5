"""Is a telephone called again when it was lost, and not too often?"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.call import End
from dialer.core.legs import (
    LONGEST_PAUSE,
    TRANSITIONS,
    Called,
    Down,
    Event,
    Leg,
    LegState,
    PhoneSeen,
    Up,
    is_due,
    step,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NEW = Leg("anna")


def after(leg: Leg, *events: Event) -> Leg:
    for event in events:
        leg = step(leg, event)
    return leg


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(TRANSITIONS) == {(state, event) for state in LegState for event in get_args(Event)}


def test_a_telephone_that_answers_is_on_the_line() -> None:
    assert is_due(NEW, NOW)
    calling = step(NEW, Called("1", NOW))
    assert not is_due(calling, NOW + LONGEST_PAUSE)
    assert step(calling, Up("1", NOW)).is_up


def test_one_that_does_not_is_called_again_less_and_less_often() -> None:
    leg, moments, now = NEW, [NOW], NOW
    for _ in range(9):
        leg = after(leg, Called("1", now), Down("1", now, End.NOT_PLACED))
        now = leg.call_at
        moments.append(now)
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (SECOND, LONGEST_PAUSE)


def test_one_that_registers_is_called_at_once() -> None:
    failed = after(NEW, *[e for _ in range(6) for e in (Called("1", NOW), Down("1", NOW, End.NOT_PLACED))])
    assert not is_due(failed, NOW + SECOND)
    assert is_due(step(failed, PhoneSeen("anna", NOW + SECOND)), NOW + SECOND)


def test_a_leg_found_after_a_restart_of_ours_is_taken_over() -> None:
    adopted = step(NEW, Up("old", NOW))
    assert (adopted.state, adopted.leg_id) == (LegState.UP, "old")
    assert step(adopted, Down("old", NOW, End.NORMAL)).state is LegState.DOWN


def test_news_of_a_former_leg_changes_nothing() -> None:
    up = after(NEW, Called("2", NOW), Up("2", NOW))
    assert step(up, Down("1", NOW, End.NORMAL)) == up


LATER = st.integers(0, 100).map(lambda seconds: NOW + seconds * SECOND)
LEG_IDS = st.sampled_from("12")
EVENTS = st.one_of(
    st.builds(Called, LEG_IDS, LATER),
    st.builds(Up, LEG_IDS, LATER),
    st.builds(Down, LEG_IDS, LATER, st.sampled_from(End)),
    st.builds(PhoneSeen, st.just("anna"), LATER),
)


@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_the_telephone_can_be_called_again(happened: Sequence[Event]) -> None:
    leg = after(NEW, *happened)
    leg = step(leg, Down(leg.leg_id, NOW + 100 * SECOND, End.NORMAL))
    assert is_due(leg, NOW + 100 * SECOND + LONGEST_PAUSE)
