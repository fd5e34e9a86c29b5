"""Is a recording told from another message, from a piece of it, and from mere noise, be the machine ever so busy?"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import render
from audio.engines.espeak import EspeakNg
from audio.sentences import sentences
from lab.hearing import FRAME, HEAD, HEARD, RATE, Samples, begins_at, message, recording, share_heard

TEMPLATE = (
    "Dzwonimy z firmy Energia Przykładowa. Ta wiadomość jest przeznaczona dla {whom}. Do zapłaty pozostało {amount}. "
    "Przy kontakcie prosimy podać numer: {number}. Prosimy oddzwonić. Dziękujemy."
)
ANNA = {
    "whom": "pani Anny Nowak",
    "amount": "sto pięć złotych",
    "number": "osiem dziewięć cztery, siedem siedem cztery",
}
JAN = {"whom": "pana Jana Lisa", "amount": "dwa tysiące złotych", "number": "osiem zero cztery, pięć jeden trzy"}


@cache
def synthesised(sentence: str) -> Samples:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sentence.alaw"
        file.write_bytes(render.alaw(EspeakNg().synthesise(sentence)))
        return message(file)


def spoken(**of_whom: str) -> Samples:
    """Sentence by sentence, as the engine does it: those that two messages share are the same to the sample."""
    return np.concatenate([synthesised(each) for each in sentences(TEMPLATE.format(**of_whom))])


@pytest.fixture(scope="module")
def own() -> Samples:
    return spoken(**ANNA)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE))


def recorded(*parts: Samples) -> Samples:
    return np.concatenate([silence(1.3), *parts, silence(0.5)])


def stalled(own: Samples, stalls: Iterable[tuple[float, float]]) -> Samples:
    """With a silence put in at each of those places, from 0 to 1, of so many seconds."""
    pieces, last = [], 0
    for place, seconds in sorted(stalls):
        at = round(place * len(own))
        pieces += [own[last:at], silence(seconds)]
        last = at
    return recorded(*pieces, own[last:])


def without_frames(own: Samples, lost: Iterable[int]) -> Samples:
    frames = own[: len(own) // FRAME * FRAME].reshape(-1, FRAME)
    return recorded(np.delete(frames, list(lost), axis=0).ravel())


# ---- it was heard --------------------------------------------------------------------------------


def test_a_message_is_heard_wherever_it_begins(own: Samples) -> None:
    assert share_heard(recorded(own), own) == 1.0
    assert begins_at(recorded(own), own) == len(silence(1.3))


def test_a_message_shorter_than_a_passage_is_heard() -> None:
    thanks = synthesised("Dziękujemy.")
    assert share_heard(recorded(thanks), thanks) == 1.0


def test_a_quieter_line_is_no_other_message(own: Samples) -> None:
    assert share_heard(own * 0.2, own) == 1.0


@pytest.mark.parametrize(
    "stalls",
    [
        [(0.5, 0.02)],
        [(0.03, 0.26)],
        [(0.5, 0.26)],
        [(0.97, 0.26)],
        [(0.3, 0.2), (0.7, 0.2)],
        [(0.2, 0.26), (0.4, 0.26), (0.6, 0.26), (0.8, 0.26)],
        [(n / 11, 0.02) for n in range(1, 11)],
    ],
)
def test_a_machine_that_stalls_does_not_hide_the_message(own: Samples, stalls: list[tuple[float, float]]) -> None:
    assert share_heard(stalled(own, stalls), own) >= HEARD


@settings(max_examples=20, deadline=None)
@given(place=st.floats(0.02, 0.98), length=st.floats(0, 0.4))
def test_a_stall_anywhere_spoils_no_more_than_its_own_place(own: Samples, place: float, length: float) -> None:
    assert share_heard(stalled(own, [(place, length)]), own) > 0.8


def test_lost_frames_do_not_hide_the_message(own: Samples) -> None:
    lost = np.random.default_rng(3).choice(len(own) // FRAME, len(own) // FRAME // 100, replace=False)
    assert share_heard(without_frames(own, lost), own) >= HEARD


def test_frames_lost_in_a_row_do_not_hide_the_message(own: Samples) -> None:
    assert share_heard(without_frames(own, range(300, 310)), own) >= HEARD


def test_a_recording_that_stutters_all_the_time_holds_the_message(own: Samples, tmp_path: Path) -> None:
    file = tmp_path / "stuttering.wav"
    soundfile.write(file, stalled(own, [(n / 200, 0.02 + 0.7 * (n == 90)) for n in range(1, 200)]), RATE)
    assert share_heard(recording(file), own) == 1.0


# ---- it was not ----------------------------------------------------------------------------------


def test_the_message_of_another_debtor_is_far_from_being_the_message(own: Samples) -> None:
    other = spoken(**JAN)
    assert share_heard(recorded(other), own) < 0.1
    assert share_heard(recorded(own), other) < 0.1


@pytest.mark.parametrize("what", ["whom", "amount", "number"])
def test_a_message_with_the_name_the_amount_or_the_number_of_another_is_not_the_message(
    own: Samples, what: str
) -> None:
    other = spoken(**ANNA | {what: JAN[what]})
    assert share_heard(recorded(other), own) < HEARD
    assert share_heard(recorded(own), other) < HEARD


def test_a_machine_that_stalls_makes_no_message_of_another(own: Samples) -> None:
    assert share_heard(stalled(spoken(**JAN), [(0.2, 0.26), (0.5, 0.26), (0.8, 0.26)]), own) < 0.1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_message_cut_short_is_not_the_message(own: Samples, share: float) -> None:
    cut = round(share * len(own))
    assert share_heard(recorded(own[:cut]), own) < HEARD
    assert share_heard(recorded(own[-cut:]), own) < HEARD


def test_a_message_with_a_word_left_out_is_not_the_message(own: Samples) -> None:
    middle = len(own) // 2
    assert share_heard(recorded(own[:middle], own[middle + 3 * RATE // 2 :]), own) < HEARD


def test_a_message_that_falls_silent_for_seconds_is_not_the_message(own: Samples) -> None:
    assert share_heard(stalled(own, [(0.5, 2)]), own) < HEARD


def test_sentences_in_another_order_are_not_the_message(own: Samples) -> None:
    middle = len(own) // 2
    assert share_heard(recorded(own[middle:], own[:middle]), own) < HEARD


def test_noise_is_no_message(own: Samples) -> None:
    assert share_heard(np.random.default_rng(1).normal(0, 0.1, len(own) * 2), own) == 0.0


@pytest.mark.parametrize("seconds", [0, 0.01, 3])
def test_silence_is_no_message(own: Samples, seconds: float) -> None:
    assert share_heard(silence(seconds), own) == 0.0
    assert share_heard(own, silence(seconds)) == 0.0


def test_a_recording_at_another_rate_is_not_compared(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "wide.wav", np.zeros(100), 16000)
    with pytest.raises(ValueError, match="16000"):
        recording(tmp_path / "wide.wav")


def test_a_recording_that_is_being_ended_is_waited_for(tmp_path: Path) -> None:
    whole, growing = tmp_path / "whole.wav", tmp_path / "growing.wav"
    soundfile.write(whole, np.full(RATE, 0.5), RATE)
    unfinished = bytearray(whole.read_bytes())
    unfinished[HEAD - 4 : HEAD] = bytes(4)
    growing.write_bytes(unfinished)
    with ThreadPoolExecutor(1) as recorder:
        heard = recorder.submit(recording, growing)
        assert not heard.done()
        growing.write_bytes(whole.read_bytes())
        assert len(heard.result()) == RATE
