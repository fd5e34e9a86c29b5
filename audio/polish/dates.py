"""How are dates, clock times, opening hours and delays said in Polish?"""

from collections.abc import Collection
from datetime import date, time, timedelta

from audio.polish.numerals import Gender, Noun, cardinal, counted, ordinal_genitive
from audio.values import OpeningHours

_MONTHS_GENITIVE = (
    "-", "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
    "października", "listopada", "grudnia",
)  # fmt: skip
_WEEKDAYS_ACCUSATIVE = ["-", "poniedziałek", "wtorek", "środę", "czwartek", "piątek", "sobotę", "niedzielę"]
_WEEKDAYS_GENITIVE = ["-", "poniedziałku", "wtorku", "środy", "czwartku", "piątku", "soboty", "niedzieli"]
_TUESDAY = 2
_WORKING_DAYS = frozenset({1, 2, 3, 4, 5})
_EVERY_DAY = frozenset({1, 2, 3, 4, 5, 6, 7})
_DAY = Noun("dzień", "dni", "dni")
_EVENING_BEGINS = time(18)


def date_genitive(day: date) -> str:
    """Fits after "do dnia", "dnia", "upływa", "minął": 2026-12-12 → dwunastego grudnia."""
    return f"{ordinal_genitive(day.day)} {_MONTHS_GENITIVE[day.month]}"


def date_genitive_year(day: date) -> str:
    """2026-12-01 → pierwszego grudnia dwa tysiące dwudziestego szóstego roku."""
    return f"{date_genitive(day)} {ordinal_genitive(day.year)} roku"


def on_weekday(day: date, spoken_date: str) -> str:
    """we wtorek, pierwszego grudnia."""
    return f"{_on(day.isoweekday())}, {spoken_date}"


def until_weekday(day: date, spoken_date: str) -> str:
    """Fits after "do": piątku, dwudziestego siódmego listopada."""
    return f"{_WEEKDAYS_GENITIVE[day.isoweekday()]}, {spoken_date}"


def clock_genitive(clock: time) -> str:
    """Fits after "od godziny", "do godziny": 13:45 → trzynastej czterdzieści pięć; 8:05 → ósmej zero pięć."""
    hour = ordinal_genitive(clock.hour, Gender.FEMININE)
    if clock.minute == 0:
        return hour
    minutes = cardinal(clock.minute)
    return f"{hour} {minutes}" if clock.minute >= 10 else f"{hour} zero {minutes}"


def opening_hours(hours: OpeningHours) -> str:
    """w dni robocze od godziny ósmej do godziny osiemnastej, w sobotę od …; codziennie przez całą dobę."""
    return ", ".join(f"{_days(weekdays)} {' i '.join(map(_span, spans))}" for weekdays, spans in hours.by_days())


def delay(days: timedelta) -> str:
    """Whole days: jeden dzień, dwadzieścia dwa dni."""
    if days < timedelta(0) or days % timedelta(days=1):
        raise ValueError(f"a delay is a whole number of days, not {days}")
    return counted(days.days, _DAY)


def greeting(clock: time) -> str:
    """By the callee's own clock: Dzień dobry before 18:00, Dobry wieczór after."""
    return "Dzień dobry" if clock < _EVENING_BEGINS else "Dobry wieczór"


def _span(span: tuple[time, time]) -> str:
    opens, closes = span
    if opens == closes:
        return "przez całą dobę"
    end = ordinal_genitive(24, Gender.FEMININE) if closes == time() else clock_genitive(closes)
    return f"od godziny {clock_genitive(opens)} do godziny {end}"


def _on(weekday: int) -> str:
    preposition = "we" if weekday == _TUESDAY else "w"
    return f"{preposition} {_WEEKDAYS_ACCUSATIVE[weekday]}"


def _days(weekdays: Collection[int]) -> str:
    if weekdays == _WORKING_DAYS:
        return "w dni robocze"
    if weekdays == _EVERY_DAY:
        return "codziennie"
    first, last = min(weekdays), max(weekdays)
    if last - first + 1 == len(weekdays) > 2:
        return f"od {_WEEKDAYS_GENITIVE[first]} do {_WEEKDAYS_GENITIVE[last]}"
    *leading, closing = (_on(weekday) for weekday in sorted(weekdays))
    return f"{', '.join(leading)} i {closing}" if leading else closing
