"""Which variables may a message text have, of what type is each, how is it said, and may anybody hear it?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from audio.grammar import Grammar, NameForm, date_heard_on
from audio.values import Money, OpeningHours, Person, PhoneNumber

# Said when the call is answered, by the callee's own clock, so never part of what is synthesised hours before.
GREETING = "greeting"

Speak = Callable[[Grammar, Any, date], str]


class NotCertain(ValueError):
    """A name whose form is not certain: the message needs the text with the neutral frame."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A placeholder's type and voice.

    speak gets the language, a value of that type and the day the message is heard on. Sensitive ones disclose the debt:
    they are said only after the listener's identity is confirmed, or to companies. Personal ones differ from debtor to
    debtor: their words never leave the machine, and are deleted with the debtor.
    """

    type: type
    speak: Speak
    is_sensitive: bool = False
    is_personal: bool = True


def _brand() -> Variable:
    return Variable(str, lambda grammar, name, _: grammar.company(name), is_personal=False)


def _person(form: NameForm) -> Variable:
    return Variable(Person, lambda grammar, person, _: _certain(grammar.person(person, form)))


def _honorific(form: NameForm) -> Variable:
    return Variable(Person, lambda grammar, person, _: _certain(grammar.honorific(person, form)))


def _certain(words: str | None) -> str:
    if words is None:
        raise NotCertain("the form of the name is not certain; use the text with the neutral frame")
    return words


def _date(grammar: Grammar, day: date, today: date) -> str:
    return date_heard_on(grammar, day, today)


def _on_weekday(grammar: Grammar, day: date, today: date) -> str:
    return grammar.on_weekday(day, date_heard_on(grammar, day, today))


def _until_weekday(grammar: Grammar, day: date, today: date) -> str:
    return grammar.until_weekday(day, date_heard_on(grammar, day, today))


def _sensitive(type_: type, speak: Speak) -> Variable:
    return Variable(type_, speak, is_sensitive=True)


def _company(grammar: Grammar, name: str, _: date) -> str:
    return grammar.company(name)


VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        "brand": _brand(),
        "brand_neutral": _brand(),
        "callback": Variable(PhoneNumber, lambda grammar, number, _: grammar.phone(number), is_personal=False),
        "hours": Variable(OpeningHours, lambda grammar, hours, _: grammar.opening_hours(hours), is_personal=False),
        "company": Variable(str, _company),
        "case": Variable(str, lambda grammar, number, _: grammar.case_number(number)),
        "name": _person(NameForm.NOMINATIVE),
        "name_gen": _person(NameForm.GENITIVE),
        "name_instr": _person(NameForm.INSTRUMENTAL),
        "honor_gen": _honorific(NameForm.GENITIVE),
        "honor_instr": _honorific(NameForm.INSTRUMENTAL),
        "promise_d1": Variable(date, _until_weekday),
        "promise_d2": Variable(date, _until_weekday),
        "amount": _sensitive(Money, lambda grammar, money, _: grammar.amount(money)),
        "invoice": _sensitive(str, lambda grammar, number, _: grammar.document_number(number)),
        "acc4": _sensitive(str, lambda grammar, number, _: grammar.digits(number)),
        "overdue_days": _sensitive(timedelta, lambda grammar, days, _: grammar.delay(days)),
        "creditor": _sensitive(str, _company),
        "registry": _sensitive(str, _company),
        "block_subject": _sensitive(str, _company),
        "due_on": _sensitive(date, _on_weekday),
        "promise_on": _sensitive(date, _on_weekday),
        "due_date": _sensitive(date, _date),
        "issue_date": _sensitive(date, _date),
        "as_of_date": _sensitive(date, _date),
        "deadline": _sensitive(date, _date),
        "block_date": _sensitive(date, _date),
        "letter_date": _sensitive(date, _date),
        "promise_date": _sensitive(date, _date),
    }
)
