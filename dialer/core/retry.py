"""When to call a contact again, and on which number?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.core.dispositions import UNCOUNTED, counts
from dialer.model import AttemptRules, Disposition, FinishReason

# A call that never left us is tried again soon, then less and less often: an outage costs nobody an attempt.
UNPLACED_WAIT = timedelta(minutes=1)
LONGEST_UNPLACED_WAIT = timedelta(hours=1)
_DOUBLINGS = 6  # from the one to the other


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a contact; ``attempts`` are those that count."""

    e164: str
    position: int
    attempts: int
    retired: str | None = None


@dataclass(frozen=True, slots=True)
class Again:
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    reason: FinishReason


def number_to_call(numbers: Sequence[Number], rules: AttemptRules) -> Number | None:
    """The number whose turn it is: the least tried of those left, the first of them in order."""
    left = [number for number in numbers if not number.retired and number.attempts < rules.per_number]
    return min(left, key=lambda number: (number.attempts, number.position), default=None)


def number_after(number: Number, outcome: Disposition) -> Number:
    """What the attempt's outcome makes of the number that was called."""
    return Number(
        number.e164,
        number.position,
        number.attempts + counts(outcome),
        "invalid_number" if outcome is Disposition.INVALID_NUMBER else number.retired,
    )


def next_step(
    outcome: Disposition,
    numbers: Sequence[Number],
    rules: AttemptRules,
    placed_at: datetime,
    ended_at: datetime,
    uncounted: int,
) -> Again | Done:
    """What follows an attempt.

    Args:
        numbers: as they are after it (``number_after``).
        placed_at: spacing runs from there; when it was saved, a moment before, the telephone did not ring yet.
        uncounted: the contact's attempts before this one that did not count.
    """
    if outcome is Disposition.DELIVERED:
        return Done(FinishReason.DELIVERED)
    if number_to_call(numbers, rules) is None:
        invalid = all(number.retired for number in numbers)
        return Done(FinishReason.NO_NUMBER if invalid else FinishReason.EXHAUSTED)
    if outcome is Disposition.WITHDRAWN:
        return Again(ended_at)
    if outcome in UNCOUNTED:
        return Again(ended_at + min(LONGEST_UNPLACED_WAIT, UNPLACED_WAIT * 2 ** min(uncounted, _DOUBLINGS)))
    return Again(rest_until(rules, placed_at, ended_at))


def rest_until(rules: AttemptRules, placed_at: datetime, ended_at: datetime) -> datetime:
    """Before it no other attempt of the contact may start."""
    return max(placed_at + rules.spacing, ended_at)
