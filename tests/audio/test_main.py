import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from audio.__main__ import main, say, words
from audio.engines.tone import Tones
from audio.grammar import Language
from tests.audio.listening import likeness, samples_of

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def test_every_line_gets_its_words() -> None:
    out, err = io.StringIO(), io.StringIO()

    code = words(["amount_PLN\t153.20\n", "phone\t+48281234567:mobile\r\n"], out, err)

    assert (code, err.getvalue()) == (0, "")
    assert out.getvalue().splitlines() == [
        "sto pięćdziesiąt trzy złote dwadzieścia groszy",
        "dwa osiem jeden, dwa trzy cztery, pięć sześć siedem",
    ]


def test_a_line_that_cannot_be_said_keeps_its_place() -> None:
    out, err = io.StringIO(), io.StringIO()

    assert words(["days\tx\n", "days\t2\n"], out, err) == 1
    assert out.getvalue() == "\ndwa dni\n"
    assert err.getvalue().startswith("line 1: 'x' is not spoken as days")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("amount_PLN\t1,5\n", "written as 153.20"),
        ("phone\t+48281234567\n", "written as +48281234567:mobile, the kind one of "),
        ("hours\t8\n", "written as 08:00-18:00"),
    ],
)
def test_what_a_value_should_look_like_is_told(line: str, reason: str) -> None:
    out, err = io.StringIO(), io.StringIO()

    assert words([line], out, err) == 1
    assert reason in err.getvalue()


def test_a_file_that_begins_as_spreadsheets_write_it_is_read() -> None:
    out, err = io.StringIO(), io.StringIO()

    assert (words(["\ufeffdays\t2\n"], out, err), out.getvalue()) == (0, "dwa dni\n")


def test_an_empty_line_stays_empty() -> None:
    out, err = io.StringIO(), io.StringIO()

    assert words(["days\t1\n", "\r\n", "days\t2\n"], out, err) == 0
    assert (out.getvalue(), err.getvalue()) == ("jeden dzień\n\ndwa dni\n", "")


def test_words_are_utf_8_whatever_the_locale_is() -> None:
    locale = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}
    lines = "company\tŻabka\n".encode() + b"company\t\xff\n" + b"days\t6\n"
    done = subprocess.run(
        [sys.executable, "-m", "audio", "words"], input=lines, capture_output=True, timeout=30, env=locale, check=False
    )

    assert done.stdout.decode().splitlines() == ["Żabka", "", "sześć dni"]
    assert done.stderr.decode().startswith("line 2: ")


def test_whoever_has_heard_enough_ends_it_without_a_traceback() -> None:
    lines = "days\t21\n" * 20_000
    command = f"{sys.executable} -m audio words | head -n 1"
    done = subprocess.run(["bash", "-c", command], input=lines, capture_output=True, text=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == ("dwadzieścia jeden dni\n", "")


def test_words_work_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "audio", "words"],
        input="days\t21\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "dwadzieścia jeden dni\n"


@needs_espeak
def test_a_text_is_spoken_into_both_formats_alike(tmp_path: Path) -> None:
    wave, alaw = tmp_path / "a.wav", tmp_path / "a.alaw"

    assert main(["say", "Dzień dobry. Dzwonimy.", "-o", str(wave)]) == 0
    assert main(["say", "Dzień dobry. Dzwonimy.", "-o", str(alaw)]) == 0

    samples, rate = soundfile.read(wave)
    assert rate == 8000
    assert likeness(samples, samples_of(alaw.read_bytes())) > 0.999


def test_another_ending_is_refused(tmp_path: Path) -> None:
    err = io.StringIO()

    assert say("Dzień dobry.", tmp_path / "a.mp3", err, Tones()) == 1
    assert "must end in .wav or .alaw" in err.getvalue()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    err = io.StringIO()

    assert say("Dzień dobry.", tmp_path / "missing" / "a.wav", err, Tones()) == 1
    assert err.getvalue() == f"{tmp_path}/missing/a.wav cannot be written: No such file or directory\n"


def test_words_can_be_english() -> None:
    out = io.StringIO()

    assert words(["days\t2\n"], out, io.StringIO(), Language.ENGLISH) == 0
    assert out.getvalue() == "two days\n"


def test_nothing_cannot_be_spoken(tmp_path: Path) -> None:
    err = io.StringIO()

    assert say(" ", tmp_path / "a.wav", err, Tones()) == 1
    assert err.getvalue() == "there is nothing to say\n"


def test_every_voice_and_language_has_its_own_sound(tmp_path: Path) -> None:
    sounds = []
    for flags in ([], ["--voice", "pl-voice-b"], ["--lang", "en"]):
        file = tmp_path / "a.alaw"
        assert main(["say", "Raz.", "-o", str(file), "--engine", "tone", *flags]) == 0
        sounds.append(file.read_bytes())

    assert len(set(sounds)) == 3


def test_a_voice_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["say", "Raz.", "-o", str(tmp_path / "a.wav"), "--voice", "pl-voice-z"]) == 1
    assert capsys.readouterr().err == "there is no voice 'pl-voice-z'; there are: pl-voice-a, pl-voice-b, en-voice-a\n"


def test_the_voices_are_listed_with_what_they_lack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "voices.json"
    own.write_text('{"pl-anna": {"engine": "piper", "language": "pl", "model": "no.onnx", "command": "no-piper"}}')

    assert main(["voices", "--voices", str(own)]) == 0
    assert main(["voices", "--voices", str(tmp_path / "none.json")]) == 1
    told = capsys.readouterr()
    assert "pl-anna\tpl\tno-piper is not installed: install it (pip install piper-tts)" in told.out
    assert "No such file" in told.err
