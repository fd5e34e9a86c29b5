import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.abandonment import ADVANCE, BOLDEST, RISK_LEVELS, Credit, Tally, credit_left, drifted, threshold

answers = st.integers(0, 50_000)


@given(answers, st.integers(0, 2_000), st.floats(0.0, 30.0), st.integers(1, 200))
def test_credit_never_exceeds_what_live_answers_have_earned(
    live_answers: int, abandoned: int, at_stake: float, agents: int
) -> None:
    left = credit_left([Tally(live_answers, abandoned)], 0.03, at_stake, agents)

    advance = left.left - (0.03 * live_answers - abandoned - at_stake)
    assert -1e-9 <= advance <= ADVANCE + 1e-9
    if live_answers >= 600:
        assert advance == pytest.approx(0.0, abs=1e-9)


@given(st.floats(0.0, 0.03))
def test_a_low_limit_is_advanced_no_more_than_it_earns_soon(limit: float) -> None:
    """A whole call would be twice what a campaign of a hundred answers may have at 1 %."""
    assert credit_left([Tally()], limit, 0.0, 10).left == pytest.approx(limit / 0.03 * ADVANCE)


@given(st.floats(-50.0, 0.0), st.floats(1.0, 40.0), st.floats(*RISK_LEVELS))
def test_nothing_is_risked_without_credit(credit: float, kept_back: float, level: float) -> None:
    assert threshold(Credit(credit, kept_back), level) == 0.0


@given(st.floats(-5.0, 100.0), st.floats(0.0, 5.0), st.floats(1.0, 40.0), st.floats(*RISK_LEVELS))
def test_more_credit_never_means_less_risk(credit: float, more: float, kept_back: float, level: float) -> None:
    less, rest = threshold(Credit(credit, kept_back), level), threshold(Credit(credit + more, kept_back), level)

    assert less <= rest <= BOLDEST * level


def test_the_tightest_window_counts() -> None:
    day, month = Tally(1_000, 10), Tally(20_000, 598)

    assert credit_left([day, month], 0.03, 0.0, 10) == credit_left([month], 0.03, 0.0, 10)


def test_calls_in_flight_use_credit_up_before_they_are_abandoned() -> None:
    assert credit_left([Tally(1_000, 20)], 0.03, 4.0, 10).left == credit_left([Tally(1_000, 24)], 0.03, 0.0, 10).left


def test_larger_teams_keep_more_back() -> None:
    small, large = (credit_left([Tally(5_000, 0)], 0.03, 0.0, agents) for agents in (5, 100))

    assert large.kept_back > small.kept_back


@given(st.floats(*RISK_LEVELS), st.floats(-10.0, 100.0))
def test_the_level_drifts_slowly_and_stays_in_bounds(level: float, credit: float) -> None:
    after = drifted(level, Credit(credit, 5.0))

    assert after == pytest.approx(level, rel=0.011)
    assert RISK_LEVELS[0] <= after <= RISK_LEVELS[1]
    assert (after >= level) == (credit >= 5.0) or after in RISK_LEVELS
