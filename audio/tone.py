"""Is a text gentle, and does it sell nothing?

Words that frighten, shame or threaten are an unfair practice, and one added offer makes a reminder marketing, which
needs the callee's consent. A text with such a word is refused when it is saved, unless somebody has approved the word.
"""

import re
import unicodedata
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
        r"komorni", r"(?:wy)?egzek(?:uc|ut|w)", r"przestęp(?:stw|c)", r"wyłudz", r"oszu(?:st|k)", r"polic(?:j|yj)",
        r"prokurat", r"więzien", r"więźni", r"zajęci(?:e|a|u|em|om|ami|ach)\b", r"z?licyt", r"windykator", r"wizyt",
        r"pracodawc", r"sąsi(?:ad|edz)", r"rodzin", r"natychmiast", r"ostateczn", r"pod rygorem\b", r"konsekwencj",
        r"poz(?:ew|wu|wem|wie|wy|wów|wom|wami|wach|wę|wiemy)\b", r"pozwa(?:ć|n)", r"dłużni", r"nierzeteln",
        r"sąd(?:u|em|y|owi|zie|ów|om|ami|ach|ow(?:y|e|ego|emu|a|ej|ą|ym|ych|ymi))?\b",
    ),
    Language.ENGLISH: (
        r"bailiff", r"enforcement", r"crim(?:e|inal)", r"fraud", r"police", r"prosecut", r"prison", r"seiz", r"auction",
        r"debt collector", r"visit", r"employer", r"neighbour", r"famil(?:y|ies)", r"immediately", r"final",
        r"consequence", r"lawsuit", r"court", r"debtor", r"unreliable",
    ),
}  # fmt: skip
_MARKETING = {
    Language.POLISH: (
        r"promoc(?:j|yj)", r"(?:za)?ofer(?:t|uj|ow)", r"rabat", r"pożycz(?:k|ek)", r"kredyt", r"okaz(?:j|yj)",
        r"now\w+ produkt",
    ),
    Language.ENGLISH: (
        r"promotion", r"special offer", r"discount", r"loan", r"credit(?!or| information)", r"new product",
    ),
}  # fmt: skip
_VARIABLE = re.compile(r"\{[^{}]*\}")  # {creditor} is a name to come, not a word of the text
_WITHOUT_DIACRITICS = str.maketrans("ąćęłńóśźż", "acelnoszz")
_PLAIN_COURT = re.compile(r"sad")  # an orchard, too, where diacritics are typed
_TORN = re.compile(r"(?<=\w)[^\w\s]+(?=\w)|(?<=\b\w) (?=\w\b)")  # what stands between the letters of k-o-m-o-r-n-i-k


def faults(text: str, language: Language = Language.POLISH, approved: Collection[str] = ()) -> list[Found]:
    """Every word that is not to be said, each once, in the text's order; those approved are left out.

    Missing diacritics, signs between the letters and letters of other widths hide nothing.
    """
    whole = _plainly_written(_VARIABLE.sub(" ", text))
    allowed = {_plainly_written(word) for word in approved}
    found = sorted(_matches(whole, language), key=lambda match: match[0])
    rest = whole
    for _, there in found:
        rest = rest.replace(there.word, " ")
    found += _matches(_TORN.sub("", rest), language)
    return [each for each in dict.fromkeys(found_there for _, found_there in found) if each.word not in allowed]


def _plainly_written(text: str) -> str:
    """In small letters, each of one sign, with single spaces and nothing that is not seen."""
    visible = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(visible.lower().split())


def _matches(text: str, language: Language) -> Iterator[tuple[int, Found]]:
    for fault, pattern in _COMPILED[language, False].items():
        for match in pattern.finditer(text):
            yield match.start(), Found(match[0], fault)
    if language is not Language.POLISH:
        return
    for fault, pattern in _COMPILED[language, True].items():
        for match in pattern.finditer(text.translate(_WITHOUT_DIACRITICS)):
            if text.isascii() or not _PLAIN_COURT.match(match[0]):
                yield match.start(), Found(text[match.start() : match.end()], fault)


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
