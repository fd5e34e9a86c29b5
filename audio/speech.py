"""What is needed of a speech engine? Text in, sound out, or one clear error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class AudioFailed(Exception):
    """No audio could be prepared, so nothing may be dialled. The message says what to do, never what was to be said."""


class Unspoken(AudioFailed):
    """A personal text was to be given to an online engine: it was not."""


class Forgotten(AudioFailed):
    """The person was erased while the message was made: none of it is kept."""


class SpeechFailed(AudioFailed):
    """The speech engine is missing, refused, hung or said nothing."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel of samples from -1 to 1, at `rate` samples per second."""

    samples: Samples
    rate: int


class SpeechEngine(Protocol):
    """Turns text into sound.

    `name`, `voice` (with every setting that changes the sound) and `version` identify the sound of a text: they are
    part of the phrase cache's key. `synthesise` blocks and is called from several worker threads at once. What is said
    to one person only is never given to an engine that is online.
    """

    @property
    def name(self) -> str: ...
    @property
    def is_online(self) -> bool:
        """Whether texts leave the machine."""
        ...

    @property
    def voice(self) -> str: ...
    @property
    def version(self) -> str:
        """Raises SpeechFailed if the engine is not there."""
        ...

    def synthesise(self, text: str) -> Sound:
        """The text as sound at the engine's own rate, or SpeechFailed."""
        ...

    def check(self) -> str | None:
        """What is missing and what to do about it, or None if the engine and its voice can speak."""
        ...


def unspoken(speak: Callable[[str], Sound]) -> str | None:
    """Why a short word cannot be said, or None if it can: the one sure way to know that a voice is there."""
    try:
        speak("raz")
    except SpeechFailed as reason:
        return str(reason)
    return None
