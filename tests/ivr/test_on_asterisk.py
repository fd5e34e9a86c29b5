"""Does a real Asterisk play, and fail to play, as the session believes it does?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from audio import render
from audio.engines.tone import Tones
from ivr.session import NOTHING, Clip, EndedBy, How, Outcome
from lab.laboratory import Laboratory
from tests.support.asterisk_call import play

pytestmark = pytest.mark.lab

NEARLY = timedelta(milliseconds=100)


def clip(folder: Path, name: str, words: str = "Halo, halo, to tylko próba dźwięku.") -> Clip:
    """A sound file that can be played."""
    audio = render.alaw(Tones().synthesise(words))
    (folder / f"{name}{render.SUFFIX}").write_bytes(audio)
    return Clip(str(folder / name), render.duration(len(audio)))


async def test_a_message_is_heard_to_its_end(laboratory: Laboratory, tmp_path: Path) -> None:
    clips = (clip(tmp_path, "first", "Dzień dobry."), clip(tmp_path, "second"))
    played = await play(laboratory, clips)
    total = clips[0].length + clips[1].length
    assert played.outcome == Outcome(total, total, How.WHOLE, EndedBy.US)
    assert abs(played.listened - total) < 2 * NEARLY


async def test_a_callee_who_leaves_has_heard_what_the_carrier_saw(laboratory: Laboratory, tmp_path: Path) -> None:
    clips = (clip(tmp_path, "first", "Dzień dobry."), clip(tmp_path, "second"))
    assert clips[0].length < timedelta(seconds=1.5) < clips[0].length + clips[1].length
    played = await play(laboratory, clips, "human/0/hangup@1.5s")
    assert (played.outcome.how, played.outcome.ended_by) == (How.PART, EndedBy.CALLEE)
    assert abs(played.outcome.heard - played.listened) < NEARLY


async def test_a_file_that_is_missing_is_our_failure(laboratory: Laboratory, tmp_path: Path) -> None:
    played = await play(laboratory, (Clip(str(tmp_path / "nowhere"), timedelta(seconds=2)),))
    assert played.outcome == Outcome(NOTHING, timedelta(seconds=2), How.NONE, EndedBy.FAILURE)
    assert played.listened < timedelta(seconds=1)


async def test_what_was_heard_before_a_missing_file_counts(laboratory: Laboratory, tmp_path: Path) -> None:
    first = clip(tmp_path, "first", "Dzień dobry.")
    played = await play(laboratory, (first, Clip(str(tmp_path / "nowhere"), timedelta(seconds=2))))
    assert (played.outcome.heard, played.outcome.how) == (first.length, How.PART)
    assert played.outcome.ended_by is EndedBy.FAILURE


async def test_a_file_that_was_cut_short_is_not_the_whole_message(laboratory: Laboratory, tmp_path: Path) -> None:
    whole = clip(tmp_path, "cut")
    file = tmp_path / f"cut{render.SUFFIX}"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    played = await play(laboratory, (whole,))
    assert (played.outcome.how, played.outcome.ended_by) == (How.PART, EndedBy.FAILURE)
    assert abs(played.outcome.heard - whole.length / 2) < NEARLY


@pytest.mark.parametrize("content", [b"", b"this is no sound"])
async def test_a_file_with_junk_in_it_is_not_the_message(
    laboratory: Laboratory, tmp_path: Path, content: bytes
) -> None:
    whole = clip(tmp_path, "junk")
    (tmp_path / f"junk{render.SUFFIX}").write_bytes(content)
    played = await play(laboratory, (whole,))
    assert played.outcome.how is not How.WHOLE
    assert played.outcome.ended_by is EndedBy.FAILURE
    assert played.outcome.heard < NEARLY
