"""What is the world like in which calls are placed: who answers, when, and for how long do they talk?"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import cos, exp, log, pi, sqrt

from dialer.core.chances import Traits


@dataclass(frozen=True, slots=True)
class World:
    """Times in s, but for ``lasts``. Everything is drawn from a seed when it is asked for."""

    name: str
    agents: int
    answered: float = 0.3  # chance that somebody answers
    lasts: timedelta = timedelta(hours=8)
    ring_mean: float = 12.0  # of calls that are answered; gamma with shape 4
    ring_limit: float = 25.0
    quick_failures: float = 0.2  # share of unanswered calls that end at once: busy, switched off
    talk_mean: float = 90.0
    talk_cv: float = 1.0  # lognormal
    wrap_mean: float = 20.0  # exponential
    patience: float = 2.0
    changes: Sequence[tuple[float, float]] = ()  # from this second on, the odds of an answer are multiplied so
    swing: float = 0.0  # of the logarithm of the odds, up and down twice in the time
    talk_changes: Sequence[tuple[float, float]] = ()  # from this second on, talks are longer by this factor
    staffing: Sequence[tuple[float, int]] = ()  # from this second on, so many agents
    breaks: float = 0.0  # share of wrap-ups that end in a break
    break_mean: float = 300.0
    variety: float = 0.0  # spread of the logarithm of the odds between numbers
    trunk: int = 2_000  # calls at the same time
    begins_at: int = 9  # hour of the day
    ends_after: int | None = None  # live answers, if the list is shorter than the time

    def odds(self, now: float) -> float:
        factor = 1.0
        for since, change in self.changes:
            factor = change if now >= since else factor
        wave = self.swing * cos(4 * pi * now / self.lasts.total_seconds())
        return log(self.answered / (1 - self.answered)) + log(factor) + wave

    def talk_factor(self, now: float) -> float:
        factor = 1.0
        for since, change in self.talk_changes:
            factor = change if now >= since else factor
        return factor

    def staff(self, now: float) -> int:
        agents = self.agents
        for since, count in self.staffing:
            agents = count if now >= since else agents
        return agents


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a call that is placed now."""

    traits: Traits
    chance: float  # the true one, which nobody knows
    answered: bool
    rings: float  # s, until it is answered or fails


class Chance:
    """The world's dice. Numbers, ring times and talks have dice of their own, so that ways of pacing meet the same."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._calls = random.Random(f"{seed} calls")  # noqa: S311 - a simulation, not a secret
        self._talks = random.Random(f"{seed} talks")  # noqa: S311
        self._wraps = random.Random(f"{seed} wrap-ups")  # noqa: S311
        self._spread = log(1 + world.talk_cv**2)

    def call(self, now: float) -> Fate:
        dice, world = self._calls, self._world
        traits, odds = self._number(now)
        chance = 1 / (1 + exp(-odds))
        ring = dice.gammavariate(4.0, world.ring_mean / 4.0)
        answered = dice.random() < chance and ring < world.ring_limit
        if not answered:
            quick = dice.random() < world.quick_failures
            ring = min(dice.expovariate(1 / 3.0), world.ring_limit) if quick else world.ring_limit
        return Fate(traits, chance, answered, ring)

    def _number(self, now: float) -> tuple[Traits, float]:
        odds = self._world.odds(now)
        hour = (self._world.begins_at + int(now // 3600)) % 24
        if not self._world.variety:
            return Traits(hour=hour), odds
        dice, spread = self._calls, self._world.variety
        habit = dice.gauss(0.0, 0.8 * spread)
        mobile = dice.random() < 0.7
        attempt = dice.choice((1, 1, 2, 3, 4))
        odds += habit + (0.35 if mobile else -0.8) * spread - 0.25 * spread * (attempt - 2)
        past = dice.choice((0, 2, 4, 8))
        usual = 1 / (1 + exp(-odds))
        answers = sum(dice.random() < usual for _ in range(past))
        kind = "mobile" if mobile else "fixed"
        return Traits(attempt, hour, 1, kind, past, answers), odds

    def talk(self, now: float) -> float:
        mean = self._world.talk_mean * self._world.talk_factor(now)
        return self._talks.lognormvariate(log(mean) - self._spread / 2, sqrt(self._spread))

    def wrap_up(self) -> float:
        return self._wraps.expovariate(1 / self._world.wrap_mean) if self._world.wrap_mean else 0.0

    def break_after_it(self) -> float | None:
        if self._world.breaks and self._wraps.random() < self._world.breaks:
            return self._wraps.expovariate(1 / self._world.break_mean)
        return None
