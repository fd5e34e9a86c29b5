"""Is every amount and every date said as another grammar says it?

    python -m bench.words                    a million amounts in each currency, every day of 30 years
    python -m bench.words --amounts 20000    fewer

The other grammar is tests/support/second_grammar.py: num2words for the numbers, its own agreement and dates. The
amounts are 0.00, 0.01, … without a gap; 9,999.99 is the last of a million. Ends with 1 where they disagree.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from audio.grammar import Grammar, Language
from audio.languages import GRAMMARS
from audio.values import Currency, Money
from tests.support import second_grammar as other

FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2049, 12, 31)
POLISH, ENGLISH = GRAMMARS[Language.POLISH], GRAMMARS[Language.ENGLISH]


@dataclass(frozen=True, slots=True)
class Compared:
    """What was said, by us and by the other."""

    ours: str
    theirs: str


def amounts(count: int, grammar: Grammar, they: Callable[[int, str], str], currency: Currency) -> Iterator[Compared]:
    for hundredths in range(count):
        money = Money(Decimal(hundredths) / 100, currency)
        yield Compared(grammar.amount(money), they(hundredths, currency))


def days() -> Iterator[Compared]:
    """Every day, in each of the ways in which a date is said."""
    for number in range((LAST_DAY - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=number)
        yield Compared(POLISH.day(day), other.genitive(day))
        yield Compared(POLISH.day_and_year(day), other.genitive_with_year(day))
        yield Compared(POLISH.on_weekday(day, POLISH.day(day)), other.on_weekday(day))
        yield Compared(ENGLISH.day(day), other.english_day(day))
        yield Compared(ENGLISH.day_and_year(day), other.english_day_and_year(day))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--amounts", type=int, default=1_000_000, help="in each currency")
    count = parser.parse_args().amounts
    runs: dict[str, Callable[[], Iterator[Compared]]] = {"dates": days}
    for currency in Currency:
        runs[f"Polish {currency}"] = partial(amounts, count, POLISH, other.amount, currency)
    runs["English PLN"] = partial(amounts, count, ENGLISH, other.english_amount, Currency.PLN)
    return max(_run(name, compare()) for name, compare in runs.items())


def _run(name: str, compared: Iterator[Compared]) -> int:
    started, count = time.perf_counter(), 0
    for count, each in enumerate(compared, start=1):  # noqa: B007 - how many there were
        if each.ours != each.theirs:
            print(f"{name}: {each.ours!r}, but the other grammar says {each.theirs!r}")
            return 1
    print(f"{name:14} {count:>9,} agree, {time.perf_counter() - started:5.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
