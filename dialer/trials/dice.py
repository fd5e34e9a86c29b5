"""What will become of a call, of a talk and of its wrap-up?"""

import random
from dataclasses import dataclass
from math import exp, log, sqrt

from dialer.core.chances import Traits
from dialer.trials.worlds import World


@dataclass(slots=True, eq=False)
class Number:
    """A telephone number with its history."""

    kind: str
    habit: float  # logarithm of the odds of an answer, beside everybody's
    calls: int = 0
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a call that is placed now."""

    number: Number
    traits: Traits
    answered: bool
    rings: float  # s, until it is answered or fails


class Chance:
    """The world's dice. Calls, talks and wrap-ups have dice of their own, so that ways of pacing meet the same."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._calls = random.Random(f"{seed} calls")  # noqa: S311 - a simulation, not a secret
        self._talks = random.Random(f"{seed} talks")  # noqa: S311
        self._wraps = random.Random(f"{seed} wrap-ups")  # noqa: S311
        self._spread = log(1 + world.talk_cv**2)
        self._drawn = 0
        self._row = "mobile", 0

    def number(self) -> Number:
        """One that the list has, called a few times on days before."""
        dice, variety = self._calls, self._world.variety
        if not variety:
            return Number("mobile", 0.0)
        if self._drawn % self._world.in_a_row == 0:
            self._row = "mobile" if dice.random() < 0.7 else "fixed", dice.choice((0, 2, 4, 8))
        self._drawn += 1
        kind, calls = self._row
        number = Number(kind, variety * (dice.gauss(0.0, 0.8) + (0.35 if kind == "mobile" else -0.8)), calls)
        usual = _share(self._world.odds(0.0) + number.habit)
        number.answers = sum(dice.random() < usual for _ in range(number.calls))
        return number

    def call(self, number: Number, now: float) -> Fate:
        dice, world = self._calls, self._world
        hour = (world.begins_at + int(now // 3600)) % 24
        traits = Traits(number.calls + 1, hour, 1, number.kind, number.calls, number.answers)
        ring = dice.gammavariate(4.0, world.ring_mean / 4.0)
        answered = dice.random() < _share(world.odds(now) + number.habit) and ring < world.ring_limit
        if not answered:
            quick = dice.random() < world.quick_failures
            ring = min(dice.expovariate(1 / 3.0), world.ring_limit) if quick else world.ring_limit
        return Fate(number, traits, answered, ring)

    def talk(self, now: float) -> float:
        mean = self._world.talk_mean * self._world.talk_factor(now)
        return self._talks.lognormvariate(log(mean) - self._spread / 2, sqrt(self._spread))

    def wrap_up(self) -> float:
        return self._wraps.expovariate(1 / self._world.wrap_mean) if self._world.wrap_mean else 0.0

    def break_after_it(self) -> float | None:
        if self._world.breaks and self._wraps.random() < self._world.breaks:
            return self._wraps.expovariate(1 / self._world.break_mean)
        return None


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds))
