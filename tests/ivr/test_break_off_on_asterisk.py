"""Does a real Asterisk let go of a clip at once, at whatever moment it is told to?"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from audio import render
from audio.engines.espeak import EspeakNg
from ivr.server import FastAGIServer
from ivr.session import Clip, EndedBy, How
from lab import hearing
from lab.carrier import Manner
from lab.laboratory import Laboratory
from tests.support.asterisk_call import CALLEE, play

pytestmark = pytest.mark.lab

MS = timedelta(milliseconds=1)
SAMPLE = timedelta(seconds=1) / hearing.RATE
AT_ONCE = 250 * MS  # on a machine that others use too; it takes a millisecond
SOON = 500 * MS  # it may have to be asked again
WORDS = (
    "Dzień dobry.",
    "Proszę zapamiętać numer: jeden, trzy, siedem, dwa, pięć.",
    "Właśnie otrzymaliśmy wiadomość. Dziękujemy. Do widzenia.",
)


@dataclass(frozen=True, slots=True)
class Spoken:
    clip: Clip
    sound: hearing.Samples


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spoken, ...]:
    """Greeting, body, farewell."""
    folder = tmp_path_factory.mktemp("spoken")
    return tuple(_speak(folder / str(place), words) for place, words in enumerate(WORDS))


def _speak(path: Path, words: str) -> Spoken:
    file = path.with_suffix(render.SUFFIX)
    audio = render.alaw(EspeakNg().synthesise(words))
    file.write_bytes(audio)
    return Spoken(Clip(str(path), render.duration(len(audio))), hearing.message(file))


@dataclass(slots=True)
class BreakOff:
    """Breaks a message off, so long after its first clip was asked for; ``answers`` are the server's."""

    after: timedelta
    farewell: Clip
    times: int = 1
    answers: list[bool] = field(default_factory=list)
    waited: timedelta = timedelta()

    def __call__(self, server: FastAGIServer, call: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.after.total_seconds(), self._now, server, call, loop.time())

    def _now(self, server: FastAGIServer, call: str, began: float) -> None:
        self.waited = timedelta(seconds=asyncio.get_running_loop().time() - began)
        self.answers += [server.break_off(call, (self.farewell,)) for _ in range(self.times)]


async def test_in_the_middle_of_a_sentence_the_callee_hears_the_farewell_at_once(
    laboratory: Laboratory, spoken: tuple[Spoken, ...]
) -> None:
    hello, body, bye = spoken
    breaks = BreakOff(hello.clip.length + timedelta(seconds=2), bye.clip)
    played = await play(laboratory, (hello.clip, body.clip), manner=Manner(is_recording=True), meanwhile=breaks)
    assert breaks.answers == [True]
    assert (played.outcome.how, played.outcome.ended_by) == (How.PART, EndedBy.BREAK_OFF)
    assert abs(played.outcome.heard - breaks.waited) < AT_ONCE
    assert abs(played.listened - (breaks.waited + bye.clip.length)) < 2 * AT_ONCE

    recording = hearing.recording(laboratory.heard(CALLEE))
    played_of_body = played.outcome.heard - hello.clip.length
    margin = int(AT_ONCE / SAMPLE)
    reached = int(played_of_body / SAMPLE)
    for sound in (hello.sound, body.sound[: reached - margin], bye.sound):
        assert hearing.share_heard(recording, sound) >= hearing.HEARD
    assert hearing.share_heard(recording, body.sound[reached + margin :]) < hearing.HEARD

    began = hearing.begins_at(recording, body.sound[: reached - margin])
    silence = (hearing.begins_at(recording, bye.sound) - began) * SAMPLE - played_of_body
    sys.stdout.write(f"from the break-off to the farewell at the callee: {silence / MS:+.0f} ms\n")
    assert abs(silence) < AT_ONCE  # less than none: frames of the message were lost


MOMENTS = ("at once", "before the greeting ends", "as the greeting ends", "before the end", "at the end")


@pytest.mark.parametrize("moment", MOMENTS)
async def test_no_moment_is_wrong(laboratory: Laboratory, spoken: tuple[Spoken, ...], moment: str) -> None:
    hello, body, bye = (each.clip for each in spoken)
    whole = hello.length + body.length
    after = dict(zip(MOMENTS, (0 * MS, hello.length - 2 * MS, hello.length, whole - 2 * MS, whole), strict=True))
    breaks = BreakOff(after[moment], bye, times=2)
    played = await play(laboratory, (hello, body), meanwhile=breaks)
    assert breaks.answers in ([True, False], [False, False]), "it is broken off once"
    assert played.outcome.ended_by is (EndedBy.US if played.outcome.how is How.WHOLE else EndedBy.BREAK_OFF)
    assert _is_near(played.outcome.heard, breaks.waited)
    said = bye.length if breaks.answers[0] else timedelta()
    assert _is_near(played.listened, played.outcome.heard + said)


async def test_a_callee_may_leave_at_the_same_moment(laboratory: Laboratory, spoken: tuple[Spoken, ...]) -> None:
    hello, body, bye = (each.clip for each in spoken)
    breaks = BreakOff(timedelta(seconds=1.5), bye)
    played = await play(laboratory, (hello, body), "human/0/hangup@1.5s", meanwhile=breaks)
    assert played.outcome.how is How.PART
    assert played.outcome.ended_by in (EndedBy.CALLEE, EndedBy.BREAK_OFF)
    assert _is_near(played.outcome.heard, breaks.after)


async def test_a_callee_may_leave_while_the_farewell_is_said(
    laboratory: Laboratory, spoken: tuple[Spoken, ...]
) -> None:
    hello, body, bye = (each.clip for each in spoken)
    breaks = BreakOff(timedelta(seconds=0.5), bye)
    played = await play(laboratory, (hello, body), "human/0/hangup@1.5s", meanwhile=breaks)
    assert (played.outcome.how, played.outcome.ended_by) == (How.PART, EndedBy.BREAK_OFF)
    assert _is_near(played.outcome.heard, breaks.waited)


def _is_near(one: timedelta, other: timedelta) -> bool:
    return abs(one - other) < SOON
