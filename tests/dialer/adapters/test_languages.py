"""Does a debtor hear the message in the own language, from the greeting to the farewell?"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audio.engines.tone import Tones
from audio.grammar import Language
from audio.message import STANDING
from audio.naming import language_of, named
from audio.phrases import Phrases, content_key
from audio.voices import DEFAULT, Voice, Voices, voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows, flow_sources
from dialer.adapters.voices import SpokenMessages
from dialer.core.brands import BrandSettings
from dialer.core.cases import Language as Listed
from dialer.core.scenarios import ScenarioState, ScenarioVersion
from dialer.model import CampaignState
from dialer.ports.store import Campaign, Scenario, Unvoiced
from dialer.ports.voice import Unusable
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings

TODAY = date(2026, 11, 23)
CLIENT = "CL-CZYNSZ"
WINDOWS = {"1": [("08:00", "18:00")]}
CALLING_BACK = settings(message="call_back", windows=WINDOWS)
TONES = voices("tone")
POLISH_ONLY = Voices({DEFAULT: Voice(DEFAULT, Language.POLISH, Tones(DEFAULT))})


def listed(language: Listed) -> Unvoiced:
    case = row().verdict.case
    assert case is not None
    return Unvoiced(1, 1, "RENT", 1, [replace(case, debtor=replace(case.debtor, language=language))])


def approved(name: str) -> Scenario:
    return Scenario(CLIENT, name, 1, ScenarioState.APPROVED, flow_sources(name, None), NOW, "key:test")


def speaking(phrases: Phrases, there: Voices = TONES, known: tuple[str, ...] = ()) -> SpokenMessages:
    scenarios = NoScenarios({(CLIENT, name, 1): approved(name) for name in known})
    return SpokenMessages(phrases, there, SpokenFlows(scenarios, Prepared(phrases, lambda phrase: phrase.key)))


async def test_a_debtor_listed_in_english_hears_english_from_the_greeting_to_the_farewell(tmp_path: Path) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases)
        polish = await voice.render(listed(Listed.POLISH), CALLING_BACK, TODAY)
        english = await voice.render(listed(Listed.ENGLISH), CALLING_BACK, TODAY)

    assert "Prosimy o kontakt" in polish.text
    assert "This is an automated message read by a synthetic voice. This message is for Ja" in english.text
    assert (language_of(polish.message_key), language_of(english.message_key)) == (Language.POLISH, Language.ENGLISH)
    in_polish, in_english = (voice.standing("RENT", each) for each in (Language.POLISH, Language.ENGLISH))
    assert all(in_polish[words].key != in_english[words].key for words in STANDING)
    assert voice.standing("RENT") == in_polish, "messages from before are in the campaign's own language"


async def test_after_a_restart_english_phrases_are_ready_for_messages_that_wait(tmp_path: Path) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        waiting = (await speaking(phrases).render(listed(Listed.ENGLISH), CALLING_BACK, TODAY)).message_key
        begun_anew = speaking(phrases)
        await begun_anew.make_ready([Campaign("RENT", CampaignState.RUNNING, CALLING_BACK, 1, NOW)])

        language = language_of(waiting)
        assert language is Language.ENGLISH
        assert begun_anew.standing("RENT", language) != begun_anew.standing("RENT")
        assert begun_anew.has(waiting)


async def test_where_no_voice_speaks_english_the_campaigns_language_is_heard(tmp_path: Path) -> None:
    async with Phrases(tmp_path, POLISH_ONLY[DEFAULT].engine) as phrases:
        heard = await speaking(phrases, POLISH_ONLY).render(listed(Listed.ENGLISH), CALLING_BACK, TODAY)

    assert language_of(heard.message_key) is Language.POLISH


async def test_what_a_machine_hears_is_in_the_language_of_the_message(tmp_path: Path) -> None:
    asks = settings(message="call_back", windows=WINDOWS, machine_detection=True)
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases)
        for language in (Listed.POLISH, Listed.ENGLISH):
            await voice.render(listed(language), asks, TODAY)

    polish, english = (voice.for_machines("RENT", each) for each in (Language.POLISH, Language.ENGLISH))
    assert polish is not None
    assert english is not None
    assert polish.voicemail != english.voicemail


async def test_a_debtor_listed_in_english_is_led_through_the_english_scenario(tmp_path: Path) -> None:
    names = ("S03_due_today", "S03_due_today_en")
    both = settings(
        scenario=names[0], scenario_version=1, languages={"en": {"scenario": {"scenario": names[1], "version": 1}}}
    )
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, known=names)
        assert await voice.problems(both) == []
        polish = await voice.render(listed(Listed.POLISH), both, TODAY)
        english = await voice.render(listed(Listed.ENGLISH), both, TODAY)

    assert polish.text.startswith("Przypominamy, że dziś upływa termin")
    assert english.text.startswith("We would like to remind you that invoice")
    assert language_of(english.message_key) is Language.ENGLISH


@pytest.mark.parametrize(
    ("languages", "field", "problem"),
    [
        ({"en": {"message": "Pay {amount}."}}, "languages/en/message", "{amount} would tell whoever answers"),
        (
            {"en": {"message": "Halo.", "voice": "pl-voice-b"}},
            "languages/en/voice",
            "speaks pl, and what it is to say is in en",
        ),
        ({"en": {"message": "Call {colour}."}}, "languages/en/message", "colour"),
    ],
)
async def test_what_is_wrong_in_another_language_is_refused(
    tmp_path: Path, languages: Mapping[str, Any], field: str, problem: str
) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        [refused] = await speaking(phrases).problems(settings(message="Halo.", languages=languages))

    assert refused.field == field
    assert problem in refused.detail


async def test_a_language_that_no_voice_speaks_is_refused(tmp_path: Path) -> None:
    async with Phrases(tmp_path, POLISH_ONLY[DEFAULT].engine) as phrases:
        given = settings(message="Halo.", languages={"en": {"message": "Hello."}})
        refused = await speaking(phrases, POLISH_ONLY).problems(given)

    assert refused == [Unusable("languages/en/voice", "no voice here speaks en: name one in DZWONEK_VOICES")]


async def test_a_scenario_in_the_wrong_language_is_refused(tmp_path: Path) -> None:
    both = settings(
        scenario="S03_due_today", scenario_version=1,
        languages={"en": {"scenario": {"scenario": "S03_due_today", "version": 1}}},
    )  # fmt: skip
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        [refused] = await speaking(phrases, known=("S03_due_today",)).problems(both)

    assert refused == Unusable("languages/en/scenario", "S03_due_today is in pl, the campaign in en")


HELPLINE = BrandSettings(
    client_id=CLIENT, name="Fikcyjna", neutral_name="Fikcyjna", caller_number="+48388000011",
    callback_number="+48388000012", voice="en-voice-a", language="en",
    answers_with=ScenarioVersion(scenario="S12_inbound_complaints_en", version=1),
)  # fmt: skip


async def test_a_brand_answers_its_callers_in_its_language(tmp_path: Path) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, known=("S12_inbound_complaints_en",))
        assert await voice.unanswerable("FIKCYJNA", HELPLINE) is None
        key = await voice.answering("FIKCYJNA", HELPLINE, TODAY)

    assert language_of(key) is Language.ENGLISH


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"voice": None}, "pl-voice-a speaks pl, and what it is to say is in en"),
        ({"voice": "pl-voice-b", "language": "pl"}, "S12_inbound_complaints_en@1 is in en, the brand in pl"),
    ],
)
async def test_a_brand_that_would_answer_in_two_languages_is_refused(
    tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, known=("S12_inbound_complaints_en",))
        assert await voice.unanswerable("FIKCYJNA", HELPLINE.model_copy(update=changed)) == problem


def test_a_key_that_tells_a_language_is_no_longer_than_others() -> None:
    key = content_key("message")

    assert len(named(Language.ENGLISH, key)) == len(key)
    assert language_of(key) is None
