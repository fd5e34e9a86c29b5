"""Is nothing said to a machine that anybody may not hear?"""

from datetime import date, time
from functools import partial
from pathlib import Path

import pytest

from audio import texts
from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.polish.dates import opening_hours
from audio.values import OpeningHours
from audio.variables import VARIABLES
from dialer.adapters import campaign_words
from dialer.ports.voice import NotSpeakable
from ivr.flow import shipped
from tests.support import plans

TODAY = date(2026, 11, 23)


APPROVED = {"tone_approval": {"by": "Anna Zielińska", "words": ["wizytę", "sądzie"]}}

settings = partial(plans.settings, windows={"1": [("08:00", "18:00")]})


@pytest.mark.parametrize("variable", sorted(set(VARIABLES) - campaign_words.FOR_ANYBODY))
def test_whatever_tells_of_the_debt_or_the_debtor_is_refused(variable: str) -> None:
    [problem] = campaign_words.problems(settings(voicemail_message=f"Wiadomość. {{{variable}}}."))
    assert problem.field == "voicemail_message"
    assert f"{{{variable}}}" in problem.detail


@pytest.mark.parametrize("debtor_type", ["person", "company"])
def test_not_even_a_company_is_told_of_its_debt_by_a_machine(debtor_type: str) -> None:
    told = settings(debtor_type=debtor_type, identity="none", voicemail_message="Do zapłaty: {amount}.")
    assert campaign_words.problems(told) != []


def test_words_that_threaten_are_refused() -> None:
    assert campaign_words.problems(settings(voicemail_message="To jest ostatnie ostrzeżenie, komornik.")) != []


def test_what_may_be_suspended_threatens_nobody_either() -> None:
    [problem] = campaign_words.problems(settings(block_subject="wizytę w sądzie z policją", **APPROVED))
    assert (problem.field, problem.detail) == ("block_subject", "'policją' frightens, shames or threatens")


def test_the_shipped_text_is_the_agreed_flow() -> None:
    assert campaign_words.problems(settings()) == []
    flow = shipped.load("S08_voicemail")
    assert flow.texts["BODY"].alternatives == (texts.VOICEMAIL,)


async def test_what_machines_hear_is_ready_before_the_call(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        ready = await campaign_words.prepare(phrases, settings(), {}, TODAY)
        assert all(map(phrases.has, ready.keys))
        assert ready.voicemail.duration > ready.greeting.duration


async def test_a_text_that_names_what_the_campaign_lacks_is_refused(tmp_path: Path) -> None:
    async with Phrases(tmp_path, Tones()) as phrases:
        with pytest.raises(NotSpeakable):
            await campaign_words.prepare(phrases, settings(windows={}), {}, TODAY)


def test_days_that_differ_are_told_apart() -> None:
    windows = {str(day): [("09:00", "12:00"), ("13:00", "17:00")] for day in range(1, 6)} | {
        "6": [("09:00", "00:00")],
        "7": [],
    }
    hours = campaign_words.values(settings(callback_hours=windows))["hours"]

    assert isinstance(hours, OpeningHours)
    assert opening_hours(hours) == (
        "w dni robocze od godziny dziewiątej do godziny dwunastej i od godziny trzynastej do godziny siedemnastej, "
        "w sobotę od godziny dziewiątej do godziny dwudziestej czwartej"
    )


def test_the_hours_that_are_told_are_those_in_which_the_number_is_answered() -> None:
    answered = OpeningHours(frozenset({1, 2}), time(9), time(16))
    windows = {"1": [("09:00", "16:00")], "2": [("09:00", "16:00")]}

    assert campaign_words.values(settings(callback_hours=windows))["hours"] == answered
    assert campaign_words.values(settings())["hours"] == OpeningHours(frozenset({1}), time(8), time(18))
