import socket
from datetime import timedelta
from pathlib import Path

import pytest

from audio.engines.google import GoogleTranslate
from audio.phrases import Phrases
from audio.speech import SpeechFailed
from tests.support.speech_programs import google

FIXED = "Aby wysłuchać wiadomości ponownie, proszę nacisnąć jeden. Aby połączyć się z kimś, proszę nacisnąć dwa."


def nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_a_text_is_spoken_in_the_portions_that_it_takes() -> None:
    with google() as there:
        sound = GoogleTranslate(endpoint=there.address).synthesise(FIXED)

    assert sound.rate == 24_000
    assert len(there.asked) > 1
    assert all(len(asked) <= 100 for asked in there.asked)
    assert len(sound.samples) / sound.rate == pytest.approx(0.08 * sum(map(len, there.asked)), rel=0.1)


async def test_without_the_internet_it_fails_and_leaves_no_empty_file(tmp_path: Path) -> None:
    engine = GoogleTranslate(endpoint=nobody_listens(), time_limit=timedelta(seconds=1))

    async with Phrases(tmp_path, engine) as phrases:
        with pytest.raises(SpeechFailed, match="needs the internet, or choose another voice"):
            await phrases.ensure(["Dziękujemy."], are_personal=False)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert "needs the internet" in (engine.check() or "")


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("", 200, "answered without a sound"),
        ('["wrb.fr","jQ1olc",null]', 200, "answered without a sound"),
        ('"jQ1olc","[\\"AAAAA\\"]"', 200, "answered with a broken sound"),
        ('"jQ1olc","[\\"AAAA\\"]"', 200, "no readable sound"),
        ("forbidden", 403, "does not answer"),
    ],
)
def test_an_answer_that_is_no_speech_is_told(answer: str, status: int, reason: str) -> None:
    with google() as there:
        there.answer, there.status = answer, status
        with pytest.raises(SpeechFailed, match=reason):
            GoogleTranslate(endpoint=there.address).synthesise("raz")
