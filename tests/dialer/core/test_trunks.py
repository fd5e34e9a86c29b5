from collections import deque
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.trunks import (
    FAILURES_TO_CLOSE,
    LEAST_AHEAD,
    LONGEST_CLOSURE,
    MADE_UP,
    MOST_AHEAD,
    PACE,
    Health,
    TrunkLimits,
    after_failure,
    after_sign_of_life,
    ahead,
    memory,
    next_start,
    room,
    takes_more,
)

JITTER = 0.02  # s, by which a start may reach the carrier late
MILLISECOND = 0.001


def limits(calls_per_second: float = 10, concurrent_calls: int = 30, outstanding_calls: int = 20) -> TrunkLimits:
    return TrunkLimits(calls_per_second, concurrent_calls, outstanding_calls)


# ---- the rate ------------------------------------------------------------------------------------

rates = st.integers(1, 400).map(float) | st.floats(0.05, 400, allow_nan=False)


def starts_of(rate: float, calls: int, lateness: list[float]) -> list[float]:
    """When calls start that are always waiting, each wake-up being late by the next of ``lateness``, in turns."""
    bounds, now = limits(rate), 1000.0
    made: list[float] = []
    kept: deque[float] = deque(maxlen=memory(bounds))
    for n in range(calls):
        moment = next_start(bounds, kept, now)
        assert moment >= now
        now = moment if moment == now else moment + lateness[n % len(lateness)]
        kept.append(now)
        made.append(now)
    return made


def most_in_a_second(arrivals: list[float]) -> int:
    ordered, first, most = sorted(arrivals), 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1 - 1e-9:  # the rounding of sums
            first += 1
        most = max(most, last - first + 1)
    return most


@given(
    rates,
    st.lists(st.floats(0, 3), min_size=1, max_size=20),
    st.lists(st.floats(0, JITTER), min_size=1, max_size=20),
)
def test_no_second_at_the_carrier_holds_more_calls_than_allowed(
    rate: float, lateness: list[float], jitter: list[float]
) -> None:
    starts = starts_of(rate, 3 * memory(limits(rate)) + 3, lateness)
    arrivals = [start + jitter[n % len(jitter)] for n, start in enumerate(starts)]
    assert most_in_a_second(arrivals) <= max(rate, 1)


@given(st.floats(0.05, 1, exclude_max=True))
def test_less_than_a_call_a_second_means_seconds_between_calls(rate: float) -> None:
    starts = starts_of(rate, 5, [0.0])
    assert all(later - earlier >= 1 / rate for earlier, later in pairwise(starts))


@given(st.integers(1, 400), st.floats(0, 0.5 * MILLISECOND))
def test_the_rate_is_reached_when_calls_are_always_waiting(rate: int, lateness: float) -> None:
    starts = starts_of(rate, 6 * rate + 1, [lateness])
    assert 6 * rate / (starts[-1] - starts[0]) >= 0.95 * rate


