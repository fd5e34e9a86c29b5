"""How is an amount of money said in Polish?

In the nominative, so it stands after a colon ("Kwota do zapłaty: …"); "w wysokości" would need every word's genitive.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from audio.polish.numerals import Gender, Noun, counted


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


_CENT = Noun("cent", "centy", "centów")

# Where a bare word would leave open whose money it is, the country is said.
_UNITS: dict[Currency, tuple[Noun, Noun]] = {
    Currency.PLN: (Noun("złoty", "złote", "złotych"), Noun("grosz", "grosze", "groszy")),
    Currency.EUR: (Noun("euro", "euro", "euro", Gender.NEUTER), _CENT),
    Currency.CZK: (
        Noun("korona czeska", "korony czeskie", "koron czeskich", Gender.FEMININE),
        Noun("halerz", "halerze", "halerzy"),
    ),
    Currency.USD: (Noun("dolar amerykański", "dolary amerykańskie", "dolarów amerykańskich"), _CENT),
    Currency.GBP: (
        Noun("funt brytyjski", "funty brytyjskie", "funtów brytyjskich"),
        Noun("pens", "pensy", "pensów"),
    ),
}


def spoken_amount(money: Money) -> str:
    """153.20 PLN → sto pięćdziesiąt trzy złote dwadzieścia groszy; an empty part is not said."""
    whole, hundredths = divmod(int(money.amount * 100), 100)
    unit, subunit = _UNITS[money.currency]
    words = []
    if whole or not hundredths:
        words.append(counted(whole, unit))
    if hundredths:
        words.append(counted(hundredths, subunit))
    return " ".join(words)
