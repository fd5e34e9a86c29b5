"""What does a message say? A text with {placeholders}, checked when it is saved, spoken when it is prepared.

The language is plain text plus whitelisted variables: nothing in it is ever executed or looked up. "{greeting}."
may open a text; it is then said by its own phrase when the call is answered, and the rest is prepared hours before.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from audio.grammar import Grammar, Language
from audio.languages import GRAMMARS
from audio.sentences import Sentence, composed
from audio.variables import GREETING, VARIABLES

LONGEST_TEXT = 2000  # characters; about two minutes of speech
_TOKEN = re.compile(r"\{(?P<name>[a-z][a-z0-9_]*)\}|(?P<text>[^{}]+)|(?P<brace>[{}])")
_OPENING_GREETING = re.compile(r"\s*\{" + GREETING + r"\}[.!]\s*")
# Speech engines take these for instructions (SSML, eSpeak's [[phonemes]]); control characters end lines of protocols.
_UNSEEN = frozenset({"Cf", "Co", "Cn", "Cs"})
_FORBIDDEN_SIGN = re.compile(r"[<>\[\]|\\\x00-\x09\x0b-\x1f\x7f]")


class InvalidTemplate(ValueError):
    """A text that cannot be saved; `problems` has one sentence for each thing to correct."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class UnspeakableValue(ValueError):
    """A value is missing, of the wrong type or cannot be said. Names the variable, never a person."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{{{variable}}} cannot be said: {reason}")
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a value is said."""

    variable: str


@dataclass(frozen=True, slots=True)
class Template:
    """A checked text in one language: pieces in order, and whether a greeting is said before them."""

    pieces: tuple[str | Placeholder, ...]
    greets: bool
    language: Language = Language.POLISH

    @classmethod
    def parse(cls, text: str, language: Language = Language.POLISH) -> Self:
        """The template, or InvalidTemplate with every problem and its position (characters from 1)."""
        text = unicodedata.normalize("NFC", text)  # some systems write ę as e and a tail
        opening = _OPENING_GREETING.match(text)
        start = opening.end() if opening else 0
        problems = list(_problems(text, start))
        if problems:
            raise InvalidTemplate(problems)
        found = _TOKEN.finditer(text, start)
        pieces = tuple(Placeholder(token["name"]) if token["name"] else token["text"] for token in found)
        return cls(pieces, opening is not None, language)

    @property
    def variables(self) -> frozenset[str]:
        """Every variable that needs a value."""
        return frozenset(piece.variable for piece in self.pieces if isinstance(piece, Placeholder))

    @property
    def sensitive(self) -> frozenset[str]:
        """The variables that disclose the debt: not to be said before the identity is confirmed, nor to voicemail."""
        return frozenset(name for name in self.variables if VARIABLES[name].is_sensitive)

    @property
    def personal(self) -> frozenset[str]:
        """The variables that differ from debtor to debtor: their words never leave the machine."""
        return frozenset(name for name in self.variables if VARIABLES[name].is_personal)

    def render(self, values: Mapping[str, object], *, today: date) -> str:
        """The words to be spoken, without the greeting; UnspeakableValue if a value does not fit."""
        return " ".join(sentence.words for sentence in self.sentences(values, today=today))

    def sentences(self, values: Mapping[str, object], *, today: date, shared: Collection[str] = ()) -> list[Sentence]:
        """The sentences to be spoken, without the greeting; UnspeakableValue if a value does not fit.

        `today` is the day the message is heard on, in the callee's calendar: it decides whether a year is said.
        `shared` names variables whose values here are nobody's own.
        """
        grammar = GRAMMARS[self.language]
        personal = frozenset(name for name in self.personal if name not in shared)
        return composed(
            (_said(grammar, piece.variable, values, today), piece.variable in personal)
            if isinstance(piece, Placeholder)
            else (piece, False)
            for piece in self.pieces
        )


def _problems(text: str, start: int) -> Iterator[str]:
    if not text[start:].strip():
        yield "the text says nothing"
    if len(text) > LONGEST_TEXT:
        yield f"the text has {len(text)} characters, {LONGEST_TEXT} are allowed"
    for sign in _FORBIDDEN_SIGN.finditer(text):
        yield f"character {sign[0]!r} at {sign.start() + 1} is not allowed in a spoken text"
    for position, letter in enumerate(text, start=1):
        if _is_foreign(letter):
            yield f"character {letter!r} at {position} is no Latin letter: it may look like one, but is not said so"
    for token in _TOKEN.finditer(text, start):
        position = token.start() + 1
        if token["brace"]:
            yield f"brace {token['brace']!r} at {position} does not enclose a variable name"
        elif token["name"] == GREETING:
            yield f"{{{GREETING}}} at {position}: a greeting is only possible as the first sentence, '{{{GREETING}}}.'"
        elif token["name"] and token["name"] not in VARIABLES:
            yield f"unknown variable {{{token['name']}}} at {position}; there are: {', '.join(sorted(VARIABLES))}"


def _is_foreign(sign: str) -> bool:
    """Whether it is a letter of another script, or is not seen at all."""
    return unicodedata.category(sign) in _UNSEEN or (sign.isalpha() and not unicodedata.name(sign).startswith("LATIN"))


def _said(grammar: Grammar, name: str, values: Mapping[str, object], today: date) -> str:
    variable = VARIABLES[name]
    if name not in values:
        raise UnspeakableValue(name, "it has no value")
    value = values[name]
    # A datetime passes for a date, but its calendar day depends on a time zone that is not known here.
    if not isinstance(value, variable.type) or isinstance(value, datetime):
        raise UnspeakableValue(name, f"a {variable.type.__name__} is needed, not a {type(value).__name__}")
    try:
        words = variable.speak(grammar, value, today)
    except ValueError as reason:
        raise UnspeakableValue(name, str(reason)) from reason
    if not words:
        raise UnspeakableValue(name, "it is empty")
    return words
