import random
from math import exp

import pytest

from dialer.core.chances import BELIEVED, Chances, Traits
from dialer.model import Record


def taught(calls: int, chance_of: dict[str, float], seed: int = 1) -> Chances:
    dice, chances = random.Random(seed), Chances()
    for _ in range(calls):
        kind = dice.choice(sorted(chance_of))
        chances.learn(Traits(number_type=kind), float(dice.random() < chance_of[kind]))
    return chances


def test_before_the_first_call_nothing_is_known() -> None:
    assert Chances().of(Traits()) == pytest.approx(BELIEVED)


def test_types_of_numbers_are_told_apart() -> None:
    chances = taught(2_000, {"mobile": 0.4, "fixed": 0.1})

    assert chances.of(Traits(number_type="mobile")) == pytest.approx(0.4, abs=0.05)
    assert chances.of(Traits(number_type="fixed")) == pytest.approx(0.1, abs=0.05)


def test_a_few_calls_find_a_level_far_from_the_belief() -> None:
    assert taught(100, {"mobile": 0.05}).of(Traits()) < 0.12


def test_an_hour_never_seen_is_taken_for_an_ordinary_one() -> None:
    chances = taught(1_000, {"mobile": 0.2})

    assert chances.of(Traits(hour=3)) == pytest.approx(chances.of(Traits()), abs=0.08)


def test_who_used_to_answer_is_likelier_to() -> None:
    dice, chances = random.Random(4), Chances()
    for _ in range(3_000):
        habit = 1 / (1 + exp(-dice.gauss(-1.0, 1.2)))
        past = sum(dice.random() < habit for _ in range(6))
        chances.learn(Traits(record=Record(6, past)), float(dice.random() < habit))

    never, often = (chances.of(Traits(record=Record(6, answers))) for answers in (0, 5))

    assert never < 0.2
    assert often > 0.5


def test_who_is_in_at_this_hour_is_likelier_to_answer_at_it() -> None:
    dice, chances = random.Random(4), Chances()
    for _ in range(3_000):
        is_in = dice.random() < 0.5
        about_now = 3 if is_in else 0
        chances.learn(Traits(record=Record(6, 3, 3, about_now)), float(dice.random() < (0.6 if is_in else 0.1)))

    out, at_home = (chances.of(Traits(record=Record(6, 3, 3, answers))) for answers in (0, 3))

    assert out < 0.2
    assert at_home > 0.45


def test_what_is_old_fades() -> None:
    chances = taught(5_000, {"mobile": 0.5})
    dice = random.Random(9)
    for _ in range(1_500):
        chances.learn(Traits(number_type="mobile"), float(dice.random() < 0.1))

    assert chances.of(Traits(number_type="mobile")) < 0.16


def test_what_was_learnt_survives_the_night() -> None:
    chances = taught(500, {"mobile": 0.4, "fixed": 0.1})

    again = Chances.from_json(chances.to_json())

    assert again.of(Traits(number_type="fixed")) == pytest.approx(chances.of(Traits(number_type="fixed")), abs=1e-3)
