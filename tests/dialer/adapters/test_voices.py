"""Which messages are refused to be made, because they would tell of a debt to whom it is not theirs?"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from audio.engines.tone import Tones
from audio.message import STANDING
from audio.phrases import Phrases
from dialer.adapters.voices import SpokenMessages
from dialer.core.cases import DebtorType
from dialer.ports.store import Unvoiced
from dialer.ports.voice import NotSpeakable
from tests.support.stores import row, settings

TODAY = date(2026, 11, 23)
FOR_COMPANIES = settings(debtor_type="company", identity="none", message="Do zapłaty: {amount}.")


def owed_by(kind: DebtorType) -> Unvoiced:
    case = row().verdict.case
    assert case is not None
    return Unvoiced(1, 1, "RENT", 1, [replace(case, debtor=replace(case.debtor, type=kind, company_name="Fikcyjna"))])


async def test_a_campaign_that_may_tell_companies_tells_a_company(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        voiced = await SpokenMessages(phrases).render(owed_by(DebtorType.COMPANY), FOR_COMPANIES, TODAY)
    assert voiced.text == "Do zapłaty: sto pięćdziesiąt trzy złote dwadzieścia groszy."


async def test_a_person_who_is_listed_for_such_a_campaign_is_not_told(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        with pytest.raises(NotSpeakable, match="a person"):
            await SpokenMessages(phrases).render(owed_by(DebtorType.PERSON), FOR_COMPANIES, TODAY)


async def test_a_message_whose_farewell_is_missing_is_not_there(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        voice = SpokenMessages(phrases)
        key = (await voice.render(owed_by(DebtorType.COMPANY), FOR_COMPANIES, TODAY)).message_key
        assert voice.has(key)
        for words in STANDING:
            path = phrases.path(phrases.key(words))
            audio = path.read_bytes()
            path.unlink()
            assert not voice.has(key), words
            path.write_bytes(audio)
