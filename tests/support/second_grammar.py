"""Another way to the same words: num2words for the numbers, agreement read off the digits, dates from lists.

Shares nothing with `audio`, so that a mistake would have to be made twice to stay unseen.
"""

import re
from datetime import date
from typing import Any

import num2words

_num2words: Any = num2words.num2words

_MONTHS = """
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
"""
_DAYS = """
    pierwszego, drugiego, trzeciego, czwartego, piątego, szóstego, siódmego, ósmego, dziewiątego, dziesiątego,
    jedenastego, dwunastego, trzynastego, czternastego, piętnastego, szesnastego, siedemnastego, osiemnastego,
    dziewiętnastego, dwudziestego, dwudziestego pierwszego, dwudziestego drugiego, dwudziestego trzeciego,
    dwudziestego czwartego, dwudziestego piątego, dwudziestego szóstego, dwudziestego siódmego, dwudziestego ósmego,
    dwudziestego dziewiątego, trzydziestego, trzydziestego pierwszego
"""
_ADJECTIVE_END = re.compile(r"y$|(?<=i)$")  # szósty, szóstego; drugi, drugiego
_WEEKDAYS = (
    "w poniedziałek", "we wtorek", "w środę", "w czwartek", "w piątek", "w sobotę", "w niedzielę",
)  # fmt: skip
_UNITS = {
    "PLN": ("złoty złote złotych", "grosz grosze groszy"),
    "EUR": ("euro euro euro", "cent centy centów"),
    "CZK": ("korona·czeska korony·czeskie koron·czeskich", "halerz halerze halerzy"),
    "USD": ("dolar·amerykański dolary·amerykańskie dolarów·amerykańskich", "cent centy centów"),
    "GBP": ("funt·brytyjski funty·brytyjskie funtów·brytyjskich", "pens pensy pensów"),
}
_ENGLISH_UNITS = {
    "PLN": ("zloty zlotys", "grosz groszy"),
    "EUR": ("euro euros", "cent cents"),
    "CZK": ("Czech·crown Czech·crowns", "heller hellers"),
    "USD": ("US·dollar US·dollars", "cent cents"),
    "GBP": ("British·pound British·pounds", "penny pence"),
}
_ENGLISH_MONTHS = """
    January February March April May June July August September October November December
"""


def amount(hundredths: int, currency: str) -> str:
    """15320, "PLN" → sto pięćdziesiąt trzy złote dwadzieścia groszy."""
    big, small = _UNITS[currency]
    whole, rest = f"{hundredths:03}"[:-2], f"{hundredths:03}"[-2:]
    said = []
    if int(whole) or not int(rest):
        said.append(_counted(whole, big))
    if int(rest):
        said.append(_counted(str(int(rest)), small))
    return " ".join(said).replace("·", " ")


def english_amount(hundredths: int, currency: str) -> str:
    """15320, "PLN" → one hundred and fifty-three zlotys and twenty groszy."""
    said = [
        f"{english_count(count)} {forms.split()[count != 1]}"
        for count, forms in zip(divmod(hundredths, 100), _ENGLISH_UNITS[currency], strict=True)
        if count
    ]
    return (" and ".join(said) or f"zero {_ENGLISH_UNITS[currency][0].split()[1]}").replace("·", " ")


def english_count(number: int) -> str:
    return str(_num2words(number, lang="en")).replace(",", "")


def genitive(day: date) -> str:
    return f"{' '.join(_DAYS.split()).split(', ')[day.day - 1]} {_MONTHS.split()[day.month - 1]}"


def genitive_with_year(day: date) -> str:
    """num2words knows the nominative of the year only; its adjectives are declined by their ending."""
    words: list[str] = ["", *_num2words(day.year, to="ordinal", lang="pl").split()]
    declined = [*words[:-2], *(_ADJECTIVE_END.sub("ego", word) for word in words[-2:])]
    return f"{genitive(day)} {' '.join(declined).strip()} roku"


def on_weekday(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]}, {genitive(day)}"


def english_day(day: date) -> str:
    return f"the {_num2words(day.day, to='ordinal', lang='en')} of {_ENGLISH_MONTHS.split()[day.month - 1]}"


def english_day_and_year(day: date) -> str:
    return f"{english_day(day)} {_num2words(day.year, to='year', lang='en').replace('oh-', 'oh ')}"


def _counted(digits: str, forms: str) -> str:
    one, few, many = forms.split()
    words = _num2words(int(digits), lang="pl")
    if one.startswith("koron"):
        words = re.sub(r"\bdwa$", "dwie", "jedna" if digits == "1" else words)
    if digits == "1":
        return f"{'jedno' if one == 'euro' else words} {one}"
    return f"{words} {few if re.fullmatch(r'(.*[^1])?[234]', digits) else many}"
