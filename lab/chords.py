"""Whose voice is this? Everybody who is to be known again says a chord of their own: two of twenty tones.

A piece of 20 ms tells it, so that packets can be asked as well as recordings. Somebody who says it for as long as a
call lasts is known by whatever part of the call came through: a word is said once, and a busy machine may lose just it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from lab.hearing import FRAME, RATE, Samples

TONES = range(400, 3251, 150)  # Hz; 20 ms tell them apart
CHORDS = tuple(combinations(TONES, 2))
LOUDNESS = 0.2  # of full scale, of each tone
PRESENT = 0.25  # share of the power of a frame; of two tones that sound alone each has a half


def sound(who: int) -> str:
    """The name of that chord among the carrier's sounds."""
    return f"chord-{who}"


def write(directory: Path, who: int, length: timedelta) -> None:
    """Make it sound that long, as raw 8 kHz A-law."""
    soundfile.write(directory / f"{sound(who)}.alaw", samples(who, length), RATE, format="RAW", subtype="ALAW")


def samples(who: int, length: timedelta) -> Samples:
    moments = np.arange(round(length.total_seconds() * RATE)) / RATE
    return np.asarray(LOUDNESS * sum(np.sin(2 * np.pi * tone * moments) for tone in CHORDS[who]))


def heard(ear: Samples, frame: int = FRAME) -> NDArray[np.int_]:
    """Of each frame, whose chord it is; -1: nobody's alone."""
    frames = ear[: len(ear) // frame * frame].reshape(-1, frame) * np.hanning(frame)
    window = np.hanning(frame)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(frame), TONES) / RATE)
    power = 2 * np.sum(window**2) / np.sum(window) ** 2 * np.abs(frames @ waves) ** 2
    present = power > PRESENT * np.maximum(np.sum(frames**2, axis=1), np.finfo(np.float64).tiny)[:, np.newaxis]
    two = np.sum(present, axis=1) == 2
    bits = present @ (1 << np.arange(len(TONES)))
    return np.where(two, [_WHO.get(int(each), -1) for each in bits], -1)


def durations(ear: Samples) -> dict[int, timedelta]:
    """How long each chord is heard."""
    frames = Counter(heard(ear).tolist())
    return {who: timedelta(seconds=count * FRAME / RATE) for who, count in frames.items() if who >= 0}


_PLACE = {tone: place for place, tone in enumerate(TONES)}
_WHO = {1 << _PLACE[low] | 1 << _PLACE[high]: who for who, (low, high) in enumerate(CHORDS)}
