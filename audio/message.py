"""What does the callee hear after the greeting? A text, sentence by sentence, joined to one file before the call.

Sentences are the unit of the cache: those that every debtor of a campaign hears are synthesised once.
"""

import re
from dataclasses import dataclass
from datetime import time, timedelta

from audio.grammar import Language
from audio.languages import GRAMMARS
from audio.phrases import Phrase, Phrases, content_key

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
GREETINGS = ("Dzień dobry.", "Dobry wieczór.")
GOODBYE = "Dziękujemy. Do widzenia."
PAID = "Właśnie otrzymaliśmy informację, że należność została uregulowana. Dziękujemy. Do widzenia."
STANDING = (*GREETINGS, GOODBYE, PAID)  # what any call may need that is answered


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be played: one file, and the sentences that it was joined from."""

    body_key: str
    duration: timedelta
    text: str
    sentence_keys: tuple[str, ...]


def sentences(text: str) -> list[str]:
    """The text in its sentences, white space made plain, so that the same sentence is the same phrase."""
    return [sentence for sentence in _SENTENCE_END.split(" ".join(text.split())) if sentence]


def greeting(clock: time) -> str:
    """The greeting by the callee's own clock, as its own sentence."""
    return f"{GRAMMARS[Language.POLISH].greeting(clock)}."


async def prepare(text: str, phrases: Phrases) -> Message:
    """The message with its audio in the cache; SpeechFailed or StorageFailed if that is not possible."""
    if not text.strip():
        raise ValueError("a message without words")
    parts = await phrases.ensure(sentences(text))
    body = await phrases.ensure_joined(content_key("message", *(part.key for part in parts)), parts)
    return Message(body.key, body.duration, text, tuple(part.key for part in parts))


async def prepare_standing(phrases: Phrases) -> dict[str, Phrase]:
    """The standing phrases by their words: ready for whichever hour a call is answered at, and however it ends."""
    return dict(zip(STANDING, await phrases.ensure(STANDING), strict=True))
