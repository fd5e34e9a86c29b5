"""Is whoever calls a brand's number answered under that brand, told nothing, and understood?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from audio.engines.espeak import EspeakNg
from audio.message import GREETINGS, HOLD, RECORDED_TALK
from audio.phrases import Phrases
from lab import hearing
from lab.process import wait_until
from tests.support.agents import Agents
from tests.support.calling import FAST, SOON, Calling, Debtor, call_list, campaign
from tests.support.ears import Growing

pytestmark = pytest.mark.lab

LINE = "+48380000051"
FLOW = "S12_inbound_complaints"
MANNER = replace(FAST, is_recording=True, key_pause=timedelta(seconds=3))
ANNA, JAN = Debtor(400_001), Debtor(400_002)
TWIN, OTHER_TWIN = Debtor(400_003), Debtor(400_004, shared_number=Debtor(400_003).number)
GUS = Debtor(400_006, ("human/0.5/",))
EVA, ASKING = Debtor(400_005), "+48280499997"
STRANGER, OTHER_STRANGER = "+48280499999", "+48280499998"
BRAND: dict[str, Any] = {
    "client_id": "CL-TEST",
    "name": "Przykład",
    "neutral_name": "Przykład",
    "caller_number": "+48380000061",
    "callback_number": LINE,
    "answers_with": {"scenario": FLOW, "version": 1},
}
WELCOME = "Tu infolinia firmy Przykład."
CALLED_BACK = "Konsultant oddzwoni na ten numer."
NOBODY = "Przepraszamy, w tej chwili wszyscy konsultanci są zajęci."


@pytest.fixture(scope="module")
def answering(lasting: Calling) -> Calling:
    """A brand whose numbers are answered; those on its client's list are not called."""
    lasting.people([ANNA], MANNER)
    engine, by = lasting.engine, json.dumps({"client_id": "CL-TEST", "approved_by": "Anna Nowak"}).encode()
    engine.start()
    engine.api.put(f"/v1/scenarios/{FLOW}", {"client_id": "CL-TEST"})
    engine.api.post(f"/v1/scenarios/{FLOW}/versions/1/approve", by)
    lasting.put()
    lasting.send([ANNA, JAN, TWIN, OTHER_TWIN, EVA])
    engine.api.put("/v1/brands/przyklad", BRAND)
    assert wait_until(lambda: "inbound_ready" in engine.log.read_text("utf-8"), 2 * SOON), "nothing is rendered"
    return lasting


