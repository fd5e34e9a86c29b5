from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.polish.amounts import spoken_amount
from audio.values import Currency, Money


def owed(amount: str, currency: Currency = Currency.PLN) -> str:
    return spoken_amount(Money(Decimal(amount), currency))


def test_an_empty_part_is_not_said() -> None:
    assert [owed("7.00"), owed("0.07"), owed("0.00"), owed("7")] == [
        "siedem złotych",
        "siedem groszy",
        "zero złotych",
        "siedem złotych",
    ]


@pytest.mark.parametrize(
    ("currency", "words"),
    [
        (Currency.EUR, "dwa euro dwa centy"),
        (Currency.CZK, "dwie korony czeskie dwa halerze"),
        (Currency.USD, "dwa dolary amerykańskie dwa centy"),
        (Currency.GBP, "dwa funty brytyjskie dwa pensy"),
    ],
)
def test_every_currency_is_spoken(currency: Currency, words: str) -> None:
    assert owed("2.02", currency) == words


@given(st.integers(0, 10**10), st.sampled_from(Currency))
def test_no_two_amounts_sound_alike(hundredths: int, currency: Currency) -> None:
    amount = Decimal(hundredths) / 100
    assert owed(str(amount), currency) != owed(str(amount + Decimal("0.01")), currency)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1.005"])
def test_what_nobody_can_owe_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match="an amount"):
        Money(Decimal(amount), Currency.PLN)
