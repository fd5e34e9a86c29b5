"""What is played in place of fixed phrases, and never in place of what is said to one person?"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from audio.message import GOODBYE, GREETINGS
from audio.phrases import Phrases
from audio.sentences import Sentence, sentences
from audio.voices import DEFAULT, voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.recordings import RecordedPhrases, Recordings, nothing_recorded
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.adapters.store import Database, SqlStore
from dialer.adapters.voices import SpokenMessages
from dialer.core.cases import DebtorType
from dialer.ports.store import Prompt, Unvoiced
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings

TODAY = date(2026, 11, 23)
VOICES = voices("tone")
TEXT = "Prosimy o kontakt. Kwota: {amount}. Prosimy o kontakt."
TOLD = settings(debtor_type="company", identity="none", message=TEXT, brand_id="CZ")
AUDIO, OTHER_AUDIO = b"\x55" * 1600, b"\x2a" * 1600


def prompt(owner: str, words: str, audio: bytes) -> Prompt:
    return Prompt(owner, f"p{len(words)}", words, audio[:1].hex() * 32, timedelta(seconds=0.2), NOW, "cli")


def contact() -> Unvoiced:
    case = row().verdict.case
    assert case is not None
    owing = replace(case, debtor=replace(case.debtor, type=DebtorType.COMPANY, company_name="Fikcyjna"))
    return Unvoiced(1, 1, "RENT", 1, [owing])


def speaking(phrases: Phrases, recordings: Recordings = nothing_recorded) -> SpokenMessages:
    flows = SpokenFlows(NoScenarios(), Prepared(phrases, lambda phrase: phrase.key))
    return SpokenMessages(phrases, VOICES, flows, recordings)


async def test_recordings_are_played_in_place_of_fixed_words_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/dzwonek.db")
    database.migrate()
    try:
        store = SqlStore(database)
        await store.put_prompt(prompt("CL-CZYNSZ", "Prosimy o kontakt.", AUDIO), AUDIO)
        await store.put_prompt(prompt("CZ", GOODBYE, OTHER_AUDIO), OTHER_AUDIO)
        await store.put_prompt(prompt("CL-CZYNSZ", GOODBYE, AUDIO), AUDIO)
        amount = "Kwota: sto pięćdziesiąt trzy złote dwadzieścia groszy."
        await store.put_prompt(prompt("CL-CZYNSZ", amount, AUDIO), AUDIO)
        async with Phrases(tmp_path / "sounds", VOICES[DEFAULT].engine) as phrases:
            voice = speaking(phrases, RecordedPhrases(store, phrases).of)
            rendered = await voice.render(contact(), TOLD, TODAY)
            body = phrases.path(rendered.message_key).read_bytes()
            standing = voice.standing("RENT")
            said = phrases.path(phrases.key(amount)).read_bytes()
    finally:
        await database.close()

    assert body == AUDIO + said + AUDIO
    assert standing[GOODBYE].key != phrases.key(GOODBYE)  # the brand's, not its client's
    assert standing[GREETINGS[0]].key == phrases.key(GREETINGS[0])


async def test_without_recordings_everything_is_synthesised(tmp_path: Path) -> None:
    async with Phrases(tmp_path, VOICES[DEFAULT].engine) as phrases:
        voice = speaking(phrases)
        rendered = await voice.render(contact(), TOLD, TODAY)
        parts = [phrases.path(phrases.key(words)).read_bytes() for words in sentences(rendered.text)]

        assert phrases.path(rendered.message_key).read_bytes() == b"".join(parts)
        assert Sentence("Prosimy o kontakt.", False).words in rendered.text
