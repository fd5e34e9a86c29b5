"""Are people known again by their chords?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import chords, hearing
from lab.hearing import FRAME, RATE

SECOND = timedelta(seconds=1)


def test_everybody_is_known_by_every_single_packet(tmp_path: Path) -> None:
    """What the carrier plays is A-law, 20 ms in each packet."""
    for who in range(len(chords.CHORDS)):
        chords.write(tmp_path, who, SECOND)
        assert set(chords.heard(hearing.message(tmp_path / f"{chords.sound(who)}.alaw"))) == {who}


@given(who=st.integers(0, len(chords.CHORDS) - 1), lost=st.lists(st.integers(0, 49), max_size=25, unique=True))
def test_frames_that_a_busy_machine_loses_make_nobody_another(who: int, lost: list[int]) -> None:
    frames = chords.samples(who, SECOND).reshape(-1, FRAME)
    left = np.delete(frames, lost, axis=0).ravel()
    assert chords.durations(left) == {who: (50 - len(lost)) * SECOND / 50}


@given(st.integers(0, len(chords.CHORDS) - 1), st.integers(0, len(chords.CHORDS) - 1))
def test_two_who_speak_at_once_are_neither(one: int, other: int) -> None:
    if len({*chords.CHORDS[one], *chords.CHORDS[other]}) > 2:
        both = chords.samples(one, SECOND) + chords.samples(other, SECOND)
        assert not chords.durations(both)


@pytest.mark.parametrize("hertz", [700, 1000, 1300, 1600])
def test_an_agents_voice_is_nobodys_chord(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    assert not chords.durations(np.asarray(tone))


def test_silence_and_noise_are_nobodys() -> None:
    assert not chords.durations(np.zeros(RATE))
    assert not chords.durations(np.random.default_rng(1).normal(0, 0.1, 10 * RATE))
