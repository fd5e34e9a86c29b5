from decimal import Decimal
from typing import Any

import num2words
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audio.polish.numerals import Gender, Noun, cardinal, counted, ordinal_genitive

_num2words: Any = num2words.num2words


@given(st.integers(0, 10**12 - 1))
@example(1_001_001)
def test_counts_agree_with_an_independent_grammar(number: int) -> None:
    assert cardinal(number) == _num2words(number, lang="pl")


@given(st.integers(0, 10**10 - 1))
@example(1)
@example(112)
def test_amounts_agree_with_an_independent_grammar(grosze: int) -> None:
    theirs = _num2words(Decimal(grosze) / 100, to="currency", lang="pl", currency="PLN")
    zlote = counted(grosze // 100, Noun("złoty", "złote", "złotych"))
    rest = counted(grosze % 100, Noun("grosz", "grosze", "groszy"))
    assert f"{zlote}, {rest}" == theirs.strip()


def test_women_and_crowns_are_counted_in_the_feminine() -> None:
    crown = Noun("korona", "korony", "koron", Gender.FEMININE)

    assert [counted(n, crown) for n in (1, 2, 12, 21, 22, 102, 2000)] == [
        "jedna korona",
        "dwie korony",
        "dwanaście koron",
        "dwadzieścia jeden koron",
        "dwadzieścia dwie korony",
        "sto dwie korony",
        "dwa tysiące koron",
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zerowego"),
        (3, "trzeciego"),
        (20, "dwudziestego"),
        (31, "trzydziestego pierwszego"),
        (100, "setnego"),
        (1900, "tysiąc dziewięćsetnego"),
        (1999, "tysiąc dziewięćset dziewięćdziesiątego dziewiątego"),
        (2000, "dwutysięcznego"),
        (2001, "dwa tysiące pierwszego"),
        (2010, "dwa tysiące dziesiątego"),
        (2100, "dwa tysiące setnego"),
        (2026, "dwa tysiące dwudziestego szóstego"),
    ],
)
def test_only_the_last_words_of_a_year_are_ordinals(number: int, words: str) -> None:
    assert ordinal_genitive(number) == words


def test_hours_are_feminine_ordinals() -> None:
    hours = [ordinal_genitive(hour, Gender.FEMININE) for hour in (0, 1, 2, 3, 8, 20, 23)]

    assert hours == [
        "zerowej",
        "pierwszej",
        "drugiej",
        "trzeciej",
        "ósmej",
        "dwudziestej",
        "dwudziestej trzeciej",
    ]


@pytest.mark.parametrize("number", [-1, 10**12])
def test_a_number_beyond_the_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        cardinal(number)


@pytest.mark.parametrize("number", [-1, 10_000])
def test_an_ordinal_beyond_the_words_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        ordinal_genitive(number)
