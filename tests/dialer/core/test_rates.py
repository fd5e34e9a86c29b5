from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from dialer.core.rates import Bucket, Rate, taken

RATE = Rate.steady(5)
NOTHING = timedelta()


@given(st.lists(st.floats(0, 3), max_size=200), st.floats(0.1, 50))
def test_no_second_sees_more_than_the_rate_and_a_burst(pauses: list[float], per_second: float) -> None:
    rate, bucket, now, admitted = Rate.steady(per_second), None, 0.0, 0
    for pause in pauses:
        now += pause
        bucket, wait = taken(bucket, rate, now)
        admitted += not wait
    assert admitted <= rate.burst + now * per_second + 1e-6


@given(st.floats(0.1, 50), st.integers(1, 200))
def test_whoever_waits_as_long_as_told_is_admitted(per_second: float, asked: int) -> None:
    rate, bucket, wait = Rate.steady(per_second), None, NOTHING
    for _ in range(asked):
        bucket, wait = taken(bucket, rate, 0.0)
    assume(wait)
    again, more = taken(bucket, rate, wait.total_seconds() + 1e-3)
    assert more == NOTHING
    assert isinstance(again, Bucket)


def test_a_pause_allows_a_burst_and_no_more() -> None:
    bucket = None
    for _ in range(10):
        bucket, wait = taken(bucket, RATE, 100.0)
        assert wait == NOTHING
    assert taken(bucket, RATE, 100.0)[1] == timedelta(seconds=0.2)


def test_asking_in_vain_takes_nothing() -> None:
    bucket, wait = None, NOTHING
    for _ in range(100):
        bucket, wait = taken(bucket, RATE, 0.0)
    assert wait == timedelta(seconds=0.2)
