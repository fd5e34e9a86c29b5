"""Which day, moment or hours does this text mean, and does the stage agree with the due date?"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dialer.core.cases import PreferredHours, Stage
from dialer.core.codes import Code
from dialer.core.windows import is_holiday

# A claim older or further away than this is a typing error, not a receivable.
_YEARS_BACK = 30
_YEARS_AHEAD = 30

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
_HOURS = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])")


@lru_cache(maxsize=4096)
def parse_date(text: str, today: date) -> date | Code:
    """YYYY-MM-DD or DD.MM.YYYY. With slashes nobody knows which is the month."""
    written = _DATE.fullmatch(text)
    if written is None:
        return Code.E_DATE_FORMAT
    year, month, day = (int(part) for part in (written.group(1, 2, 3) if written[1] else written.group(6, 5, 4)))
    try:
        parsed = date(year, month, day)
    except ValueError:
        return Code.E_DATE_INVALID
    if not today.year - _YEARS_BACK <= year <= today.year + _YEARS_AHEAD:
        return Code.E_DATE_RANGE
    return parsed


@lru_cache(maxsize=4096)
def parse_moment(text: str) -> datetime | Code:
    """An ISO 8601 moment with its offset from UTC; without one nobody knows when it was."""
    if not _MOMENT.fullmatch(text):
        return Code.E_DATE_FORMAT
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return Code.E_DATE_INVALID


def parse_hours(text: str) -> PreferredHours | Code:
    written = _HOURS.fullmatch(text)
    if written is None or written[1] >= written[2]:
        return Code.E_HOURS_FORMAT
    return PreferredHours(time.fromisoformat(written[1]), time.fromisoformat(written[2]))


@lru_cache(maxsize=4096)
def effective_due(due: date, country: str | None) -> date:
    """The last day to pay: a term on a Saturday or a free day ends on the next working day (Civil Code, art. 115)."""
    while due.isoweekday() >= 6 or is_holiday(country, due):
        due += timedelta(days=1)
    return due


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
