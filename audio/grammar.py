"""What must a language know to say the values of a message?

Every language answers the same questions; templates, words and flows ask only these. `audio/languages.py` has them all.
"""

from datetime import date, time, timedelta
from enum import StrEnum
from typing import Protocol

from audio.values import Money, OpeningHours, Person, PhoneNumber


class Language(StrEnum):
    """The languages that can be spoken (ISO 639-1)."""

    POLISH = "pl"
    ENGLISH = "en"


class NameForm(StrEnum):
    """The form of a person's name that a sentence needs; a language without cases has one for all."""

    NOMINATIVE = "nominative"  # dla osoby: Jan Kowalski
    GENITIVE = "genitive"  # dla pana Jana Kowalskiego
    INSTRUMENTAL = "instrumental"  # z panem Janem Kowalskim


class Grammar(Protocol):
    """Values to words. What cannot be said raises ValueError; no words ever hold a sign that an engine would obey."""

    language: Language

    def cardinal(self, number: int) -> str: ...

    def amount(self, money: Money) -> str: ...

    def delay(self, days: timedelta) -> str:
        """A whole number of days."""
        ...

    def day(self, day: date) -> str:
        """Without its year."""
        ...

    def day_and_year(self, day: date) -> str: ...

    def on_weekday(self, day: date, spoken_date: str) -> str:
        """`spoken_date` is one of the two above."""
        ...

    def until_weekday(self, day: date, spoken_date: str) -> str: ...

    def clock(self, clock: time) -> str:
        """Fits after "od godziny" or "from"."""
        ...

    def opening_hours(self, hours: OpeningHours) -> str: ...

    def greeting(self, clock: time) -> str:
        """By the callee's own clock; no full stop."""
        ...

    def digits(self, text: str) -> str: ...

    def case_number(self, text: str) -> str: ...

    def document_number(self, text: str) -> str: ...

    def phone(self, number: PhoneNumber) -> str: ...

    def company(self, name: str) -> str:
        """A brand or a company: never inflected, its legal form in words."""
        ...

    def person(self, person: Person, form: NameForm) -> str | None:
        """None: the form is not certain, the sentence needs its neutral frame."""
        ...

    def honorific(self, person: Person, form: NameForm) -> str | None:
        """None if the sex is not known, or the form has none."""
        ...


def date_heard_on(grammar: Grammar, day: date, today: date) -> str:
    """The date as a listener of today needs it: the year is said only if it is neither this one nor the next."""
    return grammar.day(day) if day.year in (today.year, today.year + 1) else grammar.day_and_year(day)
