"""May this debtor, and this number, be called again so soon?

Counted over all campaigns of a client, by calls that may have reached a telephone; those under way count too. Days are
calendar days where the callee is; seven days are today and the six before it. Sources of the figures:
``dialer/profiles.json``; no limit is a limit that nobody set.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.core.rules import Rule
from dialer.model import Budget, Disposition

WEEK = 7  # days
LONGEST = timedelta(days=400)  # no rest is longer: what is asked for when time does not matter
UNDER_WAY_AGAIN = timedelta(seconds=15)  # how soon to ask again while the debtor or the number is in a call

CONVERSATIONS = frozenset({Disposition.DELIVERED, Disposition.REPLIED, Disposition.CONNECTED})


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that counts: to the debtor, or to the number on behalf of any debtor of the client."""

    number: str
    started_at: datetime
    ended_at: datetime | None  # None: it is under way
    was_answered: bool = False
    disposition: Disposition | None = None
    is_inbound: bool = False  # they called us: nothing is used up, and they were spoken with


@dataclass(frozen=True, slots=True)
class Spent:
    """A budget that is used up, and from when on it no longer is."""

    rule: Rule
    until: datetime


def horizon(budget: Budget) -> timedelta:
    """How far back calls matter; a day more than seven, for days are the callee's."""
    return max(timedelta(days=WEEK + 1), budget.rest_after_conversation, budget.rest_after_abandoned, budget.gap)


def of_debtor(budget: Budget, past: Sequence[PastCall], zone: ZoneInfo, now: datetime) -> Spent | None:
    """What of the debtor's budget is used up for the longest time; ``past``: the debtor's calls."""
    return _longest(debtor_spent(budget, past, zone, now))


def of_number(budget: Budget, past: Sequence[PastCall], zone: ZoneInfo, now: datetime) -> Spent | None:
    """The same for a number; ``past``: its calls, whoever was meant."""
    return _longest(number_spent(budget, past, zone, now))


def debtor_spent(budget: Budget, past: Sequence[PastCall], zone: ZoneInfo, now: datetime) -> list[Spent]:
    """Everything of the debtor's budget that is used up."""
    talked = [call for call in past if call.is_inbound or call.disposition in CONVERSATIONS]
    past = [call for call in past if not call.is_inbound]
    # A machine is nobody: it uses up calls, and no contact.
    answered = [call for call in past if call.was_answered and call.disposition is not Disposition.MACHINE]
    abandoned = [call for call in past if call.disposition is Disposition.ABANDONED]
    return [
        *_under_way(past, now),
        *_gap(budget.gap, past, now),
        *_counted(Rule.DEBTOR_DAY, budget.per_debtor_day, 1, past, zone, now),
        *_counted(Rule.DEBTOR_7_DAYS, budget.per_debtor_7_days, WEEK, past, zone, now),
        *_counted(Rule.ANSWERED_DAY, budget.answered_per_day, 1, answered, zone, now),
        *_rest(Rule.REST_AFTER_CONVERSATION, budget.rest_after_conversation, talked, now),
        *_rest(Rule.REST_AFTER_ABANDONED, budget.rest_after_abandoned, abandoned, now),
    ]


def number_spent(budget: Budget, past: Sequence[PastCall], zone: ZoneInfo, now: datetime) -> list[Spent]:
    """Everything of the number's budget that is used up."""
    return [
        *_under_way(past, now),
        *_gap(budget.gap, past, now),
        *_counted(Rule.NUMBER_DAY, budget.per_number_day, 1, past, zone, now),
        *_counted(Rule.NUMBER_7_DAYS, budget.per_number_7_days, WEEK, past, zone, now),
    ]


def _longest(spent: Sequence[Spent]) -> Spent | None:
    return max(spent, key=lambda each: each.until, default=None)


def _under_way(past: Iterable[PastCall], now: datetime) -> list[Spent]:
    return [Spent(Rule.IN_A_CALL, now + UNDER_WAY_AGAIN)] if any(call.ended_at is None for call in past) else []


def _gap(gap: timedelta, past: Iterable[PastCall], now: datetime) -> list[Spent]:
    return _after(Rule.GAP, gap, (call.started_at for call in past), now)


def _rest(rule: Rule, rest: timedelta, past: Iterable[PastCall], now: datetime) -> list[Spent]:
    return _after(rule, rest, (call.ended_at or call.started_at for call in past), now)


def _after(rule: Rule, span: timedelta, moments: Iterable[datetime], now: datetime) -> list[Spent]:
    over = max(moments, default=now - span) + span
    return [Spent(rule, over)] if over > now else []


def _counted(
    rule: Rule, most: int | None, days: int, past: Sequence[PastCall], zone: ZoneInfo, now: datetime
) -> list[Spent]:
    """Used up until the day on which enough of the calls are too old to count."""
    if most is None:
        return []
    first_day = now.astimezone(zone).date() - timedelta(days=days - 1)
    on = sorted(day for call in past if (day := call.started_at.astimezone(zone).date()) >= first_day)
    if len(on) < most:
        return []
    freeing = on[len(on) - most] + timedelta(days=days)
    return [Spent(rule, datetime.combine(freeing, time.min, zone).astimezone(UTC))]
