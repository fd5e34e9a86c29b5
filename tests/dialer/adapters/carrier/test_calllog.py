"""What did the carrier see?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.adapters.carrier.calllog import Call, calls_per_number, most_at_once, most_within, parse

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
seconds = st.integers(0, 5000).map(lambda milliseconds: milliseconds / 1000)


def call(start: float, end: float = 3600, number: str = "+48280000001") -> Call:
    moments = (NOON + timedelta(seconds=start), NOON + timedelta(seconds=end))
    return Call(number, 1, "busy", moments[0], None, moments[1])


def test_a_line_keeps_its_microseconds() -> None:
    (answered,) = parse(["+48280000001,2,human,1795306378.516660,1795306378.717555,1795306385.117393"])
    assert answered.attempt == 2
    assert answered.started.microsecond == 516660
    assert answered.answered is not None
    assert answered.answered - answered.started == timedelta(microseconds=200895)


def test_a_call_without_an_answer_has_no_moment_of_it() -> None:
    (refused,) = parse(["+48280000001,1,busy,1795306378.5,0.000000,1795306378.6"])
    assert refused.answered is None


def test_a_window_is_half_open() -> None:
    assert most_within([call(0), call(0.5), call(1.0)]) == 2


def test_an_end_makes_room_for_the_next_call() -> None:
    assert most_at_once([call(0, 1), call(1, 2)]) == 1


def test_calls_are_counted_per_number() -> None:
    assert calls_per_number([call(0), call(1), call(2, number="+48280000002")])["+48280000001"] == 2


def test_an_empty_log_shows_no_calls() -> None:
    assert (most_within([]), most_at_once([])) == (0, 0)


@given(st.lists(seconds, min_size=1, max_size=40))
def test_no_window_holds_more_than_the_largest(starts: list[float]) -> None:
    calls = [call(start) for start in starts]
    second = timedelta(seconds=1)
    counts = [sum(each.started <= other.started < each.started + second for other in calls) for each in calls]
    assert most_within(calls) == max(counts)


@given(st.lists(st.tuples(seconds, seconds.filter(bool)), min_size=1, max_size=40))
def test_no_moment_has_more_calls_than_the_largest(spans: list[tuple[float, float]]) -> None:
    calls = [call(start, start + length) for start, length in spans]
    counts = [sum(other.started <= each.started < other.ended for other in calls) for each in calls]
    assert most_at_once(calls) == max(counts)
