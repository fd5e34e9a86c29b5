"""Does the whole engine lead callees through an approved scenario, and does what they press follow?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lab.carrier import Manner
from lab.process import wait_until
from tests.support.calling import SOON, Calling, Debtor

pytestmark = pytest.mark.lab

NAME = "short"
FLOW = """\
flow: short
stage: overdue
identity: required
start: who
texts:
  WHO: Jeśli to właściwa osoba, proszę nacisnąć jeden.
  BODY: "Kwota do zapłaty: {amount}."
  MENU: Jeśli należność jest sporna, proszę nacisnąć cztery.
  BYE: Do widzenia.
nodes:
  who:
    ask: WHO
    keys: {1: message, 9: wrong}
    identity: 1
    silent: bye
    wait: 4s
    rounds: 1
  message:
    say: BODY
    ask: MENU
    keys: {4: dispute, 5: paid}
    silent: bye
    wait: 4s
    rounds: 1
  wrong: {outcome: wrong_number, next: bye}
  dispute: {outcome: dispute, next: bye}
  paid: {outcome: already_paid, next: bye}
  bye: {say: BYE, next: end}
  end: hang_up
"""
MANNER = Manner(ring_scale=0.1, key_pause=timedelta(seconds=2))
DISPUTES, PAID, WRONG, SILENT, LEAVES = (
    Debtor(300_001, ("human/1/1,4",)),
    Debtor(300_002, ("human/1/1,5",)),
    Debtor(300_003, ("human/1/9",)),
    Debtor(300_004, ("human/1/",)),
    Debtor(300_005, ("human/1/hangup@1s",)),
)


def approved(calling: Calling, source: str = FLOW, name: str = NAME) -> None:
    api = calling.engine.api
    api.put(f"/v1/scenarios/{name}", {"client_id": "CL-TEST", "source": source})
    approval = json.dumps({"client_id": "CL-TEST", "approved_by": "Anna Nowak"}).encode()
    api.post(f"/v1/scenarios/{name}/versions/1/approve", approval)


def told(calling: Calling, debtor: Debtor) -> list[str]:
    """What the callee made of it, as the feed tells."""
    events: list[dict[str, Any]] = calling.engine.api.get("/v1/events?limit=500")["events"]
    case = f"T/{debtor.case:06d}"
    return [each["type"] for each in events if each.get("case_id") == case and each["actor"] == "callee"]


def test_what_callees_press_follows(calling: Calling) -> None:
    everybody = [DISPUTES, PAID, WRONG, SILENT, LEAVES]
    calling.people(everybody, MANNER)
    calling.engine.start()
    approved(calling)
    calling.put(scenario=NAME, scenario_version=1, attempts=1)
    calling.send(everybody)
    calling.command("start")
    calling.finish()

    ends = {each["number"]: each for each in calling.shown()}
    assert {debtor.case: ends[debtor.number]["disposition"] for debtor in everybody} == {
        DISPUTES.case: "replied",
        PAID.case: "replied",
        WRONG.case: "wrong_number",
        SILENT.case: "unidentified",
        LEAVES.case: "hung_up",
    }
    assert all(each["flow"] == "short@1" for each in ends.values())
    assert ends[DISPUTES.number]["answers"]["replies"] == ["dispute"]
    assert ends[SILENT.number]["heard_seconds"] == 0
    assert told(calling, DISPUTES) == ["identity.confirmed", "dispute.opened", "case.blocked"]
    assert told(calling, PAID) == ["identity.confirmed", "paid_claimed"]
    assert "wrong_number" in told(calling, WRONG)
    assert told(calling, SILENT) == []
    # The carrier's script knows nothing of what keys mean.
    assert calling.broken_promises({"every attempt ended as the carrier's script implies"}) == []


def test_nothing_is_called_by_a_scenario_that_was_retired(calling: Calling) -> None:
    calling.people([replace(SILENT, case=300_006)], MANNER)
    calling.engine.start()
    approved(calling)
    calling.put(scenario=NAME, scenario_version=1, attempts=1)
    calling.send([replace(SILENT, case=300_006)])
    retirement = json.dumps({"client_id": "CL-TEST"}).encode()
    calling.engine.api.post(f"/v1/scenarios/{NAME}/versions/1/retire", retirement)
    calling.command("start")

    assert wait_until(lambda: bool(calling.contacts()[0]["held_because"]), SOON)
    assert "scenario short@1 is not approved: it is retired" in calling.contacts()[0]["held_because"]
    assert calling.calls() == []
