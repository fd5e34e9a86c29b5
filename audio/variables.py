"""Which variables may a message text have, of what type is each, how is it said, and may anybody hear it?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from audio.polish import dates, digits, names
from audio.polish.amounts import Money, spoken_amount
from audio.polish.brands import spoken_name
from audio.polish.dates import OpeningHours
from audio.polish.digits import PhoneNumber
from audio.polish.names import Person

# Said when the call is answered, by the callee's own clock, so never part of what is synthesised hours before.
GREETING = "greeting"


class NotCertain(ValueError):
    """A name whose form is not certain: the message needs the text with the neutral frame."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A placeholder's type and voice.

    speak gets a value of that type and the day the message is heard on. Sensitive ones disclose the debt: they are said
    only after the listener's identity is confirmed, or to companies.
    """

    type: type
    speak: Callable[[Any, date], str]
    is_sensitive: bool


def _person(form: Callable[[Person], str | None]) -> Variable:
    def speak(person: Person, _today: date) -> str:
        spoken = form(person)
        if spoken is None:
            raise NotCertain("the form of the name is not certain; use the text with the neutral frame")
        return spoken_name(spoken)

    return Variable(Person, speak, is_sensitive=False)


def _said(type_: type, speak: Callable[[Any], str], *, is_sensitive: bool = False) -> Variable:
    return Variable(type_, lambda value, _today: speak(value), is_sensitive)


def _dated(speak: Callable[[date, str], str] | None = None, *, is_sensitive: bool = True) -> Variable:
    def said_on(day: date, today: date) -> str:
        spoken_date = dates.date_heard_on(day, today)
        return speak(day, spoken_date) if speak else spoken_date

    return Variable(date, said_on, is_sensitive)


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "brand": _said(str, spoken_name),
        "brand_neutral": _said(str, spoken_name),
        "company": _said(str, spoken_name),
        "callback": _said(PhoneNumber, digits.phone),
        "hours": _said(OpeningHours, dates.opening_hours),
        "case": _said(str, digits.case_number),
        "name": _person(names.name_nominative),
        "name_gen": _person(names.name_genitive),
        "name_instr": _person(names.name_instrumental),
        "honor_gen": _person(names.honorific_genitive),
        "honor_instr": _person(names.honorific_instrumental),
        "promise_d1": _dated(dates.until_weekday, is_sensitive=False),
        "promise_d2": _dated(dates.until_weekday, is_sensitive=False),
        "amount": _said(Money, spoken_amount, is_sensitive=True),
        "invoice": _said(str, digits.document_number, is_sensitive=True),
        "acc4": _said(str, digits.digits, is_sensitive=True),
        "overdue_days": _said(timedelta, dates.delay, is_sensitive=True),
        "creditor": _said(str, spoken_name, is_sensitive=True),
        "registry": _said(str, spoken_name, is_sensitive=True),
        "block_subject": _said(str, spoken_name, is_sensitive=True),
        "due_on": _dated(dates.on_weekday),
        "promise_on": _dated(dates.on_weekday),
        "due_date": _dated(),
        "issue_date": _dated(),
        "as_of_date": _dated(),
        "deadline": _dated(),
        "block_date": _dated(),
        "letter_date": _dated(),
        "promise_date": _dated(),
    }
)
