"""How does a recording of a person become a phrase? From WAV, MP3, FLAC or OGG.

Resampled, high-passed, levelled and cut like synthesised speech, so that both join without a step in loudness.
"""

import io
from datetime import timedelta

import numpy as np
import soundfile

from audio import render
from audio.speech import Sound, SpeechFailed

LONGEST = timedelta(seconds=60)
SHORTEST = timedelta(milliseconds=100)
_KINDS = ("WAV", "WAVEX", "MP3", "MPEG", "FLAC", "OGG")
_RATES = range(8_000, 192_001)
_MOST_CHANNELS = 2


class NotRecorded(ValueError):
    """An upload that is no recording of a phrase; the message says what to send instead."""


def recorded(upload: bytes) -> bytes:
    """The recording as whole frames of 8 kHz A-law; NotRecorded if it is none, silent, too short or too long."""
    try:
        with soundfile.SoundFile(io.BytesIO(upload)) as file:
            _check(file)
            # One frame more than may be: what a file claims of its length need not be true.
            samples = file.read(int(LONGEST.total_seconds() * file.samplerate) + 1, dtype="float32", always_2d=True)
            length = timedelta(seconds=len(samples) / file.samplerate)
            if length > LONGEST:
                raise NotRecorded(f"the recording is longer than {LONGEST.seconds} s: a phrase is a sentence or two")
            if length < SHORTEST:
                raise NotRecorded("the recording is empty, or cut off: send the whole file")
            sound = Sound(np.mean(samples, axis=1), file.samplerate)
    except soundfile.LibsndfileError as reason:
        raise NotRecorded(f"the file cannot be read ({reason.error_string}): send WAV, MP3, FLAC or OGG") from reason
    if not np.all(np.isfinite(sound.samples)):
        raise NotRecorded("the recording has samples that are no numbers: export it again")
    try:
        return render.alaw(sound)
    except SpeechFailed as reason:
        raise NotRecorded("the recording is silent: check the microphone and send it again") from reason


def _check(file: soundfile.SoundFile) -> None:
    if file.format not in _KINDS:
        raise NotRecorded(f"{file.format} is not taken: send WAV, MP3, FLAC or OGG")
    if file.samplerate not in _RATES:
        raise NotRecorded(f"{file.samplerate} samples per second: send 8,000 to 192,000")
    if file.channels > _MOST_CHANNELS:
        raise NotRecorded(f"{file.channels} channels: send one or two")
