"""Which day, moment or hours does this text mean?"""

import re
from datetime import date, datetime, time
from functools import lru_cache

from dialer.core.cases import PreferredHours
from dialer.core.codes import Code
from dialer.core.moments import can_be_meant

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
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Code.E_DATE_INVALID
    return moment if can_be_meant(moment) else Code.E_DATE_RANGE


def parse_hours(text: str) -> PreferredHours | Code:
    written = _HOURS.fullmatch(text)
    if written is None or written[1] >= written[2]:
        return Code.E_HOURS_FORMAT
    return PreferredHours(time.fromisoformat(written[1]), time.fromisoformat(written[2]))
