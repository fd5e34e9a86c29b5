"""How is the name of a company or a brand said? As it is, in the nominative after "firma", legal forms in words."""

import re
from collections.abc import Callable

from audio.polish.digits import spelled

_PARTNERSHIPS = {"j": "jawna", "k": "komandytowa", "p": "partnerska", "c": "cywilna"}
# What a speech engine would take for an instruction (SSML, eSpeak's [[phonemes]]) or a sentence end, or cannot say.
_UNSPEAKABLE = re.compile(r"[^\w ,'&+-]|_")


def spoken_name(name: str) -> str:
    """Wzór Hurt Sp. z o.o. → Wzór Hurt spółka z o o; Atrapa Części S.A. → Atrapa Części es a."""
    for legal_form, words in _LEGAL_FORMS:
        name = legal_form.sub(words, name)
    return " ".join(_UNSPEAKABLE.sub(" ", name.replace("&", " i ")).split())


def _partnership(found: re.Match[str]) -> str:
    return f"spółka {_PARTNERSHIPS[found[1].lower()]}"


def _initials(found: re.Match[str]) -> str:
    return spelled(re.sub(r"[.\s]", "", found[0])) + " "


_LEGAL_FORMS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\bsp\.?\s*z\s*o\.?\s?o\b\.?", re.I), "spółka z o o"),
    (re.compile(r"\bsp\.\s*([jkp])\b\.?", re.I), _partnership),
    (re.compile(r"\bs\.\s?(c)\.", re.I), _partnership),
    (re.compile(r"\b(?:[a-ząćęłńóśźż]\.\s?){2,}", re.I), _initials),  # S.A., P.P.H.U.
)
