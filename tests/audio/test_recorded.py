import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from audio import render
from audio.engines.tone import Tones
from audio.recorded import NotRecorded, recorded
from audio.speech import Samples
from tests.audio.listening import likeness, samples_of

SPEECH = Tones().synthesise("Dzień dobry, tu infolinia.")


def file(kind: str = "WAV", samples: Samples = SPEECH.samples, rate: int = SPEECH.rate) -> bytes:
    held = io.BytesIO()
    soundfile.write(held, samples, rate, format=kind)
    return held.getvalue()


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG"])
def test_a_recording_sounds_as_what_an_engine_says(kind: str) -> None:
    audio = recorded(file(kind))

    assert likeness(samples_of(audio), samples_of(render.alaw(SPEECH))) > 0.9
    assert render.is_whole(len(audio))


@pytest.mark.parametrize("loudness", [0.01, 0.3, 1.9])
def test_every_recording_is_as_loud_as_the_others(loudness: float) -> None:
    peak = np.max(np.abs(samples_of(recorded(file("FLAC", np.clip(SPEECH.samples * loudness, -1, 1))))))

    assert peak == pytest.approx(10 ** (-3 / 20), rel=0.05)


def test_two_channels_become_one() -> None:
    both = np.stack([SPEECH.samples, SPEECH.samples], axis=1)

    assert recorded(file("WAV", both)) == recorded(file("WAV"))


@pytest.mark.parametrize(
    ("upload", "problem"),
    [
        (b"", "cannot be read"),
        (b"<html>not a sound</html>", "cannot be read"),
        (file()[:30], "cannot be read|cut off"),
        (file("AIFF"), "AIFF is not taken"),
        (file(samples=np.zeros(16_000, np.float32)), "silent"),
        (file(samples=SPEECH.samples[:10]), "cut off"),
        (file(samples=np.tile(SPEECH.samples, 40)), "longer than 60 s"),
        (file(samples=np.stack([SPEECH.samples] * 3, axis=1)), "3 channels"),
        (file(rate=4000), "4000 samples per second"),
    ],
)
def test_what_is_no_recording_of_a_phrase_is_told(upload: bytes, problem: str) -> None:
    with pytest.raises(NotRecorded, match=problem):
        recorded(upload)


def test_a_file_that_lies_about_its_length_is_read_as_far_as_it_goes() -> None:
    honest = file()
    lying = honest[:40] + struct.pack("<I", 1 << 31) + honest[44:]

    assert recorded(lying) == recorded(honest)


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_a_recording_or_refused(upload: bytes) -> None:
    with pytest.raises(NotRecorded):
        recorded(b"RIFF" + upload)
