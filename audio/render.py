"""How does an engine's sound become a file that Asterisk plays as it is?

8 kHz A-law, always at one level, cut and joined cleanly. Resampled with soxr: pydub's own resampling has no filter, so
that s and ś fold down into the speech band as hiss.
"""

import io
from datetime import timedelta

import numpy as np
import soundfile
import soxr

from audio.speech import Samples, Sound, SpeechFailed

PIPELINE = "1"  # part of every cache key: a change to this module's sound needs a new one
RATE = 8000  # samples, and in A-law bytes, per second
FRAME = 160  # bytes of the 20 ms that Asterisk sends at a time
SUFFIX = ".alaw"  # Asterisk's name of the format: it plays such a file without transcoding

_SILENCE = b"\xd5"  # A-law zero (ITU-T G.711)
_PEAK = np.float32(10 ** (-3 / 20))  # -3 dBFS: loud, and no codec on the way clips it
_HIGH_PASS_HZ = 200.0  # the telephone band begins at 300 Hz; below it lies only rumble
_HIGH_PASS_TAPS = 401
_SPEECH_BEGINS = np.float32(10 ** (-42 / 20))  # of the loudest sample
_NOTHING = np.float32(10 ** (-80 / 20))  # of full scale: no engine whispers like that
_LEAD_IN = timedelta(milliseconds=20)
_FADE = timedelta(milliseconds=5)
_SENTENCE_PAUSE = timedelta(milliseconds=300)


def alaw(sound: Sound) -> bytes:
    """One phrase as whole 20 ms frames of A-law: a lead-in, the speech at -3 dBFS, a sentence's pause.

    The pause belongs to the phrase, so phrases join by mere concatenation, in a file or played one after another.
    """
    if not len(sound.samples):
        raise SpeechFailed("the speech engine gave no samples")
    narrow = soxr.resample(sound.samples, sound.rate, RATE, quality="HQ").astype(np.float32, copy=False)
    speech = _levelled(_faded(_trimmed(_high_passed(narrow))))
    return _framed(_encoded(_padded(speech)))


def silence(length: timedelta) -> bytes:
    """Whole frames in which nothing is heard."""
    return _framed(_SILENCE * _samples(length))


def joined(phrases: list[bytes]) -> bytes:
    """Phrases one after another. Each begins and ends in silence, so there is nothing to click."""
    return b"".join(phrases)


def duration(size: int) -> timedelta:
    """How long a file of so many bytes plays."""
    return timedelta(seconds=size / RATE)


def is_whole(size: int) -> bool:
    """Whether a file of so many bytes can be one of ours: not empty (power failed before it was written), not cut."""
    return size > 0 and size % FRAME == 0


def as_wave(phrase: bytes) -> bytes:
    """The same sound as a WAV file, for people's own players."""
    samples, rate = soundfile.read(
        io.BytesIO(phrase), dtype="int16", samplerate=RATE, channels=1, format="RAW", subtype="ALAW"
    )
    wave = io.BytesIO()
    soundfile.write(wave, samples, rate, format="WAV", subtype="PCM_16")
    return wave.getvalue()


def _high_passed(samples: Samples) -> Samples:
    """A linear-phase filter, after resampling: there it is the same, and a third of the work."""
    # Whole kilosamples: a Fourier transform of a length with large prime factors takes ten times as long.
    length = -(-(len(samples) + _HIGH_PASS_TAPS) // 1024) * 1024
    spectrum = np.fft.rfft(samples, length) * np.fft.rfft(_HIGH_PASS, length)
    start = _HIGH_PASS_TAPS // 2
    filtered: Samples = np.fft.irfft(spectrum, length)[start : start + len(samples)].astype(np.float32)
    return filtered


def _levelled(samples: Samples) -> Samples:
    levelled: Samples = samples * (_PEAK / np.max(np.abs(samples)))
    return levelled


def _trimmed(samples: Samples) -> Samples:
    """Without the engine's own silence at both ends, but with room for the fades."""
    peak = np.max(np.abs(samples))
    if peak < _NOTHING:
        raise SpeechFailed("the speech engine said nothing: the sound is silent")
    loud = np.flatnonzero(np.abs(samples) > peak * _SPEECH_BEGINS)
    margin = _samples(_FADE)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def _faded(samples: Samples) -> Samples:
    ramp = np.linspace(0, 1, min(_samples(_FADE), len(samples)), dtype=np.float32)
    faded = samples.copy()
    faded[: len(ramp)] *= ramp
    faded[len(samples) - len(ramp) :] *= ramp[::-1]
    return faded


def _padded(samples: Samples) -> Samples:
    return np.pad(samples, (_samples(_LEAD_IN), _samples(_SENTENCE_PAUSE)))


def _encoded(samples: Samples) -> bytes:
    raw = io.BytesIO()
    soundfile.write(raw, samples, RATE, format="RAW", subtype="ALAW")
    return raw.getvalue()


def _framed(encoded: bytes) -> bytes:
    return encoded + _SILENCE * (-len(encoded) % FRAME)


def _samples(length: timedelta) -> int:
    return round(length.total_seconds() * RATE)


def _high_pass() -> Samples:
    """A windowed sinc (Blackman): an impulse less its low-pass."""
    at = np.arange(_HIGH_PASS_TAPS) - _HIGH_PASS_TAPS // 2
    low_pass = np.sinc(2 * _HIGH_PASS_HZ / RATE * at) * np.blackman(_HIGH_PASS_TAPS)
    taps = -low_pass / low_pass.sum()
    taps[_HIGH_PASS_TAPS // 2] += 1
    high_pass: Samples = taps.astype(np.float32)
    return high_pass


_HIGH_PASS = _high_pass()
