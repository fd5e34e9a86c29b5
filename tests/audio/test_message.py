from datetime import time
from pathlib import Path

import pytest

from audio.engines.tone import Tones
from audio.message import STANDING, greeting, prepare, prepare_standing
from audio.phrases import Phrases
from audio.sentences import Sentence
from audio.speech import Forgotten, Sound, SpeechFailed, Unspoken


class Recorded(Tones):
    """Tones that remember what they were asked to say."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def synthesise(self, text: str) -> Sound:
        self.said.append(text)
        return super().synthesise(text)


class Dumb(Tones):
    """An engine without a voice."""

    def synthesise(self, text: str) -> Sound:
        raise SpeechFailed("no voice")


async def test_a_message_is_one_file_of_its_sentences(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        message = await prepare("Raz. Dwa.", phrases)
        parts = await phrases.ensure(["Raz.", "Dwa."])
        body = phrases.find(message.body_key)

    assert body is not None
    assert body.path.read_bytes() == b"".join(part.path.read_bytes() for part in parts)
    assert message.duration == body.duration
    assert message.sentence_keys == tuple(part.key for part in parts)


async def test_what_all_debtors_hear_is_synthesised_once(tmp_path: Path) -> None:
    engine = Recorded()
    async with Phrases(tmp_path, engine) as phrases:
        one = await prepare("Wiadomość dla pana Jana. Dziękujemy.", phrases)
        other = await prepare("Wiadomość dla pani Anny. Dziękujemy.", phrases)

    assert engine.said.count("Dziękujemy.") == 1
    assert one.body_key != other.body_key


async def test_the_same_text_is_the_same_file(tmp_path: Path) -> None:
    engine = Recorded()
    async with Phrases(tmp_path, engine) as phrases:
        assert await prepare("Raz. Dwa.", phrases) == await prepare("Raz. Dwa.", phrases)

    assert len(engine.said) == 2


async def test_the_order_of_sentences_matters(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        one, other = await prepare("Raz. Dwa.", phrases), await prepare("Dwa. Raz.", phrases)

    assert one.body_key != other.body_key


async def test_a_message_that_cannot_be_spoken_leaves_nothing_to_play(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Dumb()) as phrases:
        with pytest.raises(SpeechFailed):
            await prepare("Raz. Dwa.", phrases)

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_message_without_words_is_a_mistake(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        with pytest.raises(ValueError, match="without words"):
            await prepare("  ", phrases)


@pytest.mark.parametrize("clock", [time(0), time(12), time(18), time(23, 59)])
async def test_the_greeting_of_every_hour_is_ready_before_the_call(tmp_path: Path, clock: time) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        standing = await prepare_standing(phrases)

    assert standing[greeting(clock)].path.exists()
    assert set(standing) == set(STANDING)


class Online(Recorded):
    """An engine to which texts go over the internet."""

    is_online = True


FOR_JAN = [Sentence("Dzwonimy z firmy Wzór.", False), Sentence("Wiadomość dla pana Jana.", True)]


async def test_what_is_personal_never_reaches_an_online_engine(tmp_path: Path) -> None:
    engine = Online()
    async with Phrases(tmp_path, engine) as phrases:
        with pytest.raises(Unspoken, match="online"):
            await prepare(FOR_JAN, phrases)
        with pytest.raises(Unspoken):
            await prepare("Wiadomość dla pana Jana.", phrases)  # nobody said that it is not personal
        await prepare(FOR_JAN[:1], phrases)

    assert engine.said == ["Dzwonimy z firmy Wzór."]


async def test_nothing_of_an_erased_persons_audio_is_left(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        await prepare(FOR_JAN, phrases, owner="CL/Jan")
        await prepare([*FOR_JAN, Sentence("Kwota: sto złotych.", True)], phrases.speaking(Tones("b")), owner="CL/Jan")
        anna = await prepare([FOR_JAN[0], Sentence("Wiadomość dla pani Anny.", True)], phrases, owner="CL/Anna")

        assert phrases.forget("CL/Jan") == 5

        common = {phrases.speaking(Tones(voice)).key(FOR_JAN[0].words) for voice in ("tones", "b")}
        left = {path.stem for path in tmp_path.rglob("*.alaw")}
        assert left == {anna.body_key, *anna.sentence_keys} | common
        assert phrases.forget("CL/Jan") == 0
        assert len(list((tmp_path / "owners").iterdir())) == 1


async def test_who_is_erased_while_the_message_is_made_leaves_none_of_it(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:

        class Erasing(Tones):
            def synthesise(self, text: str) -> Sound:
                phrases.forget("CL/Jan")
                return super().synthesise(text)

        with pytest.raises(Forgotten):
            await prepare(FOR_JAN, phrases.speaking(Erasing()), owner="CL/Jan")

        assert [path.stem for path in tmp_path.rglob("*.alaw")] == [phrases.key(FOR_JAN[0].words)]
