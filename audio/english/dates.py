"""How are dates, clock times and opening hours said in English?"""

from collections.abc import Collection
from datetime import date, time

from audio.english.numerals import cardinal, ordinal, year
from audio.values import OpeningHours

_MONTHS = (
    "-", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_WEEKDAYS = ("-", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORKING_DAYS = frozenset({1, 2, 3, 4, 5})
_EVERY_DAY = frozenset({1, 2, 3, 4, 5, 6, 7})


def day(on: date) -> str:
    """Fits after "on", "by", "from": the twelfth of December."""
    return f"the {ordinal(on.day)} of {_MONTHS[on.month]}"


def day_and_year(on: date) -> str:
    """the twelfth of December twenty twenty-eight."""
    return f"{day(on)} {year(on.year)}"


def weekday(on: date) -> str:
    return _WEEKDAYS[on.isoweekday()]


def clock(at: time) -> str:
    """Fits after "from" and "to": eight in the morning, one forty-five in the afternoon, noon, midnight."""
    if at.minute == 0 and at.hour in (0, 12):
        return "noon" if at.hour else "midnight"
    hour = cardinal(at.hour % 12 or 12)
    minutes = f" {'oh ' if at.minute < 10 else ''}{cardinal(at.minute)}" if at.minute else ""
    return f"{hour}{minutes} {_part_of_day(at.hour)}"


def opening_hours(hours: OpeningHours) -> str:
    """on working days from eight in the morning to six in the evening, on Saturday from …."""
    return ", ".join(f"{_days(weekdays)} {' and '.join(map(_span, spans))}" for weekdays, spans in hours.by_days())


def greeting(at: time) -> str:
    """Good morning before noon, Good evening from 18:00."""
    if at.hour < 12:
        return "Good morning"
    return "Good afternoon" if at.hour < 18 else "Good evening"


def _span(span: tuple[time, time]) -> str:
    opens, closes = span
    return "around the clock" if opens == closes else f"from {clock(opens)} to {clock(closes)}"


def _part_of_day(hour: int) -> str:
    if hour < 5 or hour >= 22:
        return "at night"
    if hour < 12:
        return "in the morning"
    return "in the afternoon" if hour < 18 else "in the evening"


def _days(weekdays: Collection[int]) -> str:
    if weekdays == _WORKING_DAYS:
        return "on working days"
    if weekdays == _EVERY_DAY:
        return "every day"
    first, last = min(weekdays), max(weekdays)
    if last - first + 1 == len(weekdays) > 2:
        return f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}"
    *leading, closing = (f"on {_WEEKDAYS[day]}" for day in sorted(weekdays))
    return f"{', '.join(leading)} and {closing}" if leading else closing
