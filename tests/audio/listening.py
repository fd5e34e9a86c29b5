"""What is to be heard in an A-law file?"""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

Heard = NDArray[np.float64]


def samples_of(alaw: bytes) -> Heard:
    """The samples from -1 to 1, decoded by libsndfile."""
    samples: Heard
    samples, _ = soundfile.read(
        io.BytesIO(alaw), dtype="float64", samplerate=8000, channels=1, format="RAW", subtype="ALAW"
    )
    return samples


def peak(heard: Heard) -> float:
    return float(np.max(np.abs(heard)))


def loudness_at(hertz: float, heard: Heard) -> float:
    """The amplitude of one pitch, within a few hertz."""
    window = np.blackman(len(heard))
    spectrum = np.abs(np.fft.rfft(heard * window)) / window.sum() * 2
    at = round(hertz * len(heard) / 8000)
    return float(np.max(spectrum[max(0, at - 4) : at + 5]))


def likeness(one: Heard, other: Heard) -> float:
    """The highest normalised cross-correlation at any delay: 1 for the same sound."""
    length = len(one) + len(other)
    spectrum = np.fft.rfft(one, length) * np.conj(np.fft.rfft(other, length))
    highest = np.max(np.abs(np.fft.irfft(spectrum, length)))
    return float(highest / np.sqrt(np.sum(one**2) * np.sum(other**2)))
