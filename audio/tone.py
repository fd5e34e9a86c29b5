"""Is a text gentle, and does it sell nothing?

Words that frighten, shame or threaten are an unfair practice, and one added offer makes a reminder marketing, which
needs the callee's consent. A text with such a word is refused when it is saved, unless somebody has approved the word.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from audio.grammar import Language


class Fault(StrEnum):
    """Why a word is not to be said."""

    HARSH = "harsh"  # it frightens, shames or threatens
    MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Found:
    """A word as it stands in the text, and why it is not to be said there."""

    word: str
    fault: Fault

    def __str__(self) -> str:
        why = "frightens, shames or threatens" if self.fault is Fault.HARSH else "sells something"
        return f"{self.word!r} {why}"


_HARSH = {
    Language.POLISH: (
        r"komorni", r"egzekuc", r"przestępstw", r"wyłudz", r"oszust", r"policj", r"prokurat", r"więzien",
        r"zajęci(?:e|a|u|em)\b", r"licytac", r"windykator", r"wizyt", r"pracodawc", r"sąsiad", r"rodzin",
        r"natychmiast", r"ostateczn", r"pod rygorem\b", r"konsekwencj", r"poz(?:ew|wu|wem)\b",
        r"sąd(?:u|em|owy|owe|owego|owa|owej)?\b", r"dłużni", r"nierzeteln",
    ),
    Language.ENGLISH: (
        r"bailiff", r"enforcement", r"crim(?:e|inal)", r"fraud", r"police", r"prosecut", r"prison", r"seiz", r"auction",
        r"debt collector", r"visit", r"employer", r"neighbour", r"famil(?:y|ies)", r"immediately", r"final",
        r"consequence", r"lawsuit", r"court", r"debtor", r"unreliable",
    ),
}  # fmt: skip
_MARKETING = {
    Language.POLISH: (r"promocj", r"ofert", r"rabat", r"pożyczk", r"kredyt", r"okazj", r"nowy produkt"),
    Language.ENGLISH: (
        r"promotion",
        r"special offer",
        r"discount",
        r"loan",
        r"credit(?!or| information)",
        r"new product",
    ),
}
_VARIABLE = re.compile(r"\{[^{}]*\}")  # {creditor} is a name to come, not a word of the text
_WITHOUT_DIACRITICS = str.maketrans("ąćęłńóśźż", "acelnoszz")


def faults(text: str, language: Language = Language.POLISH, approved: Collection[str] = ()) -> list[Found]:
    """Every word that is not to be said, each once, in the text's order; those approved are left out.

    A Polish text that is typed without its diacritics hides nothing.
    """
    lower = " ".join(_VARIABLE.sub(" ", text).lower().split())
    allowed = {" ".join(word.lower().split()) for word in approved}
    found = sorted(_matches(lower, language), key=lambda match: match[0])
    return [each for each in dict.fromkeys(found_there for _, found_there in found) if each.word not in allowed]


def _matches(text: str, language: Language) -> Iterator[tuple[int, Found]]:
    compiled = _COMPILED[language, language is Language.POLISH and text.isascii()]
    for fault, pattern in compiled.items():
        for match in pattern.finditer(text):
            yield match.start(), Found(match[0], fault)


def _compiled(words: Collection[str], *, plain: bool) -> re.Pattern[str]:
    alternatives = "|".join(word.translate(_WITHOUT_DIACRITICS) if plain else word for word in words)
    return re.compile(rf"\b(?:{alternatives})\w*")


_COMPILED: Mapping[tuple[Language, bool], Mapping[Fault, re.Pattern[str]]] = {
    (language, plain): {
        Fault.HARSH: _compiled(_HARSH[language], plain=plain),
        Fault.MARKETING: _compiled(_MARKETING[language], plain=plain),
    }
    for language in Language
    for plain in (False, True)
}
