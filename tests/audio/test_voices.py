from pathlib import Path

import pytest

from audio.engines.espeak import EspeakNg
from audio.engines.google import GoogleTranslate
from audio.engines.piper import Piper
from audio.engines.rhvoice import RHVoice
from audio.engines.tone import Tones
from audio.grammar import Language
from audio.voices import DEFAULT, ENGINES, Voice, VoiceProblem, Voices, voices


class Counted(Tones):
    """Tones that count how often they were asked whether they can speak."""

    def __init__(self, problem: str | None) -> None:
        super().__init__()
        self.problem, self.asked = problem, 0

    def check(self) -> str | None:
        self.asked += 1
        return self.problem


@pytest.mark.parametrize("engine", ENGINES)
def test_the_shipped_voices_have_the_same_names_whoever_speaks(engine: str) -> None:
    assert list(voices(engine)) == ["pl-voice-a", "pl-voice-b", "en-voice-a"]
    assert len({(voice.engine.name, voice.engine.voice) for voice in voices(engine).values()}) == 3
    assert DEFAULT in voices(engine)


def test_a_file_adds_voices_and_replaces_shipped_ones() -> None:
    there = voices(
        document="""{
            "pl-voice-a": {"engine": "rhvoice", "language": "pl", "voice": "Natan", "rate": 95},
            "pl-fast": {"engine": "espeak-ng", "language": "pl", "voice": "pl+m3", "words_per_minute": 180},
            "pl-anna": {"engine": "piper", "language": "pl", "model": "/srv/anna.onnx", "speaker": 2},
            "pl-online": {"engine": "gtts", "language": "pl", "texts_leave_the_machine": true}
        }"""
    )

    kinds = {name: type(voice.engine) for name, voice in there.items()}
    assert kinds == {
        "pl-voice-a": RHVoice, "pl-voice-b": EspeakNg, "en-voice-a": EspeakNg,
        "pl-fast": EspeakNg, "pl-anna": Piper, "pl-online": GoogleTranslate,
    }  # fmt: skip
    assert [name for name, voice in there.items() if voice.engine.is_online] == ["pl-online"]


def test_without_speech_the_voices_of_a_file_are_tones_too() -> None:
    own = voices("tone", '{"pl-anna": {"engine": "piper", "language": "pl", "model": "anna.onnx"}}')

    assert isinstance(own["pl-anna"].engine, Tones)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("[]", "the file: "),
        ('{"Anna": {"engine": "piper", "language": "pl", "model": "a"}}', "Anna"),
        ('{"a": {"engine": "siri", "language": "pl"}}', "a: "),
        ('{"a": {"engine": "piper", "language": "pl"}}', "a.piper.model: Field required"),
        ('{"a": {"engine": "espeak-ng", "language": "de", "voice": "de"}}', "a.espeak-ng.language"),
        ('{"a": {"engine": "espeak-ng", "language": "pl", "voice": "--help"}}', "a.espeak-ng.voice"),
        ('{"a": {"engine": "gtts", "language": "pl"}}', "a.gtts.texts_leave_the_machine: Field required"),
    ],
)
def test_a_file_that_describes_no_voices_is_told(document: str, problem: str) -> None:
    with pytest.raises(VoiceProblem) as refusal:
        voices(document=document)
    assert problem in str(refusal.value)


def test_a_voice_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(VoiceProblem, match="no voice 'x'; there are: pl-voice-a, pl-voice-b, en-voice-a"):
        _ = voices()["x"]


def test_whether_a_voice_can_speak_is_asked_once() -> None:
    mute, well = Counted("no voice"), Counted(None)
    there = Voices({"m": Voice("m", Language.POLISH, mute), "w": Voice("w", Language.POLISH, well)})

    assert [there.missing("m"), there.missing("m"), there.missing("w")] == ["no voice", "no voice", None]
    assert there.ready(Language.POLISH) == ["w"]
    assert there.ready(Language.ENGLISH) == []
    assert (mute.asked, well.asked) == (1, 1)


def test_no_text_to_a_shipped_voice_leaves_the_machine() -> None:
    assert not any(voice.engine.is_online for engine in ENGINES for voice in voices(engine).values())


def test_a_model_that_is_missing_is_told(tmp_path: Path) -> None:
    there = voices(
        document=f'{{"a": {{"engine": "piper", "language": "pl", "model": "{tmp_path}/a.onnx", "command": "sh"}}}}'
    )

    assert "cannot be read" in (there.missing("a") or "")
