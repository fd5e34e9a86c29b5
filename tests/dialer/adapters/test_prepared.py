"""Is all that a flow may say to a debtor there before the call, and does the call find it, also after a restart?"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from audio.engines.tone import Tones
from audio.phrases import Phrase, Phrases
from audio.voices import voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows, flow_sources
from dialer.adapters.voices import SpokenMessages
from dialer.core.plan import CampaignSettings
from dialer.core.scenarios import ScenarioState
from dialer.ports.store import Scenario, Unvoiced
from dialer.ports.voice import InvalidScenario, NotSpeakable
from ivr.flow import shipped
from ivr.flow.session import FlowSession
from ivr.flow.speech import Speech
from ivr.session import Play
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings
from tests.support.tenants import FLOW

NAME = "S03_due_today"
TODAY = date(2026, 11, 23)
CLIENT = "CL-CZYNSZ"
SPEAKING = settings(scenario=NAME, scenario_version=1)


def scenario(state: ScenarioState = ScenarioState.APPROVED, name: str = NAME, source: str | None = None) -> Scenario:
    return Scenario(CLIENT, name, 1, state, flow_sources(name, source), NOW, "key:test")


class Setup:
    """A voice with one scenario."""

    def __init__(self, phrases: Phrases, known: Scenario) -> None:
        self.scenarios = NoScenarios({(CLIENT, known.name, 1): known})
        self.prepared = Prepared(phrases, lambda phrase: phrase.key)
        self.voice = SpokenMessages(phrases, voices("tone"), SpokenFlows(self.scenarios, self.prepared))

    async def render(self, given: CampaignSettings = SPEAKING, today: date = TODAY) -> str:
        case = row().verdict.case
        assert case is not None
        return (await self.voice.render(Unvoiced(1, 1, "RENT", 1, [case]), given, today)).message_key


@pytest.fixture
async def phrases(tmp_path: Path) -> AsyncIterator[Phrases]:
    async with Phrases(tmp_path, Tones()) as phrases:
        yield phrases


@pytest.fixture
async def hello(phrases: Phrases) -> Phrase:
    [phrase] = await phrases.ensure(["Dzień dobry."])
    return phrase


def clips(speech: Speech) -> list[str]:
    said = [segment for segments in (*speech.texts.values(), *speech.dated.values()) for segment in segments]
    return [segment.clip.path for segment in said] + [clip.path for clip in speech.silences.values()]


async def test_all_that_may_be_said_is_there_before_the_call(phrases: Phrases, hello: Phrase) -> None:
    key = await Setup(phrases, scenario()).render()

    # Another engine, after a restart.
    again = Setup(phrases, scenario())
    assert again.prepared.has(key)
    ready = again.prepared.find(key, hello)
    assert ready is not None
    assert ready.label == "S03_due_today@1"
    assert all(map(phrases.has, clips(ready.script.speech)))
    assert len(ready.script.speech.dated) == 15, "a day for each that may be promised"


async def test_the_call_begins_with_the_greeting_by_its_own_clock(phrases: Phrases, hello: Phrase) -> None:
    setup = Setup(phrases, scenario())
    ready = setup.prepared.find(await setup.render(), hello)

    assert ready is not None
    session, act = ready.script.begin()
    assert isinstance(act, Play)
    assert (act.path, act.length) == (hello.key, hello.duration)
    assert isinstance(session, FlowSession)


async def test_what_tells_of_the_debt_is_still_known_as_such(phrases: Phrases, hello: Phrase) -> None:
    setup = Setup(phrases, scenario())
    ready = setup.prepared.find(await setup.render(), hello)

    assert ready is not None
    sensitive = {name for name, said in ready.script.speech.texts.items() if said[0].is_sensitive}
    assert sensitive == {"BODY"}
    assert all(segment.is_sensitive for said in ready.script.speech.dated.values() for segment in said)


async def test_no_audio_no_dial_for_any_sentence(phrases: Phrases, hello: Phrase) -> None:
    setup = Setup(phrases, scenario())
    key = await setup.render()
    assert setup.voice.has(key)
    ready = setup.prepared.find(key, hello)
    assert ready is not None

    for missing in {*clips(ready.script.speech)} - {hello.key}:
        audio = phrases.path(missing).read_bytes()
        phrases.path(missing).unlink()
        assert not setup.voice.has(key)
        phrases.path(missing).write_bytes(audio)
    assert setup.voice.has(key)


async def test_the_same_words_on_another_day_are_another_message(phrases: Phrases) -> None:
    setup = Setup(phrases, scenario())

    assert await setup.render() == await setup.render()
    assert await setup.render() != await setup.render(today=TODAY + timedelta(days=1))


async def test_what_is_said_to_everybody_is_rendered_once(phrases: Phrases) -> None:
    setup = Setup(phrases, scenario())
    await setup.render()
    before = len(list(phrases.path("00").parent.parent.glob("??/*.alaw")))
    case = row("D2", amount="99.00").verdict.case
    assert case is not None
    await setup.voice.render(Unvoiced(2, 1, "RENT", 1, [case]), SPEAKING, TODAY)

    # The sum in the message, and where it is promised; the name is the same.
    assert len(list(phrases.path("00").parent.parent.glob("??/*.alaw"))) == before + 2


async def test_the_days_that_may_be_promised_are_nobodys_own(phrases: Phrases, hello: Phrase) -> None:
    setup = Setup(phrases, scenario())
    ready = setup.prepared.find(await setup.render(), hello)
    assert ready is not None

    setup.voice.forget(CLIENT, "D1")

    dates = {said[1].clip.path for said in ready.script.speech.dated.values()}
    assert len(dates) == 15
    assert all(map(phrases.has, dates))


@pytest.mark.parametrize("what", ["note", "flow"])
@pytest.mark.parametrize("written", [b"{}", b"not json", b'{"label": "x"}', b'{"short.yaml": "flow: short"}'])
async def test_what_another_release_wrote_is_not_there(
    phrases: Phrases, hello: Phrase, what: str, written: bytes
) -> None:
    setup = Setup(phrases, scenario())
    key = await setup.render()
    note = phrases.note(key)
    assert note is not None
    changed = key if what == "note" else json.loads(note)["flow"]
    phrases.path(changed).with_suffix(".json").write_bytes(written)

    after_a_restart = Setup(phrases, scenario())

    assert after_a_restart.prepared.find(key, hello) is None
    assert not after_a_restart.voice.has(key)


async def test_a_scenario_that_cannot_be_read_any_more_holds_its_contacts(phrases: Phrases) -> None:
    unreadable = replace(scenario(), sources={"S03_due_today.yaml": "flow: S03_due_today"})

    with pytest.raises(NotSpeakable, match="missing: stage"):
        await Setup(phrases, unreadable).render()
    assert (await Setup(phrases, unreadable).voice.problems(SPEAKING))[0].field == "scenario"


@pytest.mark.parametrize("state", [ScenarioState.DRAFT, ScenarioState.RETIRED])
async def test_only_what_is_approved_is_spoken(phrases: Phrases, state: ScenarioState) -> None:
    with pytest.raises(NotSpeakable, match=f"is not approved: it is {state}"):
        await Setup(phrases, scenario(state)).render()


async def test_a_version_that_nobody_wrote_is_not_spoken(phrases: Phrases) -> None:
    with pytest.raises(NotSpeakable, match="there is none"):
        await Setup(phrases, scenario()).render(settings(scenario=NAME, scenario_version=2))


async def test_a_debtor_of_whom_too_little_is_known_is_not_called(phrases: Phrases) -> None:
    with pytest.raises(NotSpeakable, match="letter_date"):
        await Setup(phrases, scenario(name="S11_registry_notice")).render(
            settings(scenario="S11_registry_notice", scenario_version=1)
        )


async def test_a_demand_names_the_day_by_which_to_pay(phrases: Phrases) -> None:
    setup = Setup(phrases, scenario(name="S05_demand"))
    case = row().verdict.case
    assert case is not None
    demanding = settings(scenario="S05_demand", scenario_version=1, deadline_days=9)

    voiced = await setup.voice.render(Unvoiced(1, 1, "RENT", 1, [case]), demanding, TODAY)

    assert "Prosimy o wpłatę do dnia czwartego grudnia na rachunek" in voiced.text


async def test_what_was_made_for_a_person_can_be_removed(phrases: Phrases, hello: Phrase) -> None:
    setup = Setup(phrases, scenario())
    key = await setup.render()

    assert setup.voice.forget(CLIENT, "D1") >= 2
    assert setup.prepared.find(key, hello) is None


@pytest.mark.parametrize(
    ("known", "given", "problem"),
    [
        (scenario(), SPEAKING, None),
        (scenario(ScenarioState.DRAFT), SPEAKING, "version 1 of S03_due_today is draft"),
        (scenario(), settings(scenario="other", scenario_version=1), "has no other of that version"),
        (scenario(), settings(scenario=NAME, scenario_version=1, identity="none"), "it needs the identity"),
        (
            scenario(),
            settings(scenario=NAME, scenario_version=1, identity="none", debtor_type="company"),
            None,
        ),
        (
            scenario(name="S12_inbound_complaints"),
            settings(scenario="S12_inbound_complaints", scenario_version=1),
            "is for those who call us",
        ),
    ],
)
async def test_a_campaign_is_told_why_it_cannot_use_a_scenario(
    phrases: Phrases, known: Scenario, given: CampaignSettings, problem: str | None
) -> None:
    found = [each.detail for each in await Setup(phrases, known).voice.problems(given)]

    assert bool(found) is (problem is not None)
    assert problem is None or problem in found[0]


@pytest.mark.parametrize(
    ("said", "recording", "is_true"),
    [
        ("Rozmowy są nagrywane.", "off", False),
        ("Rozmowa\n    będzie nagrywana.", "off", False),
        ("Rozmowy są nagrywane.", "with_notice", True),
        ("Rozmowy nie są nagrywane.", "off", True),
        ("{recorded: Rozmowy są nagrywane.}", "off", True),
    ],
)
async def test_no_scenario_tells_of_a_recording_that_there_is_not(
    phrases: Phrases, said: str, recording: str, is_true: bool
) -> None:
    texts = f"texts:\n  TOLD: {said}\n  BODY: Prosimy o kontakt."
    source = FLOW.replace("texts: {BODY: Prosimy o kontakt.}", texts).replace("say: BODY", "say: [TOLD, BODY]")
    assert source != FLOW
    given = settings(scenario=NAME, scenario_version=1, recording=recording)
    found = await Setup(phrases, scenario(source=source)).voice.problems(given)

    assert [each.field for each in found] == ([] if is_true else ["recording"])


def test_a_shipped_flow_brings_the_files_that_it_uses() -> None:
    assert list(flow_sources(NAME, None)) == ["S03_due_today.yaml", "blocks.yaml", "conversation.yaml"]


@pytest.mark.parametrize("name", shipped.names())
def test_every_shipped_flow_is_gentle(name: str) -> None:
    assert flow_sources(name, None)


def test_a_flow_that_frightens_is_refused() -> None:
    with pytest.raises(InvalidScenario) as refused:
        flow_sources("mine", FLOW.replace("Prosimy o kontakt", "Sprawa trafi do sądu"))
    assert refused.value.problems == ("mine.yaml:5: 'sądu' frightens, shames or threatens",)


def test_somebody_who_is_named_may_answer_for_a_word() -> None:
    harsh = FLOW.replace("Prosimy o kontakt", "Sprawa trafi do sądu i sąd wyśle komornika")
    approved = "tone_approval: {by: 'Anna Zielińska, compliance', words: [sądu, sąd]}\n"
    with pytest.raises(InvalidScenario) as refused:
        flow_sources("mine", approved + harsh)
    assert refused.value.problems == ("mine.yaml:6: 'komornika' frightens, shames or threatens",)

    assert flow_sources("mine", approved.replace("sąd]", "sąd, komornika]") + harsh)


@pytest.mark.parametrize("nobody", ["tone_approval: {words: [sądu]}", "tone_approval: {by: '', words: [sądu]}"])
def test_nobody_answers_for_a_word_without_a_name(nobody: str) -> None:
    with pytest.raises(InvalidScenario) as refused:
        flow_sources("mine", f"{nobody}\n{FLOW}")
    assert "mine.yaml:1" in refused.value.problems[0]


@pytest.mark.parametrize(("name", "source"), [("S99", None), ("mine", "flow: mine")])
def test_what_is_wrong_with_a_flow_is_told(name: str, source: str | None) -> None:
    with pytest.raises(InvalidScenario) as refused:
        flow_sources(name, source)
    assert refused.value.problems


async def test_a_recording_is_played_in_place_of_a_flows_fixed_sentence(phrases: Phrases) -> None:
    recorded = await phrases.keep("ab" * 32, b"\x55" * 160)
    words = "Dziękujemy za terminową wpłatę."

    async def recordings(_: CampaignSettings) -> dict[str, Phrase]:
        return {words: recorded}

    setup = Setup(phrases, scenario())
    plain = await setup.render()
    setup.voice = SpokenMessages(phrases, voices("tone"), SpokenFlows(setup.scenarios, setup.prepared), recordings)
    other = await setup.render()

    assert plain != other
    assert recorded.key.encode() in (phrases.note(other) or b"")
    assert recorded.key.encode() not in (phrases.note(plain) or b"")
