"""Are the phrases that any call may need there in every language that campaigns speak?"""

from datetime import time
from pathlib import Path

import pytest

from audio.engines.tone import Tones
from audio.grammar import Language
from audio.message import GOODBYE, GREETINGS, STANDING, greeting, prepare_standing, standing_words
from audio.phrases import Phrases
from audio.tone import faults


@pytest.mark.parametrize("language", Language)
def test_every_standing_phrase_can_be_said_and_frightens_nobody(language: Language) -> None:
    said = [standing_words(words, language) for words in STANDING]

    assert len(set(said)) == len(STANDING)
    assert [fault for words in said for fault in faults(words, language)] == []


@pytest.mark.parametrize(
    ("clock", "language", "said"),
    [
        (time(9), Language.POLISH, "Dzień dobry."),
        (time(18), Language.POLISH, "Dobry wieczór."),
        (time(9), Language.ENGLISH, "Good day."),
        (time(18), Language.ENGLISH, "Good evening."),
    ],
)
def test_callees_are_greeted_by_their_clock_in_the_campaigns_language(
    clock: time, language: Language, said: str
) -> None:
    assert greeting(clock, language) == said


async def test_what_is_played_is_in_the_campaigns_language(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        standing = await prepare_standing(phrases, language=Language.ENGLISH)

        assert set(standing) == set(STANDING)
        assert standing[GOODBYE].key == phrases.key("Thank you. Goodbye.")
        assert standing[GREETINGS[0]].key == phrases.key("Good day.")
