import json

import numpy as np
import pytest

from dialer.core.chances import Traits
from dialer.core.learned import TRUSTED_OVERNIGHT, Learned
from tests.support.floors import PATIENCE, live


def busy_day() -> Learned:
    learned = Learned()
    for age in (3.0, 8.0, 9.5, 14.0):
        learned.answers.ended(age)
        learned.failures.left(age)
    for age in (30.0, 90.0, 400.0):
        learned.talks.ended(age)
        learned.wrap_up_ended(12.0, is_ready=True)
    learned.chances.learn(Traits(), 1.0)
    learned.calls_ended = 4.0
    learned.risk_level = 0.07
    return learned


def test_what_was_learnt_is_kept_from_day_to_day() -> None:
    learned = busy_day()

    again = Learned.from_json(json.loads(json.dumps(learned.to_json())))

    assert again.risk_level == 0.07
    before, after = (each.curves(live(), PATIENCE) for each in (learned, again))
    assert np.allclose(before.holds, after.holds, atol=1e-3)
    assert np.allclose(before.frees_powers, after.frees_powers, atol=1e-3)
    assert again.chances.of(Traits()) == pytest.approx(learned.chances.of(Traits()), abs=1e-3)


def test_another_day_begins_somewhat_slowly() -> None:
    learned = busy_day()
    learned.calls_ended = 100_000.0

    assert Learned.from_json(learned.to_json()).calls_ended == TRUSTED_OVERNIGHT


def test_what_another_version_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="version 0 was kept"):
        Learned.from_json({**busy_day().to_json(), "version": 0})


def test_before_the_first_call_a_third_of_the_answers_come_within_ten_seconds() -> None:
    curves = Learned().curves(live(), PATIENCE)

    assert 0.25 < 1 - curves.silent[20] < 0.5


def test_wrap_ups_that_end_in_a_break_lower_the_share_that_return() -> None:
    learned = Learned()
    for _ in range(100):
        learned.wrap_up_ended(20.0, is_ready=False)

    assert learned.returns < 0.1


def test_long_ago_weighs_less_than_lately() -> None:
    learned = Learned()
    for is_ready in (*[False] * 1_000, *[True] * 1_000):
        learned.wrap_up_ended(20.0, is_ready=is_ready)

    assert learned.returns > 0.6


def wrap_ups(learned: Learned, *returned: bool) -> float:
    """The share of agents that is expected back, after wrap-ups of whom some came back and others did not."""
    for is_ready in returned:
        learned.wrap_up_ended(20.0, is_ready=is_ready)
    return learned.returns


def test_when_a_shift_ends_few_agents_are_expected_back_at_once() -> None:
    learned = Learned()
    usual = wrap_ups(learned, *(number % 20 > 0 for number in range(200)))
    assert usual == pytest.approx(0.95, abs=0.01)

    assert wrap_ups(learned, False) == pytest.approx(usual, abs=0.01), "one break is nothing unusual"
    assert wrap_ups(learned, False, False, False) < 0.7
    assert wrap_ups(learned, *[True] * 20) == pytest.approx(usual, abs=0.03), "they have come back"
