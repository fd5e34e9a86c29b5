"""Does no call begin at the carrier once everything is stopped, until somebody resumes?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lab.process import wait_until
from tests.support.calling import LOOK, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

TRANSIT = timedelta(milliseconds=100)
LISTEN = [Debtor(number, ("human/3/",)) for number in range(1, 25)]


def over_http(calling: Calling) -> None:
    answer = calling.engine.api.post("/v1/stop", json.dumps({"reason": "a test"}).encode())
    assert answer["stopped"]


def by_command(calling: Calling) -> None:
    assert "places no more calls" in calling.engine.run("stop", "--reason", "a test")


@pytest.mark.parametrize("stops", [over_http, by_command])
def test_no_call_begins_after_the_reply_until_somebody_resumes(
    calling: Calling, stops: Callable[[Calling], None]
) -> None:
    calling.engine.settings |= {"calls_per_second": "4"}  # the command itself takes its time to start
    calling.begin(LISTEN, attempts=1)
    assert wait_until(lambda: len(calling.channels()) >= 5, SOON, LOOK)
    stops(calling)
    stopped = datetime.now(UTC)
    assert wait_until(lambda: "open" not in calling.dispositions(), SOON, LOOK)
    calling.engine.kill()
    calling.engine.start()
    assert wait_until(lambda: calling.engine.health()["status"] == "stopped", SOON)
    calling.carrier_is_idle()
    resumed = datetime.now(UTC)
    calling.engine.run("resume")
    calling.finish()
    begun = [call.started for call in calling.calls()]
    assert min(begun) < stopped, "nobody was called before"
    assert [moment for moment in begun if stopped + TRANSIT < moment < resumed] == []
    assert max(begun) > resumed
    assert calling.dispositions()["delivered"] == len(LISTEN)
    assert calling.broken_promises() == []


def test_what_rings_is_given_up_and_who_listens_hears_the_end(calling: Calling) -> None:
    ringing = [Debtor(number, ("noanswer/30/",)) for number in range(1, 4)]
    listening = [Debtor(number, ("human/0/",)) for number in range(4, 7)]
    calling.begin([*ringing, *listening], attempts=1, ring_seconds=60, message="Proszę zapamiętać numer: {case}.")
    assert wait_until(lambda: sorted(state for _, state in calling.channels()) == ["Ring"] * 3 + ["Up"] * 3, SOON, LOOK)
    calling.engine.run("stop", "--hang-up")
    assert wait_until(lambda: [state for _, state in calling.channels()] == ["Up"] * 3, SOON, LOOK)
    calling.carrier_is_idle()
    assert wait_until(lambda: "open" not in calling.dispositions(), SOON, LOOK)
    ended = {each["number"]: each["disposition"] for each in calling.shown()}
    assert ended == {each.number: "cancelled" for each in ringing} | {each.number: "delivered" for each in listening}
