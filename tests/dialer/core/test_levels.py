import random

import pytest

from dialer.core.levels import BOUNDS, Level, deviation


def passing(level: Level, rate: float, events: int, dice: random.Random) -> Level:
    """Events come ``rate`` times as often as was learnt; looked at ten times for each that was expected."""
    happened = 0
    while happened < events:
        level.pass_by(0.1 * level.value)
        if dice.random() < 0.1 * rate:
            level.happened()
            happened += 1
    return level


@pytest.mark.parametrize("rate", [0.4, 1.0, 2.5])
def test_a_steady_level_is_found(rate: float) -> None:
    levels = [passing(Level(), rate, 200, random.Random(seed)).value for seed in range(20)]

    assert sum(levels) / len(levels) == pytest.approx(rate, rel=0.12)


def test_a_jump_is_believed_within_two_dozen_events() -> None:
    dice = random.Random(5)
    level = passing(Level(), 1.0, 200, dice)

    passing(level, 4.0, 24, dice)

    assert level.value > 2.0


def test_silence_is_noticed_too() -> None:
    level = passing(Level(), 1.0, 200, random.Random(2))

    for _ in range(200):
        level.pass_by(0.1 * level.value)
        level.look()

    assert level.value < 0.7


def test_without_evidence_what_was_learnt_holds() -> None:
    level = Level()
    level.pass_by(0.0)

    assert level.value == 1.0


def test_a_level_has_bounds() -> None:
    level = Level()
    for _ in range(1_000):
        level.happened()

    assert level.value == BOUNDS[1]


def test_deviation_is_signed_and_measured_in_standard_deviations() -> None:
    assert deviation(120.0, 100.0) == pytest.approx(2.0, abs=0.1)
    assert deviation(80.0, 100.0) == pytest.approx(-2.0, abs=0.15)
    assert deviation(100.0, 100.0) == 0.0
    assert deviation(0.0, 8.0) == -4.0
