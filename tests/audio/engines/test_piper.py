from pathlib import Path

import pytest

from audio.engines.piper import Piper
from audio.speech import SpeechFailed
from tests.support.speech_programs import piper, piper_voice, program


def test_a_missing_program_tells_how_to_install_it(tmp_path: Path) -> None:
    assert "pip install piper-tts" in (Piper(piper_voice(tmp_path), command="no-piper").check() or "")


def test_a_missing_voice_file_is_told(tmp_path: Path) -> None:
    engine = Piper(tmp_path / "none.onnx", command=piper(tmp_path))

    assert "none.onnx cannot be read (No such file" in (engine.check() or "")


def test_a_voice_without_its_description_is_told(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    model.with_name(f"{model.name}.json").unlink()

    assert "copy it beside the voice" in (Piper(model, command=piper(tmp_path)).check() or "")


def test_what_the_program_complains_of_is_told(tmp_path: Path) -> None:
    failing = program(tmp_path, "piper", "cat >/dev/null; echo 'Traceback' >&2; echo 'ValueError: bad net' >&2; exit 1")

    with pytest.raises(SpeechFailed, match=r"failed with code 1 \(ValueError: bad net\)"):
        Piper(piper_voice(tmp_path), command=failing).synthesise("raz")


def test_a_text_of_several_lines_is_one_text(tmp_path: Path) -> None:
    engine = Piper(piper_voice(tmp_path), command=piper(tmp_path))

    assert len(engine.synthesise("raz\ndwa").samples) == len(engine.synthesise("raz dwa").samples)


def test_a_slower_voice_takes_longer(tmp_path: Path) -> None:
    model, command = piper_voice(tmp_path), piper(tmp_path)
    slow, plain = Piper(model, length_scale=1.5, command=command), Piper(model, command=command)

    assert len(slow.synthesise("raz").samples) > 1.4 * len(plain.synthesise("raz").samples)
    assert slow.voice != plain.voice


def test_another_voice_file_under_the_same_name_is_another_sound(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    before = Piper(model).version
    model.write_bytes(b"another network")

    assert Piper(model).version != before
