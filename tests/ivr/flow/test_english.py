"""Does a campaign in English say nothing in Polish, whatever is pressed and whoever is free?

Texts of flows are read from their transcripts, which hold every way; the rest is what any call may need.
"""

import re

import pytest

from audio import message, texts
from audio.grammar import Language
from ivr.flow import shipped
from tests.ivr.flow.transcripts import KEPT

NAMES = {"przykładowa", "przykładowe", "gołąb", "wzór"}  # of brands and people, said in every language
ALIKE = {"do"}  # words of both languages
POLISH = set(re.findall(r"\w+", " ".join(message.STANDING).lower())) | {"jest", "jeden", "trzy", "nie"}
ENGLISH_FLOWS = [name for name in shipped.names() if shipped.load(name).language is Language.ENGLISH]


def polish_in(said: str) -> set[str]:
    words = set(re.findall(r"\w+", said.lower())) - NAMES - ALIKE
    return {word for word in words if word in POLISH or set(word) & set("ąćęłńóśźż")}


@pytest.mark.parametrize("name", ENGLISH_FLOWS)
def test_no_way_through_a_flow_says_anything_in_polish(name: str) -> None:
    spoken, _, _ = (KEPT / f"{name}.txt").read_text("utf-8").partition("\n\n")[2].partition("\n\n")
    assert spoken
    assert polish_in(re.sub(r"^\w+:", "", spoken, flags=re.M)) == set()


@pytest.mark.parametrize("words", message.STANDING)
def test_what_any_call_may_need_is_said_in_english(words: str) -> None:
    """Greetings, and what is said on the way to an agent: the offer, the wait, the apology, the notice of recording."""
    assert polish_in(words), "or this test could not fail"
    assert polish_in(message.standing_words(words, Language.ENGLISH)) == set()


def test_every_polish_flow_has_an_english_twin() -> None:
    polish = {name for name in shipped.names() if shipped.load(name).language is Language.POLISH}
    assert {f"{name}_en" for name in polish} == set(ENGLISH_FLOWS)


@pytest.mark.parametrize("template", [texts.NOBODY_FREE_ENGLISH, texts.PLEASE_WAIT_ENGLISH, texts.VOICEMAIL_ENGLISH])
def test_what_campaigns_say_to_whoever_waits_and_to_machines_is_english(template: object) -> None:
    assert polish_in(re.sub(r"\{\w+\}", "", str(template))) == set()
