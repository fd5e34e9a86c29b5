"""Does the engine do what it promises, measured at the carrier and not in its own log?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import lab
from dialer.adapters.carrier.script import Kind, Role, read_script
from dialer.adapters.carrier.witness import Attempt, promises
from dialer.core.retry import FREE_TRIES
from lab.process import wait_until
from tests.support.calling import (
    ALWAYS,
    CALLS_PER_SECOND,
    CONCURRENT_CALLS,
    FAST,
    LOOK,
    PATIENCE,
    Calling,
    Debtor,
)

pytestmark = pytest.mark.lab

DATA = Path(lab.__file__).parent / "data"
ROWS = 85  # of the sample list; some sixty contacts may be called
CAMPAIGNS = ("EN-PREDUE", "EN-OVERDUE", "TK-OVERDUE", "CZ-RENT")
GAP_MINUTES = 0.03
ATTEMPTS = 1


def impatient(callee: Role) -> Role:
    """Who hangs up does so before the short message ends."""
    soon = [
        replace(each, hangs_up_after=min(each.hangs_up_after, timedelta(seconds=1))) if each.hangs_up_after else each
        for each in callee.attempts
    ]
    return replace(callee, attempts=tuple(soon))


def test_every_promise_to_the_sample_list_is_kept(calling: Calling) -> None:
    """Some sixty contacts of four clients, each with its own campaign, as often as each may be called."""
    script = [impatient(each) for each in read_script((DATA / "sim_outcomes.csv").read_text("utf-8").splitlines())]
    calling.engine.laboratory.set_script(script, FAST)
    calling.engine.start()
    api = calling.engine.api
    for campaign in json.loads((DATA / "campaigns.json").read_text("utf-8")):
        compressed = {
            "profile": "trial",
            "max_per_debtor_day": None,
            "max_per_debtor_7_days": None,
            "windows": ALWAYS,
            "holidays": None,
            "gap_minutes": GAP_MINUTES,
            "attempts": ATTEMPTS,
            "ring_seconds": 5,
            "identity": "none",
            "message": "Sprawa numer {case}.",
        }
        api.put(f"/v1/campaigns/{campaign['campaign_id']}", campaign | compressed)
    rows = (DATA / "calllist_2000.csv").read_bytes().splitlines(keepends=True)[: ROWS + 1]
    counts = api.post("/v1/batches?batch_id=sample", b"".join(rows), "text/csv")["counts"]
    assert counts["rows"] == ROWS
    for name in CAMPAIGNS:
        api.post(f"/v1/campaigns/{name}/start")

    def left() -> int:
        figures = [api.get(f"/v1/campaigns/{name}/figures")["contacts"] for name in CAMPAIGNS]
        return sum(count for each in figures for state, count in each.items() if state != "finished")

    assert left() >= 50
    assert wait_until(lambda: left() == 0, 2 * PATIENCE, LOOK)
    calling.carrier_is_idle()
    attempts = [
        Attempt.of(each)
        for name in CAMPAIGNS
        for each in api.pages(f"/v1/campaigns/{name}/attempts?limit=500", "attempts")
    ]
    kept = promises(
        attempts,
        calling.calls(),
        script,
        attempts_per_number=ATTEMPTS,
        spacing=timedelta(minutes=GAP_MINUTES),
        calls_per_second=CALLS_PER_SECOND,
        concurrent_calls=CONCURRENT_CALLS,
    )
    assert [each for each in kept if not each.is_kept] == []
    assert len({each.disposition for each in attempts}) >= 6, "the list did not show much"


def test_the_limits_are_reached_and_never_passed(calling: Calling) -> None:
    """More people wait to be called than the trunk carries; a gap in its use would hide a limit that does not hold."""
    calling.engine.settings |= {"calls_per_second": "10", "concurrent_calls": "8"}
    calling.begin([Debtor(number, ("human/1/",)) for number in range(1, 17)], replace(FAST, ring_scale=1.0))
    assert wait_until(lambda: len(calling.channels()) == 8, PATIENCE, LOOK)
    calling.finish()
    assert calling.broken_promises() == []
    assert calling.dispositions() == {"delivered": 16}


def test_every_way_of_meeting_a_call_has_its_word(calling: Calling) -> None:
    kinds = [kind for kind in Kind if kind is not Kind.NO_ANSWER]
    calling.begin([Debtor(place, (f"{kind}/1/",)) for place, kind in enumerate(kinds, 1)], attempts=1)
    calling.finish()
    assert calling.broken_promises() == []
    assert sum(calling.dispositions().values()) == len(kinds) + FREE_TRIES, "a network without room is tried again"
