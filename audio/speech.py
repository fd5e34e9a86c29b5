"""What is needed of a speech engine? Text in, sound out, or one clear error."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class AudioFailed(Exception):
    """No audio could be prepared, so nothing may be dialled. The message says what to do, never what was to be said."""


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
    part of the phrase cache's key. `synthesise` blocks and is called from several worker threads at once.
    """

    @property
    def name(self) -> str: ...
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
        """What is missing and what to do about it, or None if the engine and its Polish voice can speak."""
        ...