@pytest.mark.parametrize("rate", [5, 50, 100, 400])
def test_the_rate_is_reached_by_a_loop_that_sometimes_stalls(rate: int) -> None:
    stalls = [0.0] * (rate // 5) + [0.03]  # 30 ms, five times a second
    starts = starts_of(rate, 10 * rate + 1, stalls)
    assert 10 * rate / (starts[-1] - starts[0]) >= 0.95 * rate


@pytest.mark.parametrize("rate", [5, 50, 100, 400])
@pytest.mark.parametrize("late", [2, 4, 8])
def test_the_rate_is_reached_by_a_loop_that_is_always_late(rate: int, late: int) -> None:
    starts = starts_of(rate, 10 * rate + 1, [late * MILLISECOND])
    assert 10 * rate / (starts[-1] - starts[0]) >= 0.95 * rate


@pytest.mark.parametrize("rate", [50, 100, 400])
def test_few_calls_leave_at_once_after_a_stall(rate: int) -> None:
    starts = starts_of(rate, 3 * rate, [0.0] * (rate // 5) + [0.5])
    burst = max(1, rate // 100)
    at_once = max(sum(later - start < MILLISECOND for later in starts[n:]) for n, start in enumerate(starts))
    assert at_once <= MADE_UP * rate / PACE + 2 * burst


def test_calls_are_spread_over_the_second_when_the_loop_is_always_late() -> None:
    starts = starts_of(100, 300, [3 * MILLISECOND])
    gaps = sorted(later - earlier for earlier, later in pairwise(starts))
    assert gaps[len(gaps) // 10] >= 4 * MILLISECOND


def test_calls_are_spread_over_the_second() -> None:
    starts = starts_of(10, 30, [0.0])
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(starts))


def test_the_first_call_starts_at_once() -> None:
    assert next_start(limits(), [], 5.0) == 5.0


@given(rates)
def test_a_second_of_calls_is_remembered(rate: float) -> None:
    assert memory(limits(rate)) == max(1, floor(rate))


# ---- what is saved ahead --------------------------------------------------------------------------


@given(st.floats(0, MOST_AHEAD * (1 - PACE)))
def test_what_saving_takes_can_be_made_up_by_the_calls_that_were_saved(saving: float) -> None:
    assert saving + PACE * ahead(saving) <= ahead(saving) + 1e-9


@given(st.floats(0, 60))
def test_neither_single_calls_nor_minutes_of_them_are_saved_at_once(saving: float) -> None:
    assert LEAST_AHEAD <= ahead(saving) <= MOST_AHEAD


# ---- the room ------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(1, 50))
def test_there_is_room_for_as_many_calls_as_the_trunk_still_carries(in_flight: int, concurrent: int) -> None:
    more = room(limits(10, concurrent), in_flight)

    assert more >= 0
    assert more == 0 or in_flight + more == concurrent
    assert more > 0 or in_flight >= concurrent


def test_the_switch_is_sent_no_more_than_may_be_outstanding() -> None:
    assert takes_more(limits(outstanding_calls=2), 1)
    assert not takes_more(limits(outstanding_calls=2), 2)


@pytest.mark.parametrize("bad", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (-1, 1, 1)])
def test_limits_without_any_room_are_refused(bad: tuple[float, int, int]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        TrunkLimits(*bad)


# ---- its health ----------------------------------------------------------------------------------


def after_failures(times: int, now: float = 0.0, health: Health | None = None) -> Health:
    health = health or Health()
    for _ in range(times):
        health = after_failure(health, now)
    return health


def closures(times: int) -> list[float]:
    """How long the trunk is closed each time, when every try after a closure fails."""
    health, now = Health(), 0.0
    spans = []
    for _ in range(times):
        while health.is_open(now):
            health = after_failure(health, now)
        spans.append(health.closed_until - now)
        now = health.closed_until
    return spans


def test_a_few_failures_close_no_trunk() -> None:
    assert after_failures(FAILURES_TO_CLOSE - 1).is_open(0.0)


def test_failures_in_a_row_close_the_trunk() -> None:
    health = after_failures(FAILURES_TO_CLOSE)
    assert not health.is_open(0.9)
    assert health.is_open(1.0)


def test_calls_under_way_when_the_trunk_closed_close_it_no_longer() -> None:
    closed = after_failures(FAILURES_TO_CLOSE)
    assert after_failures(20, 0.5, closed).closed_until == closed.closed_until


def test_one_failed_try_closes_a_sick_trunk_again_for_longer() -> None:
    assert closures(8) == [1, 2, 4, 8, 16, 32, LONGEST_CLOSURE, LONGEST_CLOSURE]


def test_a_trunk_that_is_away_for_weeks_is_tried_for_weeks() -> None:
    assert set(closures(20_000)[7:]) == {LONGEST_CLOSURE}


def test_a_sign_of_life_makes_a_trunk_well() -> None:
    assert after_sign_of_life(after_failures(7)) == Health()


def test_a_well_trunk_stays_as_it_is() -> None:
    well = Health()
    assert after_sign_of_life(well) is well


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=60))
def test_a_trunk_is_never_closed_for_longer_than_a_minute(story: list[tuple[bool, float]]) -> None:
    health, now = Health(), 0.0
    for failed, later in story:
        now += later
        health = after_failure(health, now) if failed else after_sign_of_life(health)
        assert health.is_open(now + LONGEST_CLOSURE)
