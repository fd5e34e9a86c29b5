"""Of what types are the values that a message speaks of? The same for every language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

_EVERY_DAY = frozenset({1, 2, 3, 4, 5, 6, 7})


class Currency(StrEnum):
    """The currencies that can be spoken (ISO 4217)."""

    PLN = "PLN"
    EUR = "EUR"
    CZK = "CZK"
    USD = "USD"
    GBP = "GBP"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount owed: never negative, at most two decimal places."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            raise ValueError(f"an amount owed is zero or more, not {self.amount}")
        if self.amount * 100 % 1:
            raise ValueError(f"an amount has at most two decimal places, not {self.amount}")

    def parts(self) -> tuple[int, int]:
        """The whole units and the hundredths."""
        return divmod(int(self.amount * 100), 100)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When people answer the telephone: ISO weekdays (1 is Monday), from and to in local time; 00:00 ends a day.

    ``also``: at which other times they do, said in that order.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time
    also: tuple["OpeningHours", ...] = ()

    def by_days(self) -> Iterator[tuple[frozenset[int], Sequence[tuple[time, time]]]]:
        """The days with the same hours, and these; in the order in which they are said."""
        for weekdays, spans in groupby((self, *self.also), key=lambda span: span.weekdays):
            yield weekdays, [(span.opens, span.closes) for span in spans]

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= _EVERY_DAY:
            raise ValueError(f"opening hours need ISO weekdays 1 to 7, not {sorted(self.weekdays)}")


class PhoneKind(StrEnum):
    """What kind of line a number is; it decides how people group its digits."""

    MOBILE = "mobile"
    FIXED = "fixed"
    VOIP = "voip"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number in E.164 with its kind, e.g. +48281234567 mobile."""

    e164: str
    kind: PhoneKind

    def __post_init__(self) -> None:
        pattern = r"\+[1-9][0-9]{6,14}" if self.kind is PhoneKind.FOREIGN else r"\+48[0-9]{9}"
        if not re.fullmatch(pattern, self.e164):
            raise ValueError(f"not a {self.kind} number in E.164")


class Sex(StrEnum):
    """As the feed gives it."""

    MALE = "M"
    FEMALE = "F"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the feed describes them: nominative names, the sex if known, ready forms if given."""

    first_name: str
    last_name: str
    sex: Sex | None = None
    genitive: str | None = None
    instrumental: str | None = None
