"""Are machines told from people on the real Asterisk, and does each get what it should?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audio.engines.espeak import EspeakNg
from audio.phrases import Phrases
from dialer.adapters import campaign_words
from dialer.core.plan import CampaignSettings
from lab import hearing
from lab.process import wait_until
from tests.support.calling import FAST, SOON, Calling, Debtor, campaign

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True)
MESSAGE = "Proszę zapamiętać numer: {case}. " * 4
PEOPLE = [Debtor(310_000 + each, ("human/1/",)) for each in range(4)]
MACHINES = [Debtor(320_000 + each, ("voicemail/1/",)) for each in range(4)]
IN_TIME = timedelta(seconds=2)
SILENT = 0.003  # of full scale


def recording(calling: Calling, debtor: Debtor) -> hearing.Samples:
    """Everything that was sent, silence too."""
    file = calling.engine.laboratory.heard(debtor.number, 1)
    assert wait_until(file.exists, SOON)
    samples, _ = soundfile.read(file, dtype="float64")
    return np.asarray(samples)


def longest_silence(heard: hearing.Samples) -> timedelta:
    loud = np.flatnonzero(np.abs(heard) > SILENT)
    return timedelta(seconds=int(np.max(np.diff([0, *loud, len(heard)]))) / hearing.RATE)


def voicemail(calling: Calling) -> hearing.Samples:
    async def path() -> Path:
        async with Phrases(calling.engine.sounds, EspeakNg()) as phrases:
            settings = CampaignSettings.model_validate(campaign())
            ready = await campaign_words.prepare(phrases, settings, {}, datetime.now(UTC).date())
            return phrases.path(ready.voicemail.key)

    return hearing.message(asyncio.run(path()))


def shown(calling: Calling) -> dict[str, dict[str, Any]]:
    return {each["number"]: each for each in calling.shown()}


def test_machines_are_hung_up_on_and_people_hear_the_message(calling: Calling) -> None:
    calling.begin([*PEOPLE, *MACHINES], RECORDED, attempts=1, message=MESSAGE, machine_detection=True)
    calling.finish()
    attempts = shown(calling)
    assert {attempts[each.number]["disposition"] for each in PEOPLE} == {"delivered"}
    assert {attempts[each.number]["disposition"] for each in MACHINES} == {"machine"}
    assert {attempts[each.number]["detection"]["because"] for each in MACHINES} == {"long_greeting"}
    assert {attempts[each.number]["detection"]["answered_by"] for each in PEOPLE} == {"person"}
    assert max(longest_silence(recording(calling, each)) for each in PEOPLE) < IN_TIME


def test_the_limited_message_is_left_whole_after_the_beep(calling: Calling) -> None:
    calling.begin(
        [*PEOPLE, *MACHINES], RECORDED, attempts=1, message=MESSAGE, machine_detection=True, voicemail="message"
    )
    calling.finish()
    attempts, left = shown(calling), voicemail(calling)
    sounds = calling.engine.laboratory.sounds
    beeped = sum(soundfile.info(sounds / f"{name}.wav").duration for name in ("greeting", "beep"))
    for each in MACHINES:
        assert attempts[each.number]["disposition"] == "machine"
        assert attempts[each.number]["detection"]["message_left"] is True
        kept = recording(calling, each)[int(beeped * hearing.RATE) :]
        assert hearing.share_heard(kept, left) >= hearing.HEARD
        assert hearing.times_heard(kept, left) == 1
    for each in PEOPLE:
        assert attempts[each.number]["disposition"] == "delivered"
        assert hearing.share_heard(recording(calling, each), left) < hearing.HEARD
