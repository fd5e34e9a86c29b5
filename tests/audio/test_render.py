import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import render
from audio.speech import Sound, SpeechFailed
from tests.audio.listening import loudness_at, peak, samples_of

ENGINE_RATE = 22_050
FULL_SCALE_OF_3_DB = 10 ** (-3 / 20)


def tone(hertz: float, seconds: float = 1.0, level: float = 0.5, rate: int = ENGINE_RATE) -> Sound:
    at = np.arange(round(seconds * rate)) / rate
    return Sound((level * np.sin(2 * np.pi * hertz * at)).astype(np.float32), rate)


@pytest.mark.parametrize("level", [0.01, 0.5, 1.0])
def test_every_phrase_is_equally_loud_and_never_clipped(level: float) -> None:
    heard = samples_of(render.alaw(tone(1000, level=level)))

    # A-law keeps about five bits of a sample near full scale.
    assert peak(heard) == pytest.approx(FULL_SCALE_OF_3_DB, rel=0.03)


def test_a_phrase_lasts_as_long_as_the_speech_and_a_sentences_pause() -> None:
    phrase = render.alaw(tone(1000, seconds=1.0))

    assert render.duration(len(phrase)).total_seconds() == pytest.approx(1.0 + 0.02 + 0.3, abs=0.03)


def test_the_engines_own_silence_is_cut() -> None:
    speech, quiet = tone(1000), np.zeros(ENGINE_RATE, np.float32)
    padded = Sound(np.concatenate([quiet, speech.samples, quiet]), ENGINE_RATE)

    assert len(render.alaw(padded)) == pytest.approx(len(render.alaw(speech)), abs=render.FRAME)


def test_a_hiss_above_the_telephone_band_does_not_fold_into_it() -> None:
    speech, hiss = tone(1000), tone(6000)
    heard = samples_of(render.alaw(Sound(speech.samples + hiss.samples, ENGINE_RATE)))

    # 6 kHz would fold to 2 kHz. A-law's own noise lies at about -38 dB in all, far lower at one pitch.
    assert loudness_at(2000, heard) < loudness_at(1000, heard) * 10 ** (-60 / 20)


def test_rumble_below_the_telephone_band_is_cut() -> None:
    heard = samples_of(render.alaw(Sound(tone(1000).samples + tone(50).samples, ENGINE_RATE)))

    assert loudness_at(50, heard) < loudness_at(1000, heard) * 10 ** (-40 / 20)


def test_speech_within_the_telephone_band_passes_unchanged() -> None:
    heard = samples_of(render.alaw(Sound(tone(350).samples + tone(3000).samples, ENGINE_RATE)))

    assert loudness_at(350, heard) == pytest.approx(loudness_at(3000, heard), rel=0.05)


def test_phrases_join_without_a_click() -> None:
    # A tone that begins and ends at its peak would click if it were cut there.
    cosine = Sound(np.cos(2 * np.pi * 400 * np.arange(ENGINE_RATE) / ENGINE_RATE).astype(np.float32), ENGINE_RATE)
    phrase = render.alaw(cosine)
    heard = samples_of(render.joined([phrase, phrase]))

    steepest_of_the_tone = 2 * np.pi * 400 / render.RATE * FULL_SCALE_OF_3_DB
    assert np.max(np.abs(np.diff(heard))) < steepest_of_the_tone * 1.15


def test_joined_phrases_keep_their_pause() -> None:
    first, second = render.alaw(tone(1000)), render.alaw(tone(500))

    heard = samples_of(render.joined([first, second]))
    silent = np.abs(heard[len(first) - round(0.3 * render.RATE) : len(first)])

    assert len(heard) == len(first) + len(second)
    assert peak(silent) < 0.001


@given(st.integers(100, 5000), st.sampled_from([8000, 16_000, 22_050, 24_000, 48_000]))
def test_every_phrase_is_whole_frames_at_any_rate(length: int, rate: int) -> None:
    noise = np.random.default_rng(length).uniform(-1, 1, length).astype(np.float32)

    phrase = render.alaw(Sound(noise, rate))

    assert render.is_whole(len(phrase))
    assert peak(samples_of(phrase)) < 0.75


@pytest.mark.parametrize("size", [0, 1, 159, 161, 4096])
def test_an_empty_or_cut_file_is_told_by_its_size(size: int) -> None:
    assert not render.is_whole(size)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(ENGINE_RATE, np.float32)])
def test_silence_is_no_speech(samples: np.ndarray) -> None:
    with pytest.raises(SpeechFailed):
        render.alaw(Sound(samples, ENGINE_RATE))


def test_people_hear_in_a_wav_what_the_callee_hears() -> None:
    phrase = render.alaw(tone(1000))
    wave = render.as_wave(phrase)

    assert wave[:4] == b"RIFF"
    assert len(wave) == 44 + 2 * len(phrase)
