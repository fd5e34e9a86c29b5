"""How much may be risked, so that abandoned calls stay within their share of live answers?

Counted in calls, not in rates: live answers earn credit, abandoned calls and calls in flight use it up. The threshold
for the risk of the next call falls with the credit, smoothly, and is nothing when there is none. So it is
spent as it is earned, all day long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

KEPT_BACK = 3.0  # abandoned calls that are not risked in a steady state: about two standard deviations of what is left
KEPT_BACK_PER_AGENT = 0.15  # and for a jump of the answer rate, which finds more calls in flight in a larger team
KEPT_BACK_AT_MOST = 0.35  # of what is allowed, beside KEPT_BACK
ADVANCE = 1.0  # abandoned calls that the first hours may have before they are earned: the expectation bears them
ADVANCE_ANSWERS = 100 / 3  # no more than so many live answers earn, where the limit is low
REPAID = 18.0  # allowed calls after which nothing is left of the advance
BOLDEST = 2.5  # times the level, if credit is left over
DRIFT = 0.01  # of the level, for each live answer while the credit is e times what is kept back
FIRST_RISK_LEVEL = 0.08
RISK_LEVELS = (0.003, 0.6)


@dataclass(frozen=True, slots=True)
class Tally:
    """Of a window that the limit holds in, e.g. the campaign, 24 hours, 30 days."""

    live_answers: int = 0
    abandoned: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.live_answers + other.live_answers, self.abandoned + other.abandoned)


@dataclass(frozen=True, slots=True)
class Credit:
    """Counts of abandoned calls."""

    left: float
    kept_back: float

    @property
    def is_spent(self) -> bool:
        return self.left <= 0.0


def credit_left(tallies: Sequence[Tally], limit: float, at_stake: float, agents: int) -> Credit:
    """The tightest of the windows; ``at_stake``: calls in flight that may be expected to be abandoned."""
    return min((_credit(each, limit, at_stake, agents) for each in tallies), key=lambda each: each.left)


def _credit(tally: Tally, limit: float, at_stake: float, agents: int) -> Credit:
    allowed = limit * tally.live_answers
    advance = min(ADVANCE, limit * ADVANCE_ANSWERS) * max(0.0, 1.0 - allowed / REPAID)
    kept_back = KEPT_BACK + min(KEPT_BACK_PER_AGENT * agents, KEPT_BACK_AT_MOST * allowed)
    return Credit(allowed + advance - tally.abandoned - at_stake, kept_back)


def threshold(credit: Credit, level: float) -> float:
    """The risk that the next call may have: ``level`` while just what is kept back is left."""
    return level * min(max(credit.left / credit.kept_back, 0.0), BOLDEST)


def drifted(level: float, credit: Credit) -> float:
    """The level after another live answer: higher while credit is left over, lower while it is missing."""
    missing = min(max(credit.left / credit.kept_back, exp(-1)), BOLDEST)
    return min(max(level * exp(DRIFT * log(missing)), RISK_LEVELS[0]), RISK_LEVELS[1])
