"""Amounts and dates as a second grammar says them; `python -m bench.words` compares a million of each currency."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from audio.grammar import Language
from audio.languages import GRAMMARS
from audio.values import Currency, Money
from tests.support import second_grammar

POLISH, ENGLISH = GRAMMARS[Language.POLISH], GRAMMARS[Language.ENGLISH]
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@given(st.integers(0, 10**10), st.sampled_from(Currency))
def test_two_grammars_say_the_same_amounts(hundredths: int, currency: Currency) -> None:
    money = Money(Decimal(hundredths) / 100, currency)

    assert POLISH.amount(money) == second_grammar.amount(hundredths, currency)
    assert ENGLISH.amount(money) == second_grammar.english_amount(hundredths, currency)


@given(DAYS)
def test_two_grammars_say_the_same_dates(day: date) -> None:
    assert POLISH.day(day) == second_grammar.genitive(day)
    assert POLISH.day_and_year(day) == second_grammar.genitive_with_year(day)
    assert POLISH.on_weekday(day, POLISH.day(day)) == second_grammar.on_weekday(day)


@given(DAYS)
def test_two_grammars_say_the_same_dates_in_english(day: date) -> None:
    assert ENGLISH.day(day) == second_grammar.english_day(day)
    assert ENGLISH.day_and_year(day) == second_grammar.english_day_and_year(day)


@given(st.integers(0, 10**12 - 1))
def test_two_grammars_count_alike_in_english(number: int) -> None:
    assert ENGLISH.cardinal(number) == second_grammar.english_count(number)
