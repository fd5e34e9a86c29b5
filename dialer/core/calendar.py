"""On which days does a receivable's due date allow a call?

A term that ends on a Saturday or a public holiday ends on the next day that is neither (Civil Code, art. 115); a
payment needs a working day or two to be posted; a reminder of a payment to come is made on a working day before it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from dialer.core.cases import Stage
from dialer.core.windows import is_holiday

DAY = timedelta(days=1)


def is_working_day(day: date, country: str | None) -> bool:
    """Neither at a weekend nor a public holiday of the country, if one is named."""
    return day.isoweekday() < 6 and not is_holiday(country, day)


@lru_cache(maxsize=4096)
def effective_due(due: date, country: str | None) -> date:
    """The last day to pay."""
    while not is_working_day(due, country):
        due += DAY
    return due


@lru_cache(maxsize=4096)
def after_working_days(day: date, count: int, country: str | None) -> date:
    """The working day that comes after so many others that follow the day."""
    for _ in range(count + 1):
        day = effective_due(day + DAY, country)
    return day


def first_overdue_call(due: date, posting_days: int, country: str | None) -> date:
    """The first day to speak of it as overdue: the working day after those in which a payment is posted."""
    return after_working_days(effective_due(due, country), posting_days, country)


@lru_cache(maxsize=4096)
def pre_due_call(due: date, days_before: int, country: str | None) -> date:
    """The day of a reminder so many calendar days before it is due, moved back to a working day."""
    day = due - days_before * DAY
    while not is_working_day(day, country):
        day -= DAY
    return day


def stage_agrees(stage: Stage, due: date, today: date, country: str | None) -> bool:
    """Whether what the stage says about the due date is true today."""
    match stage:
        case Stage.INVOICE_ISSUED | Stage.PRE_DUE:
            return due >= today
        case Stage.DUE_TODAY:
            return due <= today <= effective_due(due, country)
        case Stage.CALLBACK:
            return True
        case _:
            return effective_due(due, country) < today


def call_days(
    stage: Stage, due: date, country: str | None, posting_days: int | None, pre_due_days: Sequence[int]
) -> tuple[date, ...]:
    """The days on which attempts about it begin, in order; one that nobody planned begins at once (``date.min``).

    Args:
        posting_days: working days in which a payment is posted; None: an overdue one is called about at once.
        pre_due_days: how many days before it is due a reminder is made; none: at once.
    """
    match stage:
        case Stage.PRE_DUE if pre_due_days:
            return tuple(sorted({pre_due_call(due, days, country) for days in pre_due_days}))
        case Stage.DUE_TODAY:
            return (due,)
        case Stage.INVOICE_ISSUED | Stage.PRE_DUE | Stage.CALLBACK:
            return (date.min,)
        case _ if posting_days is None:
            return (effective_due(due, country) + DAY,)
        case _:
            return (first_overdue_call(due, posting_days, country),)
