"""Is a recording told from another message, from a piece of it, and from mere noise?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import render
from audio.engines.espeak import EspeakNg
from lab.hearing import HEARD, RATE, Samples, message, recording, share_heard

OWN = "Sprawa numer sto dwadzieścia trzy, czterysta pięć. Prosimy oddzwonić. Dziękujemy."
OTHER = "Sprawa numer sześćset siedem, osiemset dziewięć. Prosimy oddzwonić. Dziękujemy."


def spoken(text: str, folder: Path) -> Samples:
    file = folder / "spoken.alaw"
    file.write_bytes(render.alaw(EspeakNg().synthesise(text)))
    return message(file)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return spoken(OWN, tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return spoken(OTHER, tmp_path_factory.mktemp("other"))


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE))


def test_a_message_is_heard_wherever_it_begins(own: Samples) -> None:
    assert share_heard(np.concatenate([silence(1.3), own, silence(0.5)]), own) == 1.0


def test_a_quieter_line_is_no_other_message(own: Samples) -> None:
    assert share_heard(own * 0.2, own) == 1.0


def test_a_frame_that_a_busy_machine_lost_does_not_hide_the_message(own: Samples) -> None:
    lost = len(own) // 2
    slipped = np.concatenate([silence(0.5), own[:lost], own[lost + RATE // 50 :], silence(0.5)])
    assert share_heard(slipped, own) > 0.8


def test_the_message_of_another_debtor_is_not_the_message(own: Samples, other: Samples) -> None:
    assert share_heard(np.concatenate([silence(0.3), other]), own) < HEARD


def test_half_a_message_is_not_the_message(own: Samples) -> None:
    assert share_heard(own[: len(own) // 2], own) < HEARD


def test_sentences_in_another_order_are_not_the_message(own: Samples) -> None:
    middle = len(own) // 2
    assert share_heard(np.concatenate([own[middle:], own[:middle]]), own) < HEARD


def test_noise_is_no_message(own: Samples) -> None:
    assert share_heard(np.random.default_rng(1).normal(0, 0.1, len(own) * 2), own) == 0.0


@pytest.mark.parametrize("seconds", [0, 0.01, 3])
def test_silence_is_no_message(own: Samples, seconds: float) -> None:
    assert share_heard(silence(seconds), own) == 0.0


def test_a_recording_at_another_rate_is_not_compared(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "wide.wav", np.zeros(100), 16000)
    with pytest.raises(ValueError, match="16000"):
        recording(tmp_path / "wide.wav")
