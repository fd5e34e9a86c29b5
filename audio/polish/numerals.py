"""How is a number said in Polish: as a count, as an ordinal in the genitive, and which noun form follows it?

Written here rather than taken from num2words 0.5.14, which knows no gender, no ordinal but the masculine nominative
(with spelling mistakes inside) and takes a bare int for grosze. The tests hold both together where num2words is right.
"""

from dataclasses import dataclass
from enum import StrEnum


class Gender(StrEnum):
    """The gender of what is counted; it shows in one (jeden, jedna, jedno) and two (dwa, dwie)."""

    MASCULINE = "masculine"
    FEMININE = "feminine"
    NEUTER = "neuter"


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted noun: jeden złoty, dwa złote, pięć złotych."""

    one: str
    few: str
    many: str
    gender: Gender = Gender.MASCULINE


_UNITS = (
    "zero", "jeden", "dwa", "trzy", "cztery", "pięć", "sześć", "siedem", "osiem", "dziewięć", "dziesięć",
    "jedenaście", "dwanaście", "trzynaście", "czternaście", "piętnaście", "szesnaście", "siedemnaście",
    "osiemnaście", "dziewiętnaście",
)  # fmt: skip
_TENS = (
    "-", "-", "dwadzieścia", "trzydzieści", "czterdzieści", "pięćdziesiąt", "sześćdziesiąt", "siedemdziesiąt",
    "osiemdziesiąt", "dziewięćdziesiąt",
)  # fmt: skip
_HUNDREDS = (
    "-", "sto", "dwieście", "trzysta", "czterysta", "pięćset", "sześćset", "siedemset", "osiemset",
    "dziewięćset",
)  # fmt: skip
_ONE = {Gender.MASCULINE: "jeden", Gender.FEMININE: "jedna", Gender.NEUTER: "jedno"}
_TWO = {Gender.MASCULINE: "dwa", Gender.FEMININE: "dwie", Gender.NEUTER: "dwa"}
_SCALES = (
    Noun("tysiąc", "tysiące", "tysięcy"),
    Noun("milion", "miliony", "milionów"),
    Noun("miliard", "miliardy", "miliardów"),
)
_LIMIT = 1000 ** (len(_SCALES) + 1)

# Ordinals in the masculine genitive; the feminine genitive swaps the ending (-ego/-iego → -ej/-iej).
_ORDINAL_UNITS = (
    "zerowego", "pierwszego", "drugiego", "trzeciego", "czwartego", "piątego", "szóstego", "siódmego", "ósmego",
    "dziewiątego", "dziesiątego", "jedenastego", "dwunastego", "trzynastego", "czternastego", "piętnastego",
    "szesnastego", "siedemnastego", "osiemnastego", "dziewiętnastego",
)  # fmt: skip
_ORDINAL_TENS = (
    "-", "-", "dwudziestego", "trzydziestego", "czterdziestego", "pięćdziesiątego", "sześćdziesiątego",
    "siedemdziesiątego", "osiemdziesiątego", "dziewięćdziesiątego",
)  # fmt: skip
_ORDINAL_HUNDREDS = (
    "-", "setnego", "dwusetnego", "trzechsetnego", "czterechsetnego", "pięćsetnego", "sześćsetnego",
    "siedemsetnego", "osiemsetnego", "dziewięćsetnego",
)  # fmt: skip
_ORDINAL_THOUSANDS = (
    "-", "tysięcznego", "dwutysięcznego", "trzytysięcznego", "czterotysięcznego", "pięciotysięcznego",
    "sześciotysięcznego", "siedmiotysięcznego", "ośmiotysięcznego", "dziewięciotysięcznego",
)  # fmt: skip


def cardinal(number: int, gender: Gender = Gender.MASCULINE) -> str:
    """The count in the nominative, below a thousand milliards: 22 → dwadzieścia dwa (dwadzieścia dwie koron…)."""
    if not 0 <= number < _LIMIT:
        raise ValueError(f"a count from 0 to {_LIMIT - 1} can be said, not {number}")
    if number == 0:
        return _UNITS[0]
    words = []
    for power in range(len(_SCALES), 0, -1):
        group = number // 1000**power % 1000
        if group:
            words.append(_scaled(group, _SCALES[power - 1]))
    rest = number % 1000
    if rest:
        # "sto jeden koron": one agrees with its noun only when it stands alone.
        words.append(_ONE[gender] if number == 1 else _below_thousand(rest, gender))
    return " ".join(words)


def counted(number: int, noun: Noun) -> str:
    """The count with its noun: 22 → dwadzieścia dwa złote."""
    return f"{cardinal(number, noun.gender)} {agreeing(number, noun)}"


def agreeing(number: int, noun: Noun) -> str:
    """The form of the noun after the number: one for 1; few for 2–4, 22–24, … but not 12–14; else many."""
    if number == 1:
        return noun.one
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return noun.few
    return noun.many


def ordinal_genitive(number: int, gender: Gender = Gender.MASCULINE) -> str:
    """The ordinal in the genitive, 0 to 9999: 21 → dwudziestego pierwszego, feminine dwudziestej pierwszej.

    Only the tens and units are ordinals: 2026 → dwa tysiące dwudziestego szóstego, but 2000 → dwutysięcznego.
    """
    if not 0 <= number <= 9999:
        raise ValueError(f"an ordinal from 0 to 9999 can be said, not {number}")
    words = _ordinal_words(number)
    if gender is Gender.FEMININE:
        words = [_feminine(word) for word in words]
    return " ".join(words)


def _scaled(group: int, scale: Noun) -> str:
    # "tysiąc", never "jeden tysiąc"
    return scale.one if group == 1 else f"{_below_thousand(group)} {agreeing(group, scale)}"


def _below_thousand(number: int, gender: Gender = Gender.MASCULINE) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        tens, rest = divmod(rest, 10)
        words.append(_TENS[tens])
    if rest:
        words.append(_TWO[gender] if rest == 2 else _UNITS[rest])
    return " ".join(words)


def _ordinal_words(number: int) -> list[str]:
    if number % 1000 == 0 and number:
        return [_ORDINAL_THOUSANDS[number // 1000]]
    if number % 100 == 0 and number:
        return [*_leading(number - number % 1000), _ORDINAL_HUNDREDS[number // 100 % 10]]
    tens, units = divmod(number % 100, 10)
    if tens < 2:
        return [*_leading(number - number % 100), _ORDINAL_UNITS[number % 100]]
    last = [_ORDINAL_TENS[tens], *([_ORDINAL_UNITS[units]] if units else [])]
    return [*_leading(number - number % 100), *last]


def _leading(number: int) -> list[str]:
    return [cardinal(number)] if number else []


def _feminine(word: str) -> str:
    return word.removesuffix("ego") + "ej" if word.endswith("ego") else word
