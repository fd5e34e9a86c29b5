"""Does each callee hear the message that was made for him, the greeting first?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from audio.engines.espeak import EspeakNg
from audio.grammar import Language
from audio.message import greeting
from audio.naming import language_of
from audio.phrases import Phrases
from dialer.adapters.carrier.witness import Attempt, paired
from lab import hearing
from lab.process import wait_until
from tests.support.calling import FAST, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

RECORDED = replace(FAST, is_recording=True)
WARSAW = ZoneInfo("Europe/Warsaw")
CASES = [137 * number * number % 900_000 + 100_000 for number in range(11, 35)]
SHARED = "+48280999999"
MESSAGE = "Proszę zapamiętać numer: {case}."
IN_ENGLISH = "Please remember the number: {case}."
ACCENTS = {Language.POLISH: "pl", Language.ENGLISH: "en-gb"}


def recorded(calling: Calling) -> Iterator[tuple[dict[str, Any], hearing.Samples]]:
    """What was heard on each delivered attempt."""
    shown = {each["attempt_id"]: each for each in calling.shown()}
    for attempt, call in paired([Attempt.of(each) for each in shown.values()], calling.calls()):
        assert attempt.disposition == "delivered"
        file = calling.engine.laboratory.heard(call.number, call.attempt)
        assert wait_until(file.exists, SOON)
        yield shown[attempt.id], hearing.recording(file)


def own_message(calling: Calling, attempt: dict[str, Any]) -> hearing.Samples:
    key = attempt["message_key"]
    return hearing.message(calling.engine.sounds / key[:2] / f"{key}.alaw")


def own_greeting(calling: Calling, attempt: dict[str, Any]) -> hearing.Samples:
    """By the callee's clock, in the language of the message."""
    language = language_of(attempt["message_key"])
    assert language is not None
    phrases = Phrases(calling.engine.sounds, EspeakNg(language=ACCENTS[language]))
    local = datetime.fromisoformat(attempt["answered_at"]).astimezone(WARSAW)
    return hearing.message(phrases.path(phrases.key(greeting(local.time(), language))))


def test_two_dozen_debtors_hear_each_their_own_message_in_their_own_language(calling: Calling) -> None:
    languages = dict(zip(CASES, cycle(("pl", "pl", "en")), strict=False))
    everybody = [Debtor(case, language=language) for case, language in languages.items()]
    calling.begin(everybody, RECORDED, message=MESSAGE, languages={"en": {"message": IN_ENGLISH}})
    calling.finish()
    heard = list(recorded(calling))
    spoken = {attempt["number"]: language_of(attempt["message_key"]) for attempt, _ in heard}
    assert spoken == {each.number: each.language for each in everybody}
    assert len({attempt["message_key"] for attempt, _ in heard}) == len(CASES) >= 20
    for place, (attempt, recording) in enumerate(heard):
        message, first = own_message(calling, attempt), own_greeting(calling, attempt)
        assert hearing.share_heard(recording, message) >= hearing.HEARD, attempt
        assert hearing.share_heard(recording, first) >= hearing.HEARD, attempt
        assert hearing.begins_at(recording, first) < hearing.begins_at(recording, message)
        another = own_message(calling, heard[place - 1][0])
        assert hearing.share_heard(recording, another) < hearing.HEARD, "another's message would have passed, too"
    assert calling.broken_promises() == []


def test_two_debtors_on_one_number_hear_each_their_own_message(calling: Calling) -> None:
    calling.begin([Debtor(case, shared_number=SHARED) for case in CASES[:2]], RECORDED, message=MESSAGE)
    calling.finish()
    heard = list(recorded(calling))
    assert {attempt["contact_id"] for attempt, _ in heard} == {each["contact_id"] for each in calling.contacts()}
    # Both may be called at once, in either order: one recording holds the one message, the other the other.
    holds = [
        [hearing.share_heard(recording, own_message(calling, attempt)) >= hearing.HEARD for attempt, _ in heard]
        for _, recording in heard
    ]
    assert sorted(holds) == [[False, True], [True, False]]


def test_who_hangs_up_has_heard_as_much_as_the_carrier_saw(calling: Calling) -> None:
    leaves = [f"human/1/hangup@{seconds}s" for seconds in ("0.5", "1.2", "1.9", "2.6")]
    calling.begin(
        [Debtor(200_000 + place, (each,)) for place, each in enumerate(leaves)],
        attempts=1,
        message=MESSAGE,
    )
    calling.finish()
    shown = {each["attempt_id"]: each for each in calling.shown()}
    pairs = paired(calling.attempts(), calling.calls())
    assert len(pairs) == len(leaves)
    for attempt, call in pairs:
        assert attempt.disposition == "hung_up"
        assert call.answered is not None
        heard = timedelta(seconds=shown[attempt.id]["heard_seconds"])
        assert abs(heard - (call.ended - call.answered)) < timedelta(milliseconds=100)
