"""Which clips are everything that may be said in one call?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.flow.nodes import BODY
from ivr.flow.words import GREETING, Sentence, Words
from ivr.session import NOTHING, Clip


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence, or silence, as it is played."""

    clip: Clip
    words: str = ""
    text: str = ""  # the name of the text that it is of
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Speech:
    texts: Mapping[str, tuple[Segment, ...]]
    dated: Mapping[tuple[str, date], tuple[Segment, ...]]
    silences: Mapping[timedelta, Clip]

    def said(self, name: str, taken: date | None) -> tuple[Segment, ...]:
        """A text, with the day that was taken where it names one."""
        dated = self.dated.get((name, taken)) if taken else None
        return self.texts[name] if dated is None else dated

    def silence(self, length: timedelta) -> Segment:
        return Segment(self.silences[length], f"silence of {length.total_seconds():g} s")

    @property
    def body(self) -> timedelta:
        """How long the message itself is."""
        return sum((segment.clip.length for segment in self.texts[BODY]), NOTHING)


def speech(words: Words, greeting: str, clip: Callable[[str], Clip], silences: Mapping[timedelta, Clip]) -> Speech:
    """``greeting``: its words by the callee's clock. ``clip``: the audio of a sentence."""

    def segments(name: str, sentences: tuple[Sentence, ...]) -> tuple[Segment, ...]:
        spoken = (greeting if each.words == GREETING else each.words for each in sentences)
        return tuple(
            Segment(clip(said), said, name, each.is_sensitive) for said, each in zip(spoken, sentences, strict=True)
        )

    return Speech(
        {name: segments(name, each) for name, each in words.texts.items()},
        {(name, day): segments(name, each) for (name, day), each in words.dated.items()},
        silences,
    )
