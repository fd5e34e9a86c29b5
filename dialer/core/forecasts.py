"""Who will be free, and who will have answered, in the next half minute?

Everything that lives now has a chance of its own at each of some instants ahead: a busy agent to be free, a ringing
call to hold an agent. The number of free agents is a sum of such chances; its first three moments say how likely it is
that nobody is free.
"""

from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from dialer.core.curves import AHEAD, ROWS, STEP, Curves
from dialer.core.durations import Floats
from dialer.core.live import Live

Rows = NDArray[np.intp]

LEAST, MOST = 0.002, 0.98  # chances of an answer

_Z = np.linspace(-8.0, 8.0, 3201)
_PHI = np.array([0.5 * (1.0 + erf(z / sqrt(2.0))) for z in _Z])
_DENSITY = np.exp(-(_Z**2) / 2.0) / sqrt(2.0 * pi)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of a number of agents, at each instant ahead."""

    mean: Floats
    variance: Floats
    third: Floats

    def nobody(self) -> Floats:
        """The chance that the number is below one: of a normal distribution, corrected for skewness."""
        deviation = np.sqrt(np.maximum(self.variance, 1e-4))
        z = (0.5 - self.mean) / deviation
        skewed = self.third / deviation**3 * (1.0 - z * z) * np.interp(z, _Z, _DENSITY) / 6.0
        return np.asarray(np.minimum(np.maximum(np.interp(z, _Z, _PHI) + skewed, 0.0), 1.0), dtype=float)

    def less(self, calls: float, held: "Moments") -> "Moments":
        """With so many more calls, each of which holds an agent so."""
        return Moments(
            self.mean - calls * held.mean, self.variance + calls * held.variance, self.third - calls * held.third
        )


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next half minute if no call is added."""

    free: Moments
    nobody: Floats  # the chance that nobody is free, at each instant
    alive: Floats  # the chance of each ringing call still to be answered
    age: Rows  # its row in the tables
    answers: Floats  # expected answers of calls that ring now, in each step
    answers_per_second: float  # now
    talk_ends_per_second: float  # now
    at_stake: float  # calls ringing or waiting now that may be expected to find nobody


def outlook(live: Live, curves: Curves, level: float) -> Outlook:
    """``level``: how much more often calls are answered now than their chances say."""
    rows = len(curves.silent)
    age = np.minimum((live.ringing * ROWS).astype(np.intp), rows - 1)
    alive = still_answered(live.chances * level, curves.silent[age], curves.failing[age])
    squared = alive * alive
    ringing = np.bincount(age, alive, rows)
    talking = _counts(live.talking, curves.talk_edges)
    held = (
        ringing @ curves.holds_powers[:, :AHEAD],
        np.bincount(age, squared, rows) @ curves.holds_powers[:, AHEAD : 2 * AHEAD],
        np.bincount(age, squared * alive, rows) @ curves.holds_powers[:, 2 * AHEAD :],
    )
    busy = np.concatenate([talking, _counts(live.wrapping_up, curves.wrap_edges)])
    freed = (busy @ curves.frees_powers).reshape(3, AHEAD)
    free = Moments(
        live.free - live.waiting + freed[0] - held[0],
        freed[0] - freed[1] + held[0] - held[1],
        (freed[0] - 3 * freed[1] + 2 * freed[2]) - (held[0] - 3 * held[1] + 2 * held[2]),
    )
    answers = ringing @ curves.answers
    nobody = free.nobody()
    return Outlook(
        free=free,
        nobody=nobody,
        alive=alive,
        age=age,
        answers=answers,
        answers_per_second=float(answers[0]) / STEP,
        talk_ends_per_second=float(talking @ curves.talk_ends),
        at_stake=float(answers @ nobody) + max(0, live.waiting - live.free) * float(nobody[0]),
    )


def still_answered(chances: Floats, silent: Floats, failing: Floats) -> Floats:
    """The chances of an answer of calls that have rung for a while, by Bayes' rule."""
    chances = np.minimum(np.maximum(chances, LEAST), MOST)
    alive = chances * silent
    return np.asarray(alive / (alive + (1.0 - chances) * failing + 1e-12), dtype=float)


def new_call(chance: float, curves: Curves) -> Moments:
    """What one more call with that chance holds, at each instant."""
    held = min(max(chance, LEAST), MOST) * curves.holds[0]
    return Moments(held, held * (1.0 - held), held * (1.0 - held) * (1.0 - 2.0 * held))


def _counts(ages: Floats, edges: Floats) -> Floats:
    spans = np.minimum(np.searchsorted(edges, ages, side="right") - 1, len(edges) - 2)
    return np.bincount(spans, minlength=len(edges) - 1).astype(float)
