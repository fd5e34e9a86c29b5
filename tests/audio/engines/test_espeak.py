import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from audio.engines.espeak import EspeakNg
from audio.speech import SpeechFailed
from lab.process import wait_until

SOON = timedelta(seconds=10)


def program(folder: Path, script: str) -> str:
    """A stand-in for the command."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return os.fspath(path)


def is_running(pid: Path) -> bool:
    """Whether the process is there whose number is in that file; one that only waits to be buried is not."""
    try:
        return Path(f"/proc/{int(pid.read_text())}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (OSError, ValueError):
        return False


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


def test_an_engine_that_is_given_up_leaves_nothing_behind_that_it_has_started(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(SpeechFailed, match="said nothing within 1 s"):
        EspeakNg(command=program(tmp_path, script), time_limit=timedelta(seconds=1)).synthesise("raz")

    assert wait_until(lambda: not is_running(tmp_path / "pid"), SOON)


def test_an_engine_that_dies_while_it_speaks_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed, match="failed with code -9"):
        EspeakNg(command=program(tmp_path, "cat > /dev/null; printf RIFF; kill -9 $$")).synthesise("raz")


@pytest.mark.parametrize(
    "script",
    [
        "echo $$ > {pid}; while echo RIFF; do sleep 0.05; done",
        "echo $$ > {pid}; exec sleep 60",
        "sleep 60 & echo $! > {pid}; wait",
    ],
    ids=["it writes on", "it hangs", "what it has started hangs"],
)
def test_a_killed_dialer_leaves_no_engine_behind(tmp_path: Path, script: str) -> None:
    speaks_on = program(tmp_path, script.format(pid=tmp_path / "pid"))
    asks = "import sys; from audio.engines.espeak import EspeakNg; EspeakNg(command=sys.argv[1]).synthesise('raz')"
    with subprocess.Popen([sys.executable, "-c", asks, speaks_on]) as dialer:
        try:
            assert wait_until(lambda: is_running(tmp_path / "pid"), SOON)
        finally:
            dialer.kill()

    assert wait_until(lambda: not is_running(tmp_path / "pid"), SOON)


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
