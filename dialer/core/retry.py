"""When to call a contact again, and on which number?

Asked when an attempt is over and again when the contact is picked, by the rules in force at that moment: an edited plan
holds for whoever has been called already, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dialer.core.dispositions import UNCOUNTED
from dialer.model import AttemptRules, Disposition, FinishReason, NumberType, RetryRule, Then, Turns

# A call that never left us is tried again at once, over another trunk if there is one, then less and less often: an
# outage costs nobody an attempt.
FIRST_UNPLACED_WAIT = timedelta(seconds=5)
UNPLACED_WAIT = timedelta(minutes=1)
LONGEST_UNPLACED_WAIT = timedelta(hours=1)
_DOUBLINGS = 6  # from the one to the other

# A network without room costs nobody an attempt either, up to so many tries of a number in a row: what it meets every
# time is the number's own fault, and would be tried for ever.
CONGESTED_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 4, 16, 60, 60))
FREE_TRIES = len(CONGESTED_WAITS)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_PLAIN = RetryRule()


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a contact; ``attempts`` are those that count."""

    e164: str
    position: int
    attempts: int
    type: NumberType
    retired: str | None = None
    congested: int = 0  # its last tries that met a network without room


@dataclass(frozen=True, slots=True)
class LastAttempt:
    """The last attempt that counted."""

    number: str
    outcome: Disposition | None  # None: a newer list has begun anew, and only the spacing after it still holds
    placed_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Stand:
    """What the attempts of a contact have come to."""

    numbers: Sequence[Number]
    outcomes: Mapping[Disposition, int]  # how often each of those that count, since it began
    last: LastAttempt | None
    uncounted: int  # attempts that used up none of those allowed


@dataclass(frozen=True, slots=True)
class Again:
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    reason: FinishReason


def number_to_call(numbers: Sequence[Number], rules: AttemptRules, last: LastAttempt | None = None) -> Number | None:
    """The number whose turn it is of those left; another than the last one, if its outcome asks for that."""
    left = [number for number in numbers if not number.retired and number.attempts < rules.per_number]
    if last is not None and _after(last.outcome, rules).then is Then.NEXT_NUMBER:
        left = [number for number in left if number.e164 != last.number] or left
    return min(left, key=lambda number: _turn(number, rules), default=None)


def ring_time(number_type: NumberType | None, rules: AttemptRules) -> timedelta:
    """How long a telephone of that type may ring."""
    return rules.ring_time if number_type is None else rules.ring_time_by_type.get(number_type, rules.ring_time)


def counts(before: Stand, number: str, outcome: Disposition, *, has_rung: bool) -> bool:
    """Whether the attempt uses up one of those allowed: it may have reached a telephone, or its number is at fault."""
    if outcome is not Disposition.CONGESTION or has_rung:
        return outcome not in UNCOUNTED
    return next((each.congested for each in before.numbers if each.e164 == number), 0) >= FREE_TRIES


def number_after(number: Number, outcome: Disposition, *, counted: bool) -> Number:
    """What the attempt's outcome makes of the number that was called."""
    retired = "invalid_number" if outcome is Disposition.INVALID_NUMBER else number.retired
    if outcome is Disposition.CONGESTION:
        congested = number.congested + 1
    else:
        congested = number.congested if outcome in UNCOUNTED else 0
    return replace(number, attempts=number.attempts + counted, retired=retired, congested=congested)


def stand_after(
    before: Stand, number: str, outcome: Disposition, placed_at: datetime, ended_at: datetime, *, counted: bool
) -> Stand:
    """How the contact stands once the attempt is over.

    Args:
        placed_at: spacing runs from there; when it was saved, a moment before, the telephone did not ring yet.
        counted: what ``counts`` says of it.
    """
    numbers = [number_after(each, outcome, counted=counted) if each.e164 == number else each for each in before.numbers]
    if not counted:
        return replace(before, numbers=numbers, uncounted=before.uncounted + 1)
    outcomes = {**before.outcomes, outcome: before.outcomes.get(outcome, 0) + 1}
    return Stand(numbers, outcomes, LastAttempt(number, outcome, placed_at, ended_at), before.uncounted)


def next_step(
    stand: Stand, rules: AttemptRules, outcome: Disposition, ended_at: datetime, *, counted: bool
) -> Again | Done:
    """What follows an attempt; ``stand`` is as it is after it."""
    if over := why_over(stand, rules):
        return Done(over)
    if counted:
        return Again(earliest(stand, rules))
    wait = (
        _congested_wait(stand, rules) if outcome is Disposition.CONGESTION else _unplaced_wait(outcome, stand.uncounted)
    )
    return Again(max(ended_at + wait, earliest(stand, rules)))


def why_over(stand: Stand, rules: AttemptRules) -> FinishReason | None:
    """Why the contact is called no more by these rules; None if it may be called again."""
    if stand.last is not None and stand.last.outcome is Disposition.DELIVERED:
        return FinishReason.DELIVERED
    if stand.last is not None and stand.last.outcome is Disposition.REPLIED:
        return FinishReason.REPLIED
    if number_to_call(stand.numbers, rules) is None:
        invalid = all(number.retired for number in stand.numbers)
        return FinishReason.NO_NUMBER if invalid else FinishReason.EXHAUSTED
    if any(rule.at_most and stand.outcomes.get(each, 0) >= rule.at_most for each, rule in rules.retry.items()):
        return FinishReason.EXHAUSTED
    if stand.last is not None and _after(stand.last.outcome, rules).then is Then.STOP:
        return FinishReason.EXHAUSTED
    return None


def earliest(stand: Stand, rules: AttemptRules) -> datetime:
    """Before it no attempt of the contact may start by these rules; ``LONG_AGO`` if none was made yet."""
    if stand.last is None:
        return LONG_AGO
    wait = _after(stand.last.outcome, rules).wait
    return _spaced(stand.last, rules.spacing if wait is None else wait)


def rest_until(stand: Stand, rules: AttemptRules) -> datetime:
    """The same should a newer list begin the contact anew."""
    return LONG_AGO if stand.last is None else _spaced(stand.last, rules.spacing)


def _spaced(last: LastAttempt, spacing: timedelta) -> datetime:
    return max(last.placed_at + spacing, last.ended_at)


def _after(outcome: Disposition | None, rules: AttemptRules) -> RetryRule:
    return _PLAIN if outcome is None else rules.retry.get(outcome, _PLAIN)


def _turn(number: Number, rules: AttemptRules) -> tuple[tuple[int, int], int, int]:
    tried = (number.attempts, number.congested) if rules.turns is Turns.IN_TURN else (0, 0)
    rank = rules.order.index(number.type) if number.type in rules.order else len(rules.order)
    return tried, rank, number.position


def _congested_wait(stand: Stand, rules: AttemptRules) -> timedelta:
    """Never longer than after an attempt that counts."""
    tries = max(number.congested for number in stand.numbers)
    return min(CONGESTED_WAITS[min(tries, FREE_TRIES) - 1], rules.spacing)


def _unplaced_wait(outcome: Disposition, uncounted: int) -> timedelta:
    if outcome is Disposition.WITHDRAWN:
        return timedelta()
    if uncounted <= 1:
        return FIRST_UNPLACED_WAIT
    return min(LONGEST_UNPLACED_WAIT, UNPLACED_WAIT * (1 << min(uncounted - 2, _DOUBLINGS)))
