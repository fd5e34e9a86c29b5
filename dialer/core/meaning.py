"""How does a vocabulary carry the meaning of its words, for people?"""

from enum import StrEnum
from typing import Self


class Meaningful(StrEnum):
    """To be derived from; a member is written as its word and what it means."""

    meaning: str

    def __new__(cls, word: str, meaning: str = "") -> Self:  # looked up by its word alone
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member
