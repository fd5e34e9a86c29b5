"""Did the callee hear this message, and not just some sound?

The recording at the carrier is laid over the synthesised audio where they fit best, and then compared piece by piece:
a frame of 20 ms that a busy machine lost shifts the rest by as much, and spoils the piece it belongs to.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000
PIECE = RATE // 4  # samples compared at a time: long enough for a syllable
SLIP = RATE // 4  # samples by which a piece may lie off its place
ALIKE = 0.9  # correlation of the same piece; A-law there and back leaves 0.999
HEARD = 0.9  # share of the pieces; a message with another name and case number has nearer 0.8
SILENT = 0.01  # of full scale: a piece that is no louder tells nothing

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


def share_heard(heard: Samples, spoken: Samples) -> float:
    """How many of the message's pieces are in the recording, each in its place: 0 to 1."""
    if not len(heard) or not len(spoken):
        return 0.0
    begin = begins_at(heard, spoken)
    cut = [(at, spoken[at : at + PIECE]) for at in range(0, max(1, len(spoken) - PIECE + 1), PIECE)]
    pieces = [(at, piece) for at, piece in cut if np.max(np.abs(piece)) > SILENT]
    found = [_is_in(heard[max(0, begin + at - SLIP) : begin + at + PIECE + SLIP], piece) for at, piece in pieces]
    return sum(found) / len(found) if found else 0.0


def begins_at(heard: Samples, spoken: Samples) -> int:
    """Where the message begins in the recording, were it all there."""
    size = 1 << (len(heard) + len(spoken)).bit_length()
    overlaps = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size)), size)
    return int(np.argmax(overlaps[: len(heard)]))


def _is_in(around: Samples, piece: Samples) -> bool:
    """Whether the piece is somewhere in that part of the recording."""
    if len(around) < len(piece):
        return False
    products = np.correlate(around, piece, "valid")
    energies = np.convolve(around**2, np.ones(len(piece)), "valid") * np.sum(piece**2)
    return bool(np.max(products / np.sqrt(np.maximum(energies, np.finfo(np.float64).tiny))) >= ALIKE)


def _alaw(path: Path) -> Samples:
    samples, _ = soundfile.read(path, dtype="float64", samplerate=RATE, channels=1, format="RAW", subtype="ALAW")
    return np.asarray(samples)
