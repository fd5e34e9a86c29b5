import json
from datetime import date

import pytest

from audio.template import Template
from ivr.flow import shipped
from ivr.flow.nodes import Flow, Identity
from ivr.flow.passage import SILENCE
from ivr.flow.session import FlowScript
from ivr.flow.transcripts import every_way, passage_after
from ivr.flow.transcripts import transcript as written
from tests.ivr.flow.transcripts import FIXTURES, KEPT, script, scripts

SCRIPTS = json.loads((FIXTURES / "audio" / "scripts.json").read_text("utf-8"))


@pytest.mark.parametrize(("name", "flow"), list(scripts()), ids=lambda each: each if isinstance(each, str) else "")
def test_every_way_through_a_shipped_flow_is_as_it_was_read_and_found_good(name: str, flow: FlowScript) -> None:
    assert written(flow) == (KEPT / f"{name}.txt").read_text("utf-8"), "python -m tests.ivr.flow.transcripts"


def test_no_transcript_is_kept_of_what_is_no_more() -> None:
    assert {path.stem for path in KEPT.glob("*.txt")} == {name for name, _ in scripts()}


@pytest.mark.parametrize("agreed", SCRIPTS["scripts"], ids=lambda each: str(each["id"]))
def test_the_shipped_message_is_the_agreed_one_word_for_word(agreed: dict[str, str]) -> None:
    flow = shipped.load(agreed["id"])

    assert _message(flow) == _plain(agreed["pl"])
    assert (flow.stage, flow.identity) == (agreed["stage"], agreed["identity"])


@pytest.mark.parametrize("name", SCRIPTS["blocks"])
def test_the_shipped_block_is_the_agreed_one_word_for_word(name: str) -> None:
    [template] = shipped.load("S04_overdue_soft").texts[name].alternatives

    assert _written(template) == _plain(SCRIPTS["blocks"][name]["pl"])


@pytest.mark.parametrize("name", SCRIPTS["blocks"])
def test_the_shipped_block_in_english_is_the_agreed_one_word_for_word(name: str) -> None:
    [template] = shipped.load("S04_overdue_soft_en").texts[name].alternatives

    assert _written(template) == _plain(SCRIPTS["blocks"][name]["en"])


@pytest.mark.parametrize("agreed", SCRIPTS["scripts"], ids=lambda each: str(each["id"]))
def test_the_shipped_message_in_english_is_the_agreed_one_word_for_word(agreed: dict[str, str]) -> None:
    assert _message(shipped.load(f"{agreed['id']}_en")) == _plain(agreed["en"])


@pytest.mark.parametrize("name", ["S12_inbound_complaints", "S12_inbound_complaints_en"])
def test_nobody_is_told_of_a_recording_that_there_is_not(name: str) -> None:
    said = {recording: written(script(name, recording=recording)) for recording in (None, "/recordings/1")}

    assert ["RECORDED" in each for each in said.values()] == [False, True]
    assert ["recorded, ended" in each for each in said.values()] == [False, True]


@pytest.mark.parametrize("name", [each["id"] for each in SCRIPTS["scripts"]])
def test_a_flow_in_english_goes_the_ways_of_the_polish_one(name: str) -> None:
    polish, english = shipped.load(name), shipped.load(f"{name}_en")

    assert (english.nodes, english.stage, english.identity) == (polish.nodes, polish.stage, polish.identity)
    assert {text.alternatives[0].language for text in english.texts.values()} == {"en"}


@pytest.mark.parametrize("name", shipped.names())
def test_every_answer_is_given_at_every_node_and_every_way_ends(name: str) -> None:
    flow = script(name)
    ways = list(every_way(flow))

    assert all(passage_after(flow, way).outcome for way in ways)
    pressed = {key for node in flow.flow.nodes.values() for key in getattr(node, "keys", {})}
    assert pressed <= {key for way in ways for key in way}


def test_a_promise_holds_for_the_day_that_was_typed() -> None:
    outcome = passage_after(script("S04_overdue_soft"), ("1", "3", "4", "0512", "1")).outcome

    assert outcome is not None
    assert outcome.answers.promised == date(2026, 12, 5)


def test_a_day_beyond_what_may_be_promised_is_asked_for_again() -> None:
    asked_again = passage_after(script("S04_overdue_soft"), ("1", "3", "4", "0812"))

    assert asked_again.at.at == "date"
    assert asked_again.at.taken is None


def test_a_day_that_is_not_confirmed_is_no_promise() -> None:
    silent = passage_after(script("S04_overdue_soft"), ("1", "3", "2", SILENCE, SILENCE)).outcome

    assert silent is not None
    assert silent.answers.promised is None
    assert not silent.answers.replies


def _message(flow: Flow) -> str:
    """As it was agreed: whole, where something is recorded."""
    of_calls_to_us = ("BODY", "RECORDED", "PRIVACY") if flow.identity is Identity.INBOUND else ("BODY",)
    names = ("to_person",) if flow.name.startswith("S07") else of_calls_to_us
    return " ".join(_written(flow.texts[name].alternatives[0]) for name in names)


def _written(template: Template) -> str:
    text = "".join(each if isinstance(each, str) else f"{{{each.variable}}}" for each in template.pieces)
    return " ".join(text.split())


def _plain(agreed: str) -> str:
    return agreed.removeprefix("{greeting}. ")
