"""What have past calls to a number come to, as far as it tells whether the next one is answered?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.core import budgets
from dialer.core.budgets import PastCall
from dialer.model import Lane, Mode, Record

TELLING = timedelta(days=28)  # for so long a call says something of its number
NEARBY = 2  # hours of the day; they go round at midnight
_DAY = 24  # hours


def horizon(lane: Lane) -> timedelta:
    """How far back calls matter: for its budgets, and to those who foresee answers."""
    of_budget = budgets.horizon(lane.budget)
    foresees = lane.agents is not None and lane.agents.mode is Mode.PREDICTIVE
    return max(of_budget, TELLING) if foresees else of_budget


def record(past: Sequence[PastCall], zone: ZoneInfo, now: datetime) -> Record:
    """Of the calls to one number that are over; ``zone``: where the callee is."""
    over = [call for call in past if call.ended_at is not None and call.started_at > now - TELLING]
    hour = now.astimezone(zone).hour
    about_now = [call for call in over if is_about(call.started_at.astimezone(zone).hour, hour)]
    return Record(
        len(over),
        sum(call.was_answered for call in over),
        len(about_now),
        sum(call.was_answered for call in about_now),
    )


def is_about(hour: int, other: int) -> bool:
    """Whether people who are in at the one hour of the day are likely to be in at the other."""
    apart = abs(hour - other)
    return min(apart, _DAY - apart) <= NEARBY
