"""Did the callee hear this message, and not just some sound?

The recording at the carrier is laid over the synthesised audio: where they fit best, the normalised cross-correlation
tells how alike they are, from 0 (nothing in common) to 1 (the same).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000
SAME = 0.9  # A-law there and back leaves 0.99; another message of the same voice reaches 0.2

Samples = NDArray[np.float64]


def recording(path: Path) -> Samples:
    """A recording of the carrier, 8 kHz WAV."""
    samples, rate = soundfile.read(path, dtype="float64")
    if rate != RATE:
        raise ValueError(f"{path} has {rate} samples per second, not {RATE}")
    return np.asarray(samples)


def message(*paths: Path) -> Samples:
    """Rendered phrases (raw A-law), one after the other."""
    return np.concatenate([_alaw(path) for path in paths])


def likeness(heard: Samples, spoken: Samples) -> float:
    """How much of ``spoken`` is in ``heard``, wherever it begins: 0 to 1."""
    if not len(heard) or not len(spoken):
        return 0.0
    size = 1 << (len(heard) + len(spoken)).bit_length()
    overlaps = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size)), size)
    begin = int(np.argmax(overlaps[: len(heard)]))  # where it begins; what was heard before it does not count
    there = heard[begin : begin + len(spoken)]
    energy = float(np.sqrt(np.sum(there**2) * np.sum(spoken**2)))
    return float(overlaps[begin] / energy) if energy else 0.0


def _alaw(path: Path) -> Samples:
    samples, _ = soundfile.read(path, dtype="float64", samplerate=RATE, channels=1, format="RAW", subtype="ALAW")
    return np.asarray(samples)
