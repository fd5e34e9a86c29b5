"""How is a value said in Polish? Every kind of value by its name, from text to words.

The names are those of the acceptance vectors (tests/fixtures/audio/spoken_pl.json); templates use the same functions
through audio/variables.py, with typed values.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from types import MappingProxyType

from audio.polish import dates, digits
from audio.polish.amounts import Currency, Money, spoken_amount
from audio.polish.numerals import cardinal


class NotSpoken(ValueError):
    """A value that cannot be said as the kind it claims to be."""


def spoken(kind: str, value: str) -> str:
    """The words for a value written as text, e.g. spoken("amount_PLN", "153.20"); NotSpoken says what is wrong."""
    try:
        speak = SPOKEN[kind]
    except KeyError:
        raise NotSpoken(f"no such kind: {kind!r}; there are: {', '.join(SPOKEN)}") from None
    try:
        return speak(value)
    except (ValueError, InvalidOperation) as reason:
        raise NotSpoken(f"{value!r} is not spoken as {kind}: {reason}") from reason


def _amount(currency: Currency, value: str) -> str:
    return spoken_amount(Money(Decimal(value), currency))


def _days(value: str) -> str:
    return dates.delay(timedelta(days=int(value)))


def _date(speak: Callable[[date], str], value: str) -> str:
    return speak(date.fromisoformat(value))


def _on_weekday(day: date) -> str:
    return dates.on_weekday(day, dates.date_genitive(day))


def _until_weekday(day: date) -> str:
    return dates.until_weekday(day, dates.date_genitive(day))


def _working_hours(value: str) -> str:
    opens, _, closes = value.partition("-")
    working_days = frozenset({1, 2, 3, 4, 5})
    return dates.opening_hours(dates.OpeningHours(working_days, time.fromisoformat(opens), time.fromisoformat(closes)))


def _phone(value: str) -> str:
    """+48281234567:mobile."""
    e164, _, kind = value.partition(":")
    return digits.phone(digits.PhoneNumber(e164, digits.PhoneKind(kind)))


SPOKEN: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "cardinal": lambda value: cardinal(int(value)),
        **{f"amount_{currency}": partial(_amount, currency) for currency in Currency},
        "days": _days,
        "date_genitive": partial(_date, dates.date_genitive),
        "date_genitive_year": partial(_date, dates.date_genitive_year),
        "date_on_weekday": partial(_date, _on_weekday),
        "date_until_weekday": partial(_date, _until_weekday),
        "clock_genitive": lambda value: dates.clock_genitive(time.fromisoformat(value)),
        "hours": _working_hours,
        "digits": digits.digits,
        "case_number": digits.case_number,
        "document_number": digits.document_number,
        "phone": _phone,
    }
)
