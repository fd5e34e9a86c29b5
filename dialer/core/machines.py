"""Has a person answered, or a machine?

Asked while something plays already, of nothing but when the far side talks: a person says "Halo?" and listens, a
machine goes on. Doubt means a person. The measurements are those of AMD. A span of talking that has not ended yet
proves nothing, for of a carrier that suppresses silence its end is not heard.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MS = timedelta(milliseconds=1)
NOTHING = timedelta()


class AnsweredBy(StrEnum):
    PERSON = "person"
    MACHINE = "machine"


class Because(StrEnum):
    """What told them apart."""

    SILENCE = "silence"  # who says nothing is no machine's greeting
    SHORT_GREETING = "short_greeting"
    LONG_GREETING = "long_greeting"
    MANY_WORDS = "many_words"
    TIME = "time"  # it took too long: doubt


@dataclass(frozen=True, slots=True)
class TalkStarted:
    """The far side of an answered call talks."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TalkStopped:
    """It has been silent for as long as a pause lasts at least; ``at`` is when it fell silent."""

    attempt_id: str
    at: datetime
    lasted: timedelta


Talk = TalkStarted | TalkStopped


@dataclass(frozen=True, slots=True)
class Detection:
    """A verdict, and what it was measured by."""

    answered_by: AnsweredBy
    because: Because
    took: timedelta  # from the answer
    initial_silence: timedelta
    greeting: timedelta  # talking, without the pauses
    words: int
    silence: timedelta  # after the greeting

    def to_json(self) -> dict[str, Any]:
        """Spans in ms."""
        return {
            "answered_by": self.answered_by,
            "because": self.because,
            "took_ms": self.took // MS,
            "initial_silence_ms": self.initial_silence // MS,
            "greeting_ms": self.greeting // MS,
            "words": self.words,
            "silence_ms": self.silence // MS,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Detection":
        return cls(
            AnsweredBy(kept["answered_by"]),
            Because(kept["because"]),
            kept["took_ms"] * MS,
            kept["initial_silence_ms"] * MS,
            kept["greeting_ms"] * MS,
            kept["words"],
            kept["silence_ms"] * MS,
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a far side counts as a machine; found with ``python -m bench.machines``."""

    initial_silence: timedelta = timedelta(seconds=2.5)
    greeting: timedelta = timedelta(seconds=3.6)  # nobody greets for longer, not even a switchboard
    silence_after: timedelta = timedelta(seconds=1.2)  # a greeting is over
    most_words: int = 12
    shortest_word: timedelta = timedelta(milliseconds=60)
    in_all: timedelta = timedelta(seconds=12)


@dataclass(frozen=True, slots=True)
class Listening:
    """What was heard of one far side since it answered."""

    answered_at: datetime
    first_at: datetime | None = None  # the first word
    talks_since: datetime | None = None  # now
    fell_silent_at: datetime | None = None
    talked: timedelta = NOTHING
    words: int = 0

    @property
    def is_talking(self) -> bool:
        return self.talks_since is not None

    def hear(self, talk: Talk, limits: Thresholds) -> "Listening":
        """With what happened now; too short a sound is no word."""
        match talk:
            case TalkStarted(at=at):
                return replace(self, talks_since=at, first_at=self.first_at or at)
            case TalkStopped(at=at, lasted=lasted):
                is_word = lasted >= limits.shortest_word
                first = self.first_at or at - lasted
                heard = replace(self, talks_since=None, first_at=first)
                if not is_word:
                    return replace(heard, first_at=first if self.words else None)
                return replace(heard, fell_silent_at=at, talked=self.talked + lasted, words=self.words + 1)

    def detection(self, now: datetime, limits: Thresholds) -> Detection | None:
        """The verdict; None while it is too early for one."""
        if self.talked >= limits.greeting:
            return self._verdict(AnsweredBy.MACHINE, Because.LONG_GREETING, now)
        if self.words > limits.most_words:
            return self._verdict(AnsweredBy.MACHINE, Because.MANY_WORDS, now)
        if self._is_greeting_over(now, limits):
            because = Because.SHORT_GREETING if self.words else Because.SILENCE
            return self._verdict(AnsweredBy.PERSON, because, now)
        if now - self.answered_at >= limits.in_all:
            return self._verdict(AnsweredBy.PERSON, Because.TIME, now)
        return None

    def look_again_at(self, limits: Thresholds) -> datetime:
        """When there will be a verdict if nothing more is heard."""
        at_last = self.answered_at + limits.in_all
        if self.is_talking:
            return at_last
        if self.fell_silent_at is None:
            return self.answered_at + limits.initial_silence
        return min(self.fell_silent_at + limits.silence_after, at_last)

    def _is_greeting_over(self, now: datetime, limits: Thresholds) -> bool:
        if self.is_talking:
            return False
        if self.fell_silent_at is None:
            return now - self.answered_at >= limits.initial_silence
        return now - self.fell_silent_at >= limits.silence_after

    def _verdict(self, answered_by: AnsweredBy, because: Because, now: datetime) -> Detection:
        return Detection(
            answered_by,
            because,
            now - self.answered_at,
            (self.first_at or now) - self.answered_at,
            self.talked,
            self.words,
            NOTHING if self.is_talking or self.fell_silent_at is None else now - self.fell_silent_at,
        )
