import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.curves import AHEAD, Curves
from dialer.core.durations import Floats
from dialer.core.forecasts import Moments, new_call, outlook, still_answered
from dialer.core.learned import Learned
from dialer.core.live import Live
from tests.support.floors import PATIENCE, live

CURVES = Learned().curves(live(), PATIENCE)
chances = st.lists(st.floats(0.05, 0.95), min_size=8, max_size=60)


def moments(chance: Floats) -> Moments:
    return Moments(
        np.array([chance.sum()]),
        np.array([(chance * (1 - chance)).sum()]),
        np.array([(chance * (1 - chance) * (1 - 2 * chance)).sum()]),
    )


def exactly_nobody(free: Floats, held: Floats) -> float:
    """The chance that those freed are not more than those held, by convolution."""
    distribution = np.ones(1)
    for each in (*free, *(1 - held)):
        distribution = np.convolve(distribution, [1 - each, each])
    return float(distribution[: len(held) + 1].sum())


@given(chances, chances)
def test_the_chance_that_nobody_is_free_is_that_of_the_exact_distribution(
    freed: list[float], held: list[float]
) -> None:
    free, taken = np.array(freed), np.array(held)
    a, b = moments(free), moments(taken)

    forecast = a.less(1.0, b).nobody()[0]

    assert forecast == pytest.approx(exactly_nobody(free, taken), abs=0.05)


def test_a_call_that_has_rung_for_long_is_less_likely_to_be_answered() -> None:
    ages = np.array([0.0, 15.0, 24.0])
    rows = (ages * 2).astype(int)

    left = still_answered(np.full(3, 0.3), CURVES.silent[rows], CURVES.failing[rows])

    assert left[0] == pytest.approx(0.3, abs=0.02)
    assert left[0] > left[1] > left[2]


def test_free_agents_are_certain_and_busy_ones_come_in_time() -> None:
    mean = outlook(live(free=2, talking=[30.0] * 4), CURVES, 1.0).free.mean

    assert 2.0 < mean[0] < 2.3
    assert mean[-1] > mean[0] + 0.3


def test_a_waiting_caller_takes_a_free_agent() -> None:
    with_one, without = (outlook(live(free=3, waiting=waiting), CURVES, 1.0) for waiting in (1, 0))

    assert (without.free.mean - with_one.free.mean) == pytest.approx(1.0)


def test_ringing_calls_hold_agents_when_they_are_answered_and_let_them_go_when_talks_are_short() -> None:
    brief = Learned()
    for _ in range(300):
        brief.talks.ended(4.0)
        brief.wrap_up_ended(1.0, is_ready=True)

    def held(curves: Curves) -> float:
        return float(outlook(live(free=5, ringing=[10.0]), curves, 1.0).free.mean[AHEAD - 1])

    assert held(CURVES) < 5.0 - 0.1
    assert held(brief.curves(live(), PATIENCE)) > held(CURVES) + 0.05


def test_twice_the_answers_take_twice_the_agents_in_the_next_second() -> None:
    once, twice = (outlook(live(free=9, ringing=[8.0] * 20, chance=0.1), CURVES, level) for level in (1.0, 2.0))

    assert twice.answers_per_second == pytest.approx(2 * once.answers_per_second, rel=0.15)


@pytest.mark.parametrize("floor", [live(wrapping_up=[30.0] * 10), live(talking=[60.0] * 10)])
def test_agents_who_often_go_for_a_break_free_fewer(floor: Live) -> None:
    restless = Learned()
    for _ in range(300):
        restless.wrap_up_ended(20.0, is_ready=False)

    here, away = (outlook(floor, curves, 1.0).free.mean[-1] for curves in (CURVES, restless.curves(live(), PATIENCE)))

    assert away < 0.2 * here


def test_forecasts_agree_with_dice() -> None:
    """Exponential talks of 60 s and wrap-ups of 10 s, learnt from a thousand: how many of ten are free after 20 s?"""
    dice, learned = random.Random(3), Learned()
    for _ in range(1_000):
        learned.talks.ended(dice.expovariate(1 / 60.0))
        learned.wrap_up_ended(dice.expovariate(1 / 10.0), is_ready=True)
    curves = learned.curves(live(), PATIENCE)

    trials = [
        sum(dice.expovariate(1 / 60.0) + dice.expovariate(1 / 10.0) <= 22.0 for _ in range(10)) for _ in range(4_000)
    ]

    assert outlook(live(talking=[45.0] * 10), curves, 1.0).free.mean[19] == pytest.approx(np.mean(trials), rel=0.1)


def test_one_more_call_holds_no_more_than_its_chance() -> None:
    call = new_call(0.4, CURVES)

    assert (call.mean <= 0.4 + 1e-9).all()
    assert call.mean[-1] == pytest.approx(0.4, abs=0.12)
