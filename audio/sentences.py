"""Which sentences does a text have, and is each said to everybody or to one person?

Sentences are the unit of the cache: those that every debtor of a campaign hears are synthesised once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with their full stop. Personal ones say something of one debtor."""

    words: str
    is_personal: bool


def sentences(text: str) -> list[str]:
    """The text in its sentences, white space made plain, so that the same sentence is the same phrase."""
    return [sentence for sentence in _END.split(" ".join(text.split())) if sentence]


def composed(pieces: Iterable[tuple[str, bool]]) -> list[Sentence]:
    """Pieces of text, each with whether it is personal, as sentences: personal if any piece of theirs is.

    Only what is not personal ends a sentence: no name or number has a full stop of its own.
    """
    found: list[Sentence] = []
    words, is_personal = "", False
    for piece, personal in pieces:
        *ended, rest = [piece] if personal else _END.split(piece)
        for end in ended:
            _add(found, words + end, is_personal)
            words, is_personal = "", False
        words, is_personal = words + rest, is_personal or personal
    _add(found, words, is_personal)
    return found


def _add(found: list[Sentence], words: str, is_personal: bool) -> None:
    plain = " ".join(words.split())
    if plain:
        found.append(Sentence(plain, is_personal))
