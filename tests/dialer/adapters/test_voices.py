"""Which messages are refused to be made, because they would tell of a debt to whom it is not theirs?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audio.engines.tone import Tones
from audio.grammar import Language
from audio.message import STANDING
from audio.phrases import Phrases
from audio.speech import AudioFailed
from audio.voices import DEFAULT, Voice, Voices, voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.adapters.voices import SpokenMessages
from dialer.core.cases import DebtorType
from dialer.model import CampaignState
from dialer.ports.store import Campaign, Unvoiced
from dialer.ports.voice import NotSpeakable
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings

TONES = voices("tone")
TODAY = date(2026, 11, 23)
FOR_COMPANIES = settings(debtor_type="company", identity="none", message="Do zapłaty: {amount}.")


def owed_by(kind: DebtorType) -> Unvoiced:
    case = row().verdict.case
    assert case is not None
    return Unvoiced(1, 1, "RENT", 1, [replace(case, debtor=replace(case.debtor, type=kind, company_name="Fikcyjna"))])


def speaking(phrases: Phrases, voices: Voices) -> SpokenMessages:
    return SpokenMessages(phrases, voices, SpokenFlows(NoScenarios(), Prepared(phrases, lambda phrase: phrase.key)))


async def test_a_campaign_that_may_tell_companies_tells_a_company(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        voiced = await speaking(phrases, TONES).render(owed_by(DebtorType.COMPANY), FOR_COMPANIES, TODAY)
    assert voiced.text == "Do zapłaty: sto pięćdziesiąt trzy złote dwadzieścia groszy."


async def test_a_person_who_is_listed_for_such_a_campaign_is_not_told(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        with pytest.raises(NotSpeakable, match="a person"):
            await speaking(phrases, TONES).render(owed_by(DebtorType.PERSON), FOR_COMPANIES, TODAY)


async def test_a_message_whose_farewell_is_missing_is_not_there(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        voice = speaking(phrases, TONES)
        key = (await voice.render(owed_by(DebtorType.COMPANY), FOR_COMPANIES, TODAY)).message_key
        assert voice.has(key)
        for words in STANDING:
            path = voice.standing("RENT")[words].path
            audio = path.read_bytes()
            path.unlink()
            assert not voice.has(key), words
            path.write_bytes(audio)


OTHER = settings(message=FOR_COMPANIES.message, debtor_type="company", identity="none", voice="pl-voice-b")


async def test_every_campaign_speaks_with_its_own_voice_from_the_greeting_to_the_farewell(tmp_path: Path) -> None:
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, TONES)
        mine = await voice.render(owed_by(DebtorType.COMPANY), FOR_COMPANIES, TODAY)
        other = await voice.render(replace(owed_by(DebtorType.COMPANY), campaign_id="OTHER"), OTHER, TODAY)

    assert mine.message_key != other.message_key
    for words in STANDING:
        assert voice.standing("RENT")[words].key == phrases.key(words)
        assert voice.standing("OTHER")[words].key != phrases.key(words)


async def test_before_the_first_call_the_voices_of_all_campaigns_are_ready(tmp_path: Path) -> None:
    running = Campaign("OTHER", CampaignState.RUNNING, OTHER, 1, NOW)
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, TONES)
        await voice.make_ready([running])

    assert set(voice.standing("OTHER")) == set(STANDING)
    assert voice.standing("unknown") == voice.standing(None) != voice.standing("OTHER")


async def test_what_machines_hear_is_ready_again_after_a_restart(tmp_path: Path) -> None:
    asks = settings(machine_detection=True, windows={"1": [("08:00", "18:00")]})
    without_hours = settings(machine_detection=True, windows={})
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, TONES)
        await voice.make_ready(
            [
                Campaign("RENT", CampaignState.RUNNING, asks, 1, NOW),
                Campaign("NEVER", CampaignState.RUNNING, without_hours, 1, NOW),
                Campaign("PLAIN", CampaignState.RUNNING, settings(), 1, NOW),
            ]
        )
        ready = voice.for_machines("RENT")
        assert ready is not None
        assert all(map(phrases.has, ready.keys))
    assert (voice.for_machines("NEVER"), voice.for_machines("PLAIN")) == (None, None)


async def test_a_voice_that_a_campaign_needs_and_that_is_not_there_is_no_start(tmp_path: Path) -> None:
    gone = settings(voice="pl-gone")
    stopped = Campaign("OLD", CampaignState.STOPPED, gone, 1, NOW)
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, TONES)
        await voice.make_ready([stopped])
        with pytest.raises(AudioFailed, match="voice pl-gone, used by RENT: there is no such voice"):
            await voice.make_ready([Campaign("RENT", CampaignState.PAUSED, gone, 1, NOW)])


async def problems(tmp_path: Path, own: str = "{}", **given: object) -> list[tuple[str, str]]:
    there = voices("tone", own)
    async with Phrases(tmp_path, there[DEFAULT].engine) as phrases:
        found = await speaking(phrases, there).problems(settings(**given))
    return [(problem.field, problem.detail) for problem in found]


async def test_a_voice_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    [(field, told)] = await problems(tmp_path, voice="pl-gone")

    assert (field, told.endswith("voices that can: pl-voice-a, pl-voice-b")) == ("voice", True)


async def test_a_voice_of_another_language_is_refused(tmp_path: Path) -> None:
    assert await problems(tmp_path, voice="en-voice-a") == [
        ("voice", "en-voice-a speaks en, and what it is to say is in pl")
    ]


async def test_a_text_for_machines_that_tells_of_the_debt_is_refused(tmp_path: Path) -> None:
    [(field, told)] = await problems(tmp_path, machine_detection=True, voicemail_message="Do zapłaty: {amount}.")

    assert field == "voicemail_message"
    assert "{amount}" in told


async def test_a_voice_that_is_there_is_taken(tmp_path: Path) -> None:
    assert await problems(tmp_path, voice="pl-voice-b") == []


HARSH = "Komornik zadzwoni do {brand}."


async def test_a_text_that_threatens_is_refused_with_the_word(tmp_path: Path) -> None:
    [(field, told)] = await problems(tmp_path, message=HARSH)

    assert field == "message"
    assert told.startswith("'komornik' frightens, shames or threatens: say it in other words, or let somebody approve")


async def test_a_word_that_somebody_answers_for_may_be_said(tmp_path: Path) -> None:
    approval = {"by": "Anna Zielińska, compliance", "words": ["komornik"]}

    assert await problems(tmp_path, message=HARSH, tone_approval=approval) == []
    assert len(await problems(tmp_path, message=f"{HARSH} I policja.", tone_approval=approval)) == 1


class Online(Tones):
    """An engine to which texts go over the internet."""

    is_online = True


async def test_nothing_personal_is_said_by_a_voice_over_the_internet(tmp_path: Path) -> None:
    online = Voices({name: Voice(name, Language.POLISH, Online(name)) for name in (DEFAULT, "pl-online")})
    async with Phrases(tmp_path, Tones()) as phrases:
        voice = speaking(phrases, online)
        [refused] = await voice.problems(settings(voice="pl-online"))
        neutral = settings(voice="pl-online", message="Prosimy o kontakt z firmą {brand}, {callback}.")
        assert await voice.problems(neutral) == []
        with pytest.raises(NotSpeakable, match="online"):
            await voice.render(
                owed_by(DebtorType.COMPANY), FOR_COMPANIES.model_copy(update={"voice": "pl-online"}), TODAY
            )

    assert refused.field == "voice"
    assert "{case}, {honor_gen}, {name_gen} may not" in refused.detail


async def test_a_debtor_who_is_forgotten_leaves_no_audio(tmp_path: Path) -> None:
    contact = owed_by(DebtorType.COMPANY)
    async with Phrases(tmp_path, TONES[DEFAULT].engine) as phrases:
        voice = speaking(phrases, TONES)
        rendered = await voice.render(contact, FOR_COMPANIES, TODAY)
        common = {phrase.path for phrase in voice.standing("RENT").values()}

        assert voice.forget(FOR_COMPANIES.client_id, contact.cases[0].debtor.id) == 2
        assert set(tmp_path.rglob("*.alaw")) == common
        assert not voice.has(rendered.message_key)
