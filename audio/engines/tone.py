"""How does a simulation sound? Tones that the text decides: the same for the same text, different for another."""

import hashlib
from datetime import timedelta

import numpy as np

from audio.speech import Sound

_RATE = 16_000
_TONE = timedelta(milliseconds=80)  # about the length of one letter in speech
_LOWEST_HZ, _HIGHEST_HZ = 300, 3000  # inside the telephone band


class Tones:
    """The twin of a real engine: no program, one tone for each letter's place and neighbourhood."""

    name = "tones"
    version = "1"
    is_online = False

    def __init__(self, voice: str = "tones") -> None:
        self._voice = voice

    @property
    def voice(self) -> str:
        return self._voice

    def synthesise(self, text: str) -> Sound:
        """One tone of 80 ms per character, its pitch drawn from the hash of voice and text."""
        seed = int.from_bytes(hashlib.sha256(f"{self._voice}\0{text}".encode()).digest())
        pitches = np.random.default_rng(seed).uniform(_LOWEST_HZ, _HIGHEST_HZ, len(text))
        at = np.arange(int(_RATE * _TONE.total_seconds())) / _RATE
        return Sound((0.5 * np.sin(2 * np.pi * pitches[:, None] * at)).ravel().astype(np.float32), _RATE)

    def check(self) -> str | None:
        """Nothing is ever missing."""
        return None
