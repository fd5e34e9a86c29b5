"""What will become of a call, of a talk and of its wrap-up?"""

import random
from dataclasses import dataclass, field
from math import cos, exp, log, pi, sqrt

from dialer.core.chances import Traits
from dialer.core.history import is_about
from dialer.model import Record
from dialer.trials.worlds import World

CALLING_HOURS = range(8, 20)


@dataclass(slots=True, eq=False)
class Number:
    """A telephone number with its history."""

    kind: str
    habit: float = 0.0  # logarithm of the odds of an answer, beside everybody's
    best_hour: int | None = None  # of the day; None: all are alike
    past: list[tuple[int, bool]] = field(default_factory=list)  # of each call the hour, and whether it was answered

    def record(self, hour: int) -> Record:
        about_now = [answered for at, answered in self.past if is_about(at, hour)]
        return Record(len(self.past), sum(answered for _, answered in self.past), len(about_now), sum(about_now))


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a call that is placed now."""

    number: Number
    traits: Traits
    answered: bool  # by somebody who waits for an agent then, or something that is taken for somebody
    rings: float  # s, until then, or until it fails
    is_machine: bool = False
    picked_up: float | None = None  # s, until the answer; None: there is none
    is_mistaken: bool = False  # a person who is taken for a machine


class Chance:
    """The world's dice. Calls, talks and wrap-ups have dice of their own, so that ways of pacing meet the same."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._calls = random.Random(f"{seed} calls")  # noqa: S311 - a simulation, not a secret
        self._talks = random.Random(f"{seed} talks")  # noqa: S311
        self._wraps = random.Random(f"{seed} wrap-ups")  # noqa: S311
        self._spread = log(1 + world.talk_cv**2)
        self._ears = random.Random(f"{seed} ears")  # noqa: S311
        self._noticing = random.Random(f"{seed} noticing")  # noqa: S311
        self._hours = random.Random(f"{seed} hours")  # noqa: S311
        self._drawn = 0
        self._row = "mobile", 0

    def number(self) -> Number:
        """One that the list has, called a few times on days before."""
        dice, variety = self._calls, self._world.variety
        if not variety:
            return Number("mobile")
        if self._drawn % self._world.in_a_row == 0:
            self._row = "mobile" if dice.random() < 0.7 else "fixed", dice.choice((0, 2, 4, 8))
        self._drawn += 1
        kind, calls = self._row
        number = Number(kind, variety * (dice.gauss(0.0, 0.8) + (0.35 if kind == "mobile" else -0.8)))
        if self._world.rhythm:
            number.best_hour = self._hours.choice(CALLING_HOURS)
        for hour in self._hours.choices(CALLING_HOURS, k=calls):
            number.past.append((hour, dice.random() < _share(self._odds(number, 0.0, hour))))
        return number

    def hour(self, now: float) -> int:
        """Of the day."""
        return (self._world.begins_at + int(now // 3600)) % 24

    def _odds(self, number: Number, now: float, hour: int) -> float:
        """The logarithm of the odds of an answer."""
        apart = 0.0 if number.best_hour is None else cos(2 * pi * (hour - number.best_hour) / len(CALLING_HOURS))
        return self._world.odds(now) + number.habit + self._world.rhythm * apart

    def call(self, number: Number, now: float) -> Fate:
        dice, world = self._calls, self._world
        hour = self.hour(now)
        traits = Traits(len(number.past) + 1, hour, 1, number.kind, number.record(hour))
        ring = dice.gammavariate(4.0, world.ring_mean / 4.0)
        answered = dice.random() < _share(self._odds(number, now, hour)) and ring < world.ring_limit
        if answered:
            return self._picked_up(number, traits, ring)
        quick = dice.random() < world.quick_failures
        ring = min(dice.expovariate(1 / 3.0), world.ring_limit) if quick else world.ring_limit
        return Fate(number, traits, answered=False, rings=ring)

    def _picked_up(self, number: Number, traits: Traits, ring: float) -> Fate:
        """By a person or a machine, and taken for the one or the other."""
        ears, hearing = self._ears, self._world.hearing
        is_machine, luck = ears.random() < self._world.machines, ears.random()
        if hearing is None:
            return Fate(number, traits, answered=True, rings=ring, is_machine=is_machine, picked_up=ring)
        is_wrong = luck < (hearing.missed if is_machine else hearing.mistaken)
        is_heard_out = is_machine is is_wrong  # taken for a person
        return Fate(
            number,
            traits,
            answered=is_heard_out,
            rings=ring + (hearing.greets if is_heard_out else hearing.verdict),
            is_machine=is_machine,
            picked_up=ring,
            is_mistaken=is_wrong and not is_machine,
        )

    def talk(self, now: float, fate: Fate) -> float:
        return self.noticing() if fate.is_machine else self.conversation(now)

    def noticing(self) -> float:
        """Until an agent hangs up on a machine."""
        return self._noticing.expovariate(1 / self._world.machine_talk)

    def conversation(self, now: float) -> float:
        """With a person."""
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
