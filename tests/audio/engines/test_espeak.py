import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from audio.engines.espeak import EspeakNg
from audio.speech import SpeechFailed


def program(folder: Path, script: str) -> str:
    """A stand-in for the command."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return os.fspath(path)


def test_a_missing_program_tells_how_to_install_it() -> None:
    engine = EspeakNg(command="espeak-that-is-not-there")

    assert "apt install espeak-ng" in (engine.check() or "")
    with pytest.raises(SpeechFailed, match="apt install espeak-ng"):
        engine.synthesise("raz")
    with pytest.raises(SpeechFailed, match="apt install espeak-ng"):
        _ = engine.version


def test_a_missing_voice_is_told(tmp_path: Path) -> None:
    engine = EspeakNg(command=program(tmp_path, "echo 'The specified espeak-ng voice does not exist.' >&2; exit 1"))

    assert "voice does not exist" in (engine.check() or "")


def test_an_engine_that_hangs_is_given_up(tmp_path: Path) -> None:
    engine = EspeakNg(command=program(tmp_path, "exec sleep 60"), time_limit=timedelta(milliseconds=100))

    with pytest.raises(SpeechFailed, match=r"said nothing within 0\.1 s"):
        engine.synthesise("raz")


@pytest.mark.parametrize(("script", "reason"), [("true", "made no sound"), ("echo noise", "no readable sound")])
def test_an_engine_that_writes_no_sound_is_told(tmp_path: Path, script: str, reason: str) -> None:
    with pytest.raises(SpeechFailed, match=reason):
        EspeakNg(command=program(tmp_path, f"cat > /dev/null; {script}")).synthesise("raz")


def test_an_engine_that_does_not_read_the_text_is_no_riddle(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed, match="made no sound"):
        EspeakNg(command=program(tmp_path, "true")).synthesise("raz " * 100_000)


def test_an_engine_that_does_not_tell_its_version_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed, match="does not tell its version"):
        _ = EspeakNg(command=program(tmp_path, "echo unknown")).version


def test_no_failure_repeats_what_was_to_be_said(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed) as failure:
        EspeakNg(command=program(tmp_path, "cat > /dev/null; exit 3")).synthesise("Jan Kowalski")
    assert "Kowalski" not in str(failure.value)


def test_speed_and_voice_are_part_of_what_identifies_the_sound() -> None:
    assert len({EspeakNg().voice, EspeakNg(words_per_minute=120).voice, EspeakNg(language="pl+f2").voice}) == 3
