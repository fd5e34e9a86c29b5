"""In which language is a debtor spoken to?"""

from typing import Any

import pytest
from pydantic import ValidationError

from dialer.core.languages import SpokenIn
from dialer.core.plan import CampaignSettings
from dialer.core.promises import Speaks
from dialer.core.voicemail_settings import SHIPPED_VOICEMAIL
from tests.support.stores import settings

SCENARIO = {"scenario": "S04_overdue_soft", "scenario_version": 1}
IN_ENGLISH = {"scenario": "S04_overdue_soft_en", "version": 2}
REMINDER = {"promise_reminder": {"scenario": "S09_promise_reminder", "version": 1}}


def said(given: CampaignSettings, language: str = "en") -> tuple[str, str, str | None]:
    heard = given.in_language(language)
    return heard.language, heard.message, heard.scenario


def test_a_shipped_text_is_said_in_the_debtors_language() -> None:
    assert said(settings(message="overdue_company")) == ("en", "overdue_company", None)
    assert said(settings(message="call_back", language="en"), "pl") == ("pl", "call_back", None)


def test_a_language_that_nobody_speaks_changes_nothing() -> None:
    assert said(settings(message="call_back"), "de") == ("pl", "call_back", None)
    assert settings(message="call_back").speaks == {"pl", "en"}


def test_a_text_of_its_own_is_said_in_the_campaigns_language_to_everybody() -> None:
    assert said(settings(message="Prosimy o telefon.")) == ("pl", "Prosimy o telefon.", None)


def test_a_text_in_the_debtors_language_is_said_if_the_campaign_has_one() -> None:
    both = settings(
        message="Prosimy o telefon.", languages={"en": {"message": "Please call us.", "voice": "en-voice-a"}}
    )

    assert said(both) == ("en", "Please call us.", None)
    assert both.in_language("en").voice == "en-voice-a"
    assert both.in_language("pl") is both


def test_a_scenario_is_replaced_by_the_one_in_the_debtors_language_and_by_no_text() -> None:
    assert said(settings(**SCENARIO)) == ("pl", "call_back", "S04_overdue_soft")
    heard = settings(**SCENARIO, languages={"en": {"scenario": IN_ENGLISH}}).in_language("en")
    assert (heard.language, heard.scenario, heard.scenario_version) == ("en", "S04_overdue_soft_en", 2)


def test_of_a_promise_is_spoken_in_the_debtors_language_only_if_there_is_a_scenario_for_that() -> None:
    given = settings(**SCENARIO, **REMINDER, languages={"en": {"scenario": IN_ENGLISH}})
    assert said(given.speaking_of(Speaks.REMINDER)) == ("pl", "call_back", "S09_promise_reminder")

    english = {"scenario": IN_ENGLISH, "promise_reminder": {"scenario": "S09_promise_reminder_en", "version": 1}}
    both = settings(**SCENARIO, **REMINDER, languages={"en": english})
    assert said(both.speaking_of(Speaks.REMINDER)) == ("en", "call_back", "S09_promise_reminder_en")


def test_calls_for_agents_apologise_in_the_debtors_language() -> None:
    assert said(settings(mode="progressive", message="Prosimy o telefon."))[0] == "en"


def test_nothing_in_the_campaigns_own_language_is_said_in_another() -> None:
    heard = settings(block_subject="dostawy", voicemail_message="Prosimy o telefon.").in_language("en")

    assert (heard.block_subject, heard.voicemail_message) == (None, SHIPPED_VOICEMAIL)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"languages": {"pl": {}}}, "pl is the campaign's own language"),
        (
            {**SCENARIO, "languages": {"en": {"voice": "en-voice-a"}}},
            "languages.en: nothing is said in it without scen",
        ),
        ({"message": "Halo.", "languages": {"en": {}}}, "languages.en: nothing is said in it without message"),
        ({"languages": {"en": {"scenario": IN_ENGLISH}}}, "where the campaign itself plays a message"),
        ({**SCENARIO, "languages": {"en": REMINDER}}, "the campaign itself has no promise_reminder"),
    ],
)
def test_what_would_never_be_said_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        settings(**given)


def test_every_scenario_that_may_be_spoken_is_named() -> None:
    assert [each.scenario for each in SpokenIn.model_validate({"scenario": IN_ENGLISH} | REMINDER).scenarios] == [
        "S04_overdue_soft_en",
        "S09_promise_reminder",
    ]