def events(calling: Calling, type_: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = calling.engine.api.get(f"/v1/events?limit=500&type={type_}")["events"]
    return found


def calls(calling: Calling, caller: str, *keys: str) -> hearing.Samples:
    """What the caller heard, when it is over and written down."""
    before = len(events(calling, "inbound.call"))
    laboratory = calling.engine.laboratory
    laboratory.heard_by_caller(caller).unlink(missing_ok=True)
    laboratory.call_from_carrier(LINE, caller, "".join(keys))
    assert wait_until(lambda: len(events(calling, "inbound.call")) > before, 4 * SOON), "the call was never over"
    assert len(events(calling, "inbound.call")) == before + 1
    return hearing.recording(laboratory.heard_by_caller(caller))


def spoken(calling: Calling, *sentences: str) -> hearing.Samples:
    phrases = Phrases(calling.engine.sounds, EspeakNg())
    return hearing.message(*(phrases.path(phrases.key(words)) for words in sentences))


def case(calling: Calling, debtor: Debtor) -> dict[str, Any]:
    found: dict[str, Any] = calling.engine.api.get(f"/v1/cases/T%2F{debtor.case:06d}?client_id=CL-TEST")
    return found


def test_a_caller_whose_number_is_known_disputes_and_hears_the_brand(answering: Calling) -> None:
    heard = calls(answering, ANNA.number, "1")

    assert hearing.share_heard(heard, spoken(answering, WELCOME)) > hearing.HEARD
    assert hearing.share_heard(heard, spoken(answering, "Zgłoszenie zostało przyjęte.")) > hearing.HEARD
    assert any(hearing.share_heard(heard, spoken(answering, hello)) > hearing.HEARD for hello in GREETINGS)
    assert case(answering, ANNA)["dispute"] == "open"
    *_, call = events(answering, "inbound.call")
    assert (call["case_id"], call["data"]["debtors"]) == ("T/400001", 1)
    assert answering.shown() == [], "it is no attempt"


def test_what_is_told_from_a_number_of_two_debtors_is_nobodys(answering: Calling) -> None:
    calls(answering, TWIN.number, "1")

    assert [case(answering, each)["dispute"] for each in (TWIN, OTHER_TWIN)] == [None, None]
    *_, call = events(answering, "inbound.call")
    assert (call["case_id"], call["data"]["debtors"], call["data"]["replies"]) == (None, 2, ["dispute"])


def test_a_promise_and_no_more_calls_are_taken(answering: Calling) -> None:
    calls(answering, JAN.number, "2", "1", "1")
    calls(answering, STRANGER, "9")

    assert case(answering, JAN)["promise"] == "open"
    kept = answering.engine.api.get("/v1/suppressions?client_id=CL-TEST")["suppressions"]
    assert [(each["number"], each["debtor_id"], each["reason"]) for each in kept] == [(STRANGER, None, "opt_out")]


def test_whoever_withholds_the_number_is_answered_too(answering: Calling) -> None:
    heard = calls(answering, "", "3")

    assert hearing.share_heard(heard, spoken(answering, WELCOME)) > hearing.HEARD
    *_, call = events(answering, "inbound.call")
    assert (call["case_id"], call["data"]["number"], call["data"]["replies"]) == (None, None, ["already_paid"])


def test_whoever_asks_for_a_consultant_speaks_with_one_who_is_free_or_hears_that_nobody_is(
    answering: Calling,
) -> None:
    laboratory = answering.engine.laboratory
    laboratory.up(with_agents=True)
    agents = Agents(answering.engine, 1)
    agents.create()
    before = answering.engine.log.read_text("utf-8").count("inbound_ready")
    answering.engine.api.put("/v1/brands/przyklad", BRAND | {"transfer_wait_seconds": 6, "recording": "with_notice"})
    assert wait_until(lambda: answering.engine.log.read_text("utf-8").count("inbound_ready") > before, 2 * SOON)

    heard = calls(answering, ASKING, "0", "5", "5", "5", "1")  # a key every three seconds; the last while it is offered
    for said in (HOLD, NOBODY, CALLED_BACK):
        assert hearing.share_heard(heard, spoken(answering, said)) > hearing.HEARD
    [waiting] = answering.engine.api.get("/v1/call-backs")["call_backs"]
    assert (waiting["number"], waiting["brand_id"], waiting["contact_id"]) == (ASKING, "przyklad", None)
    answering.engine.api.post("/v1/call-backs/made", json.dumps({"call_id": waiting["call_id"]}).encode())
    assert answering.engine.api.get("/v1/call-backs")["call_backs"] == []

    agents.come()
    laboratory.heard_by_caller(EVA.number).unlink(missing_ok=True)
    with agents.screen("anna1") as screen:
        laboratory.call_from_carrier(LINE, EVA.number, "0")
        shown = dict(screen.until("talking"))
    assert (shown["called"]["brand_id"], shown["called"]["number"]) == ("przyklad", EVA.number)
    assert [each["case_id"] for each in shown["called"]["cases"]] == ["T/400005"]
    caller, voice = Growing(lambda: laboratory.heard_by_caller(EVA.number)), agents.voice_of("anna1")
    assert hearing.tones(caller.next(), [voice]) == {voice}
    agents.do("anna1", "hang-up")
    agents.is_in("anna1", "wrap_up")
    agents.do("anna1", "wrap-up", outcome="disputed")
    agents.is_in("anna1", "ready")
    assert case(answering, EVA)["dispute"] == "open"
    assert events(answering, "call.wrapped_up")[-1]["data"]["agent"] == "anna1"
    assert [each["data"]["agent"] for each in events(answering, "inbound.call")][-2:] == [None, "anna1"]
    told = hearing.recording(laboratory.heard_by_caller(EVA.number))
    assert hearing.share_heard(told, spoken(answering, RECORDED_TALK)) > hearing.HEARD
    [recorded] = answering.engine.api.get("/v1/recordings")["recordings"]
    assert (recorded["call_id"], recorded["attempt_id"]) == (shown["called"]["call_id"], None)
    assert (recorded["agent_id"], recorded["client_id"]) == ("anna1", "CL-TEST")
    assert recorded["bytes"] > 0


def test_a_debtor_who_asks_for_a_call_back_is_called_once_an_agent_is_free_though_calls_rest(
    answering: Calling,
) -> None:
    api, agents = answering.engine.api, Agents(answering.engine, 1)
    agents.do("anna1", "pause", reason="lunch")
    answering.people([GUS], MANNER)
    resting = campaign(mode="progressive", attempts=1, wrap_up_seconds=30, rest_after_conversation_hours=24)
    api.put("/v1/campaigns/AGENTS", resting)
    api.post("/v1/batches?batch_id=gus", call_list([GUS], "AGENTS"), "text/csv")
    api.post("/v1/campaigns/AGENTS/start")

    calls(answering, GUS.number, "0", "5", "5", "5", "1")
    [waiting] = api.get("/v1/call-backs")["call_backs"]
    assert (waiting["number"], waiting["debtor_id"]) == (GUS.number, f"D{GUS.case:06d}")
    agents.do("anna1", "ready")
    agents.is_in("anna1", "talking")
    agents.do("anna1", "hang-up")
    agents.is_in("anna1", "wrap_up")
    agents.do("anna1", "wrap-up", outcome="informed")

    assert wait_until(lambda: api.get("/v1/call-backs")["call_backs"] == [], SOON)
    [attempt] = api.get("/v1/campaigns/AGENTS/attempts")["attempts"]
    assert (waiting["contact_id"], GUS.number) == (attempt["contact_id"], attempt["number"])
    assert attempt["disposition"] == "connected"


def test_a_number_that_is_no_brands_is_refused(answering: Calling) -> None:
    laboratory = answering.engine.laboratory
    laboratory.call_from_carrier("+48380000099", OTHER_STRANGER)

    assert wait_until(lambda: "inbound_unknown" in answering.engine.log.read_text("utf-8"), SOON)
    answering.carrier_is_idle()
    assert not laboratory.heard_by_caller(OTHER_STRANGER).exists(), "it was answered"
