"""How is an amount of money said in Polish?

In the nominative, so it stands after a colon ("Kwota do zapłaty: …"); "w wysokości" would need every word's genitive.
"""

from audio.polish.numerals import Gender, Noun, counted
from audio.values import Currency, Money

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
    whole, hundredths = money.parts()
    unit, subunit = _UNITS[money.currency]
    words = []
    if whole or not hundredths:
        words.append(counted(whole, unit))
    if hundredths:
        words.append(counted(hundredths, subunit))
    return " ".join(words)
