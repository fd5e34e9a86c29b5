"""Does each shipped flow get what it says of a debtor, and is nobody called with a hole in it?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.voices import voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows, flow_sources
from dialer.adapters.voices import SpokenMessages
from dialer.core.cases import CaseRow, Promise
from dialer.core.rows.row import verdict
from dialer.core.scenarios import ScenarioState
from dialer.ports.store import Scenario, Unvoiced
from dialer.ports.voice import NotSpeakable
from tests.support.calllists import clean_row, context
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings

TODAY = date(2026, 11, 23)
GIVEN: dict[str, Any] = {"block_subject": "świadczenie usług", "registry": "Biuro Przykładowe", "deadline_days": 9}
BLOCK, LETTER = date(2026, 12, 7), date(2026, 10, 12)


def case(**owed: Any) -> CaseRow:
    made = row().verdict.case
    assert made is not None
    promise = Promise(date(2026, 11, 27), Decimal("153.20"))
    return replace(made, receivable=replace(made.receivable, **owed), promise=promise)


WHOLE = case(block_date=BLOCK, letter_date=LETTER, issue_date=date(2026, 10, 16))


@pytest.fixture
async def phrases(tmp_path: Path) -> AsyncIterator[Phrases]:
    async with Phrases(tmp_path, Tones()) as opened:
        yield opened


async def said(phrases: Phrases, flow: str, of: CaseRow = WHOLE, **changes: Any) -> str:
    sources = flow_sources(flow, None)
    agreed = Scenario("CL-CZYNSZ", flow, 1, ScenarioState.APPROVED, sources, NOW, "key:test", NOW, "Anna Nowak")
    known = NoScenarios({(agreed.client_id, flow, 1): agreed})
    flows = SpokenFlows(known, Prepared(phrases, lambda phrase: phrase.key))
    plan = settings(**GIVEN | {"scenario": flow, "scenario_version": 1} | changes)
    voice = SpokenMessages(phrases, voices("tone"), flows)
    return (await voice.render(Unvoiced(1, 1, "RENT", 1, [of]), plan, TODAY)).text


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ("S06_block_notice", "może od dnia siódmego grudnia wstrzymać świadczenie usług."),
        ("S09_promise_reminder", "Przypominamy, że w piątek, dwudziestego siódmego listopada, upływa"),
        ("S10_promise_broken", "Zadeklarowany termin wpłaty minął dwudziestego siódmego listopada."),
        ("S11_registry_notice", "Dnia dwunastego października wysłaliśmy wezwanie do zapłaty z informacją"),
    ],
)
async def test_each_flow_says_what_is_known(phrases: Phrases, flow: str, words: str) -> None:
    assert words in await said(phrases, flow)


@pytest.mark.parametrize(
    ("flow", "of", "plan", "missing"),
    [
        ("S06_block_notice", case(), {}, "block_date"),
        ("S06_block_notice", case(block_date=TODAY), {}, "block_date"),
        ("S06_block_notice", WHOLE, {"block_subject": None}, "block_subject"),
        ("S11_registry_notice", case(), {}, "letter_date"),
        ("S11_registry_notice", case(letter_date=BLOCK), {}, "letter_date"),
        ("S11_registry_notice", WHOLE, {"registry": None}, "registry"),
        ("S09_promise_reminder", replace(WHOLE, promise=None), {}, "promise_on"),
        ("S10_promise_broken", replace(WHOLE, promise=None), {}, "promise_date"),
    ],
)
async def test_nobody_is_called_with_a_hole_in_the_message(
    phrases: Phrases, flow: str, of: CaseRow, plan: dict[str, Any], missing: str
) -> None:
    with pytest.raises(NotSpeakable, match=rf"\{{{missing}\}} cannot be said: it has no value"):
        await said(phrases, flow, of, **plan)


def test_a_list_says_from_when_services_may_be_suspended_and_when_the_letter_was_sent() -> None:
    judged = verdict(clean_row(block_date="2026-12-07", letter_date="12.10.2026"), 1, context())

    assert judged.case is not None
    assert (judged.case.receivable.block_date, judged.case.receivable.letter_date) == (BLOCK, LETTER)


# ---- in English -----------------------------------------------------------------------------------------

IN_ENGLISH: dict[str, Any] = {"language": "en", "voice": "en-voice-a"}


async def test_a_campaign_in_english_speaks_the_english_flow(phrases: Phrases) -> None:
    words = await said(phrases, "S04_overdue_soft_en", **IN_ENGLISH)

    assert "The delay is twenty-five days. Amount to pay: one hundred and fifty-three zlotys" in words


@pytest.mark.parametrize(
    ("flow", "plan", "detail"),
    [
        ("S04_overdue_soft", IN_ENGLISH, "S04_overdue_soft is in pl, the campaign in en"),
        ("S04_overdue_soft_en", {}, "S04_overdue_soft_en is in en, the campaign in pl"),
    ],
)
async def test_no_campaign_speaks_two_languages(phrases: Phrases, flow: str, plan: dict[str, Any], detail: str) -> None:
    agreed = Scenario("CL-CZYNSZ", flow, 1, ScenarioState.APPROVED, flow_sources(flow, None), NOW, "key:test")
    known = NoScenarios({(agreed.client_id, flow, 1): agreed})
    flows = SpokenFlows(known, Prepared(phrases, lambda phrase: phrase.key))

    found = await flows.problems(settings(scenario=flow, scenario_version=1, identity="dtmf", **plan))

    assert [(each.field, each.detail) for each in found] == [("scenario", detail)]
