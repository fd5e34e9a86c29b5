from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.abandonment import Tally
from dialer.core.answered import DAY, MONTH, Answered, span_begins, span_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPAN = timedelta(milliseconds=1 << 20)


def test_a_window_counts_what_lies_in_it() -> None:
    answered = Answered()
    answered.count(NOW - timedelta(hours=1), abandoned=True)
    answered.count(NOW - timedelta(hours=30), abandoned=False)
    answered.count(NOW - timedelta(days=40), abandoned=True)
    assert answered.windows(NOW) == [Tally(1, 1), Tally(2, 1)]
    assert answered.within(DAY, NOW + timedelta(hours=24)) == Tally(0, 0)


@given(st.lists(st.tuples(st.timedeltas(timedelta(), 2 * MONTH), st.booleans())), st.sampled_from([DAY, MONTH]))
def test_a_window_never_counts_less_than_it_should_nor_more_than_a_span_too_much(
    calls: list[tuple[timedelta, bool]], window: timedelta
) -> None:
    answered = Answered()
    for ago, abandoned in calls:
        answered.count(NOW - ago, abandoned=abandoned)
    answered.forget(NOW)
    found = answered.within(window, NOW)
    assert found.live_answers >= sum(ago <= window for ago, _ in calls)
    assert found.live_answers <= sum(ago <= window + SPAN for ago, _ in calls)
    assert found.abandoned >= sum(ago <= window and abandoned for ago, abandoned in calls)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_span_begins_before_what_lies_in_it(moment: datetime) -> None:
    assert timedelta() <= moment - span_begins(span_of(moment)) < SPAN
