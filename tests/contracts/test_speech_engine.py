"""What every speech engine must do, the simulated one and the real ones alike."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from audio import render
from audio.engines.espeak import EspeakNg
from audio.engines.google import GoogleTranslate
from audio.engines.piper import Piper
from audio.engines.rhvoice import RHVoice
from audio.engines.tone import Tones
from audio.speech import SpeechEngine
from tests.audio.listening import likeness, samples_of
from tests.support.speech_programs import google, piper, piper_voice

ENGINES = [
    pytest.param(Tones(), id="tones"),
    pytest.param(
        EspeakNg(),
        id="espeak-ng",
        marks=pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"),
    ),
    pytest.param(
        RHVoice("alicja"),
        id="rhvoice",
        marks=pytest.mark.skipif(
            RHVoice("alicja").check() is not None, reason="RHVoice and its Polish voices are not installed"
        ),
    ),
    "piper",  # its stand-in: no package has a Polish voice of the real one
    "google",
]
TEXT = "Kwota do zapłaty: sto pięćdziesiąt trzy złote dwadzieścia groszy."


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SpeechEngine]:
    match request.param:
        case "piper":
            yield Piper(piper_voice(tmp_path), command=piper(tmp_path))
        case "google":
            with google() as there:
                yield GoogleTranslate(endpoint=there.address)
        case installed:
            yield installed


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
class TestSpeechEngine:
    def test_it_is_ready(self, engine: SpeechEngine) -> None:
        assert engine.check() is None

    def test_it_says_who_it_is(self, engine: SpeechEngine) -> None:
        assert all([engine.name, engine.voice, engine.version])

    def test_it_speaks_as_long_as_a_person_would(self, engine: SpeechEngine) -> None:
        sound = engine.synthesise(TEXT)

        assert 3 < len(sound.samples) / sound.rate < 8
        assert np.sqrt(np.mean(sound.samples**2)) > 0.02
        assert np.max(np.abs(sound.samples)) <= 1

    def test_the_same_text_sounds_the_same_on_every_thread(self, engine: SpeechEngine) -> None:
        with ThreadPoolExecutor(4) as workers:
            sounds = list(workers.map(engine.synthesise, [TEXT] * 4))

        assert all(np.array_equal(sound.samples, sounds[0].samples) for sound in sounds)

    def test_another_amount_sounds_different(self, engine: SpeechEngine) -> None:
        one, other = (
            samples_of(render.alaw(engine.synthesise(text)))
            for text in (TEXT, "Kwota do zapłaty: dwa tysiące osiemset jeden złotych dwa grosze.")
        )

        assert likeness(one, other) < 0.6

    @pytest.mark.parametrize("text", ["-v en --help", "$(reboot); `ls`", "@/etc/passwd", "[[t@st]] raz", "<b>raz</b>"])
    def test_no_text_is_taken_for_a_command(self, engine: SpeechEngine, text: str) -> None:
        assert len(engine.synthesise(text).samples)
