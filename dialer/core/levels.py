"""Does it happen more often just now than was learnt?

A fast level beside a slow shape: what has happened lately, divided by what was to be expected of all that was at risk
meanwhile, also of what still goes on.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

TRUST = 6.0  # events that the learnt shape weighs against those seen
CALM = 60.0  # expected events after which what happened weighs 1/e: steady, when nothing contradicts it
QUICK = 8.0  # the same for the witness that notices a jump
SURPRISE_UP = 2.2  # standard deviations by which the witness must exceed the calm level to be believed
SURPRISE_DOWN = 3.0
BOUNDS = (0.1, 10.0)


@dataclass(slots=True)
class Level:
    """Whoever holds it changes it."""

    seen: float = 0.0
    expected: float = 0.0  # at level 1
    lately_seen: float = 0.0
    lately_expected: float = 0.0

    @property
    def value(self) -> float:
        """The factor on what was learnt; 1 without evidence."""
        return min(max((self.seen + TRUST) / (self.expected + TRUST), BOUNDS[0]), BOUNDS[1])

    def pass_by(self, expected: float) -> None:
        """So many events were to be expected, at the present value, in the time that passed."""
        if expected <= 0.0:
            return
        calm, quick = exp(-expected / CALM), exp(-expected / QUICK)
        at_one = expected / self.value
        self.seen *= calm
        self.expected = self.expected * calm + at_one
        self.lately_seen *= quick
        self.lately_expected = self.lately_expected * quick + at_one

    def happened(self) -> None:
        self.seen += 1.0
        self.lately_seen += 1.0
        self._compare()

    def _compare(self) -> None:
        """Believe the quick witness if it contradicts the calm level beyond chance."""
        due = self.lately_expected * self.value
        surprise = deviation(self.lately_seen, due)
        if surprise > SURPRISE_UP or surprise < -SURPRISE_DOWN:
            self.seen, self.expected = self.lately_seen, self.lately_expected

    def look(self) -> None:
        """Notice that nothing happens any more, too."""
        self._compare()


def deviation(seen: float, due: float) -> float:
    """By how many standard deviations a count of rare events differs from what was due."""
    if seen <= 0.0:
        return -sqrt(2 * due)
    signed = 2 * (seen * log(seen / due) - (seen - due)) if due > 0 else 0.0
    return sqrt(max(signed, 0.0)) * (1 if seen > due else -1)
