"""Whom is a flow played to in the terminal? A debtor, and what is owed, from JSON.

Keys are the variables of texts, and beside them: ``person`` (first_name, last_name, sex, name_genitive,
name_instrumental), ``today``, ``at`` (the callee's clock), ``offered`` (two days) and ``last_promise``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from audio.grammar import Language
from audio.message import greeting
from audio.values import Currency, Money, OpeningHours, Person, PhoneKind, PhoneNumber, Sex
from audio.variables import VARIABLES
from ivr.flow.words import Terms, terms

OFFERED = (timedelta(days=4), timedelta(days=7))  # from today
HORIZON = timedelta(days=14)
_NAMES = ("name", "name_gen", "name_instr", "honor_gen", "honor_instr")
_WORKING_DAYS = frozenset({1, 2, 3, 4, 5})


class InvalidContact(ValueError):
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class Contact:
    values: Mapping[str, object]
    terms: Terms
    greeting: str


def contact(text: str, language: Language = Language.POLISH, *, may_be_told: bool = False) -> Contact:
    """The contact that a JSON object describes; InvalidContact says what is wrong."""
    try:
        given = _object(json.loads(text), "the contact is no JSON object")
        today = date.fromisoformat(given.pop("today"))
        clock = time.fromisoformat(given.pop("at", "10:00"))
        offered = _offered(given.pop("offered", []), today)
        last = date.fromisoformat(given.pop("last_promise", (today + HORIZON).isoformat()))
        person = _person(given.pop("person")) if "person" in given else None
        values: dict[str, object] = dict.fromkeys(_NAMES, person) if person else {}
        for name, value in given.items():
            values[name] = _value(name, str(value))
        return Contact(values, terms(today, offered, last, may_be_told=may_be_told), greeting(clock, language))
    except KeyError as error:
        raise InvalidContact(f"missing, or no such variable: {error}") from error
    except InvalidContact:
        raise
    except (ValueError, TypeError) as error:
        raise InvalidContact(str(error)) from error


def _object(given: Any, problem: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InvalidContact(problem)
    return dict(given)


def _offered(days: Sequence[str], today: date) -> list[date]:
    offered = [date.fromisoformat(day) for day in days] or [today + each for each in OFFERED]
    if len(offered) != len(OFFERED):
        raise InvalidContact(f"offered needs {len(OFFERED)} days")
    return offered


def _value(name: str, text: str) -> object:
    type_ = VARIABLES[name].type
    try:
        return _TYPES[type_](text)
    except (ValueError, InvalidOperation) as error:
        raise InvalidContact(f"{name}: {text!r} cannot be read, it is written as {_WRITTEN[type_]}") from error


def _person(given: Any) -> Person:
    given = _object(given, "person is no JSON object with first_name, last_name and sex")
    sex = Sex(given["sex"]) if given.get("sex") else None
    return Person(
        given["first_name"], given["last_name"], sex, given.get("name_genitive"), given.get("name_instrumental")
    )


def _money(text: str) -> Money:
    amount, _, currency = text.partition(" ")
    return Money(Decimal(amount), Currency(currency or "PLN"))


def _phone(text: str) -> PhoneNumber:
    number, _, kind = text.partition(":")
    return PhoneNumber(number, PhoneKind(kind or "fixed"))


def _hours(text: str) -> OpeningHours:
    opens, _, closes = text.partition("-")
    return OpeningHours(_WORKING_DAYS, time.fromisoformat(opens), time.fromisoformat(closes))


_TYPES: Mapping[type, Callable[[str], object]] = {
    str: str,
    Money: _money,
    PhoneNumber: _phone,
    OpeningHours: _hours,
    date: date.fromisoformat,
    timedelta: lambda text: timedelta(days=int(text)),
}
_WRITTEN: Mapping[type, str] = {
    Money: "153.20 PLN",
    PhoneNumber: "+48380000051:fixed",
    OpeningHours: "08:00-18:00",
    date: "2026-11-23",
    timedelta: "24, in days",
}
