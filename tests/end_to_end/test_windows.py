"""Is nobody called outside the calling windows, and everybody once they open?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.process import wait_until
from tests.support.calling import ALWAYS, LOOK, NEVER, SOON, Calling, Debtor, call_list, campaign

pytestmark = pytest.mark.lab

AT_ONCE = timedelta(seconds=5)  # the messages have to be spoken first
TRANSIT = timedelta(milliseconds=100)
OPEN = "OPEN"


def test_a_closed_window_places_no_call_until_it_is_opened(calling: Calling) -> None:
    closed, beside = [Debtor(number) for number in range(1, 9)], Debtor(100, ("busy/1/",))
    calling.begin(closed, beside=[beside], windows=NEVER)
    api = calling.engine.api
    api.put(f"/v1/campaigns/{OPEN}", campaign(gap_minutes=0.02))
    api.post("/v1/batches?batch_id=beside", call_list([beside], OPEN), "text/csv")
    api.post(f"/v1/campaigns/{OPEN}/start")
    # The same engine calls whom it may, again and again: it had every chance to call the others too.
    assert wait_until(lambda: api.get(f"/v1/campaigns/{OPEN}/figures")["finished"] == {"exhausted": 1}, SOON, LOOK)
    assert calling.shown() == []
    opened = datetime.now(UTC)
    calling.put(windows=ALWAYS)
    calling.finish()
    attempts = calling.attempts()
    assert opened < min(each.saved for each in attempts) < opened + AT_ONCE
    assert min(call.started for call in calling.calls() if call.number != beside.number) > opened
    assert calling.dispositions() == {"delivered": len(closed)}


def test_a_window_that_closes_stops_new_calls_at_once(calling: Calling) -> None:
    calling.engine.settings |= {"calls_per_second": "8"}
    calling.begin([Debtor(number, ("human/3/",)) for number in range(1, 25)])
    assert wait_until(lambda: len(calling.channels()) >= 5, SOON, LOOK)
    calling.put(windows=NEVER)
    closed = datetime.now(UTC)
    assert wait_until(lambda: calling.shown() != [] and "open" not in calling.dispositions(), SOON, LOOK)
    calling.carrier_is_idle()
    reopened = datetime.now(UTC)
    calling.put(windows=ALWAYS)
    calling.finish()
    placed = [each.placed for each in calling.attempts() if each.placed and each.disposition != "withdrawn"]
    begun = [call.started for call in calling.calls()]
    assert min(begun) < closed, "nobody was called before it closed"
    assert [moment for moment in placed if closed < moment < reopened] == []
    assert [moment for moment in begun if closed + TRANSIT < moment < reopened] == []
    assert calling.broken_promises() == []
