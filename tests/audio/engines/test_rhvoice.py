from pathlib import Path

import pytest

from audio.engines.rhvoice import RHVoice
from audio.speech import SpeechFailed
from tests.support.speech_programs import program


def voices(folder: Path) -> Path:
    (folder / "voices" / "alicja").mkdir(parents=True)
    (folder / "voices" / "alicja" / "voice.info").write_text("name=Alicja\nrevision=1\n")
    return folder / "voices"


def test_a_missing_program_tells_how_to_install_it() -> None:
    assert "apt install rhvoice rhvoice-polish" in (RHVoice("alicja", command="no-rhvoice").check() or "")


def test_a_voice_that_it_does_not_know_is_refused_though_the_program_would_speak_with_another(tmp_path: Path) -> None:
    engine = RHVoice("Zofia", voices=voices(tmp_path), command=program(tmp_path, "RHVoice-test", "cat >/dev/null"))

    assert "has no voice zofia" in (engine.check() or "")
    assert "there are: alicja" in (engine.check() or "")
    with pytest.raises(SpeechFailed, match="no voice zofia"):
        engine.synthesise("raz")


def test_without_any_voice_the_package_is_named(tmp_path: Path) -> None:
    engine = RHVoice("alicja", voices=tmp_path / "none", command=program(tmp_path, "RHVoice-test", "true"))

    assert "there are none; install it" in (engine.check() or "")


def test_a_program_that_fails_is_told_without_the_words(tmp_path: Path) -> None:
    script = 'echo "cannot say: $(cat)" >&2; exit 1'
    engine = RHVoice("alicja", voices=voices(tmp_path), command=program(tmp_path, "RHVoice-test", script))

    with pytest.raises(SpeechFailed, match=r"failed with code 1 \(cannot say: …\); try: echo raz") as failure:
        engine.synthesise("Jan Kowalski")
    assert "Kowalski" not in str(failure.value)


def test_another_revision_of_a_voice_is_another_sound(tmp_path: Path) -> None:
    folder = voices(tmp_path)
    before = RHVoice("alicja", voices=folder).version
    (folder / "alicja" / "voice.info").write_text("name=Alicja\nrevision=2\n")

    assert RHVoice("alicja", voices=folder).version != before
    assert RHVoice("alicja").voice != RHVoice("alicja", rate=90).voice
