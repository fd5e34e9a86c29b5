"""Do calls go on over another trunk when one is out?"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from lab.process import wait_until
from tests.support.calling import LOOK, PATIENCE, Calling, Debtor

pytestmark = pytest.mark.lab

LIMITS = {"calls_per_second": 20, "concurrent_calls": 30}
PEOPLE = 40
TRIALS = 4


def test_a_trunk_that_is_out_is_left_for_the_reserve(calling: Calling, tmp_path: Path) -> None:
    """Nobody registers `gone`: a call over it never leaves Asterisk."""
    trunks = tmp_path / "trunks.json"
    trunks.write_text(json.dumps([{"name": "gone", **LIMITS}, {"name": "carrier", "order": 2, **LIMITS}]))
    calling.engine.settings |= {"trunks": str(trunks)}
    calling.begin([Debtor(case, ("human/1/",)) for case in range(1, PEOPLE + 1)], attempts=1)

    def over() -> Counter[tuple[str | None, str | None]]:
        return Counter((each["trunk"], each["disposition"]) for each in calling.shown())

    # A few try again and again whether the trunk is back; the others do not wait for them.
    assert wait_until(lambda: over()["carrier", "delivered"] >= PEOPLE - TRIALS, PATIENCE, LOOK), over()
    assert 5 <= over()["gone", "not_placed"] <= LIMITS["concurrent_calls"] + 2 * TRIALS, "the trunk was not left alone"
    ended = {(each["trunk"], each["counted"]) for each in calling.shown() if each["disposition"]}
    assert ended == {("gone", False), ("carrier", True)}
    assert max(Counter(call.number for call in calling.calls()).values()) == 1


def test_a_network_without_room_costs_nobody_the_only_attempt(calling: Calling) -> None:
    """However late it says so: 503 at once, and 503 after seconds in which nothing rang."""
    calling.begin(
        [Debtor(1, ("congestion/0/", "human/1/")), Debtor(2, ("congestion/30/", "human/1/"))],
        attempts=1,
    )
    calling.finish()

    made = sorted((each["number"], each["saved_at"], each["disposition"], each["counted"]) for each in calling.shown())
    assert [(disposition, counted) for _, _, disposition, counted in made] == 2 * [
        ("congestion", False),
        ("delivered", True),
    ]
    assert calling.broken_promises() == []
