"""How is a value said? Every kind of value by its name, from text to words, in every language.

The names are those of the acceptance vectors (tests/fixtures/audio/spoken_pl.json); templates ask the same grammars
through audio/variables.py, with typed values.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial
from types import MappingProxyType

from audio.grammar import Grammar, Language, NameForm
from audio.languages import GRAMMARS
from audio.values import Currency, Money, OpeningHours, Person, PhoneKind, PhoneNumber, Sex

_WORKING_DAYS = frozenset({1, 2, 3, 4, 5})
_COUNT = re.compile(r"-?[0-9]{1,12}")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")


class NotSpoken(ValueError):
    """A value that cannot be said as the kind it claims to be."""


def spoken(kind: str, value: str, language: Language = Language.POLISH) -> str:
    """The words for a value written as text, e.g. spoken("amount_PLN", "153.20"); NotSpoken says what is wrong."""
    try:
        speak = SPOKEN[kind]
    except KeyError:
        raise NotSpoken(f"no such kind: {kind!r}; there are: {', '.join(SPOKEN)}") from None
    try:
        words = speak(GRAMMARS[language], value.strip())
    except ValueError as reason:
        raise NotSpoken(f"{value!r} is not spoken as {kind}: {reason}") from reason
    if not words:
        raise NotSpoken(f"{value!r} is not spoken as {kind}: nothing is left to say")
    return words


def _written(value: str, form: re.Pattern[str], example: str) -> str:
    """The value, if it is written like that: Python reads 1_000, 1e5 and 2026-W10-1, too."""
    if not form.fullmatch(value):
        raise ValueError(f"written as {example}")
    return value


def _amount(currency: Currency, grammar: Grammar, value: str) -> str:
    return grammar.amount(Money(Decimal(_written(value, _AMOUNT, "153.20")), currency))


def _count(value: str) -> int:
    return int(_written(value, _COUNT, "21"))


def _day(value: str) -> date:
    return date.fromisoformat(_written(value, _DAY, "2026-12-01"))


def _clock(value: str) -> time:
    return time.fromisoformat(_written(value, _CLOCK, "08:00").zfill(len("08:00")))


def _on_weekday(grammar: Grammar, value: str) -> str:
    day = _day(value)
    return grammar.on_weekday(day, grammar.day(day))


def _until_weekday(grammar: Grammar, value: str) -> str:
    day = _day(value)
    return grammar.until_weekday(day, grammar.day(day))


def _working_hours(grammar: Grammar, value: str) -> str:
    """08:00-18:00."""
    opens, dash, closes = value.partition("-")
    if not dash:
        raise ValueError("written as 08:00-18:00")
    return grammar.opening_hours(OpeningHours(_WORKING_DAYS, _clock(opens), _clock(closes)))


def _phone(grammar: Grammar, value: str) -> str:
    """+48281234567:mobile."""
    e164, _, kind = value.partition(":")
    if kind not in set(PhoneKind):
        raise ValueError(f"written as +48281234567:mobile, the kind one of {', '.join(PhoneKind)}")
    return grammar.phone(PhoneNumber(e164, PhoneKind(kind)))


def _person(form: NameForm, grammar: Grammar, value: str) -> str:
    """Jan Kowalski:M, with the honorific where the form has one; without a sex only the neutral frame's nominative."""
    name, _, sex = value.partition(":")
    first, _, last = re.sub(r"\s*-\s*", "-", name).strip().rpartition(" ")
    person = Person(first, last, Sex(sex) if sex else None)
    spoken_name = grammar.person(person, form)
    if not first or spoken_name is None:
        raise ValueError("first names, last name, a colon and M or F are needed, and forms that are certain")
    honorific = grammar.honorific(person, form)
    return f"{honorific} {spoken_name}" if honorific and form is not NameForm.NOMINATIVE else spoken_name


SPOKEN: Mapping[str, Callable[[Grammar, str], str]] = MappingProxyType(
    {
        "cardinal": lambda grammar, value: grammar.cardinal(_count(value)),
        **{f"amount_{currency}": partial(_amount, currency) for currency in Currency},
        "days": lambda grammar, value: grammar.delay(timedelta(days=_count(value))),
        "date_genitive": lambda grammar, value: grammar.day(_day(value)),
        "date_genitive_year": lambda grammar, value: grammar.day_and_year(_day(value)),
        "date_on_weekday": _on_weekday,
        "date_until_weekday": _until_weekday,
        "clock_genitive": lambda grammar, value: grammar.clock(_clock(value)),
        "hours": _working_hours,
        "greeting": lambda grammar, value: grammar.greeting(_clock(value)),
        "digits": lambda grammar, value: grammar.digits(value),
        "case_number": lambda grammar, value: grammar.case_number(value),
        "document_number": lambda grammar, value: grammar.document_number(value),
        "phone": _phone,
        "company": lambda grammar, value: grammar.company(value),
        **{f"name_{form}": partial(_person, form) for form in NameForm},
    }
)
