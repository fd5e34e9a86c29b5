"""When does the trunk take the next call after something was wrong with it?"""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.call import Answered, End, Ended, MessageStarted, Started
from dialer.core.routes import Route
from dialer.core.trunks import FAILURES_TO_CLOSE, TrunkLimits
from dialer.model import Attempt
from dialer.routes import Routes
from dialer.track import Tracker

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Standing:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class Line:
    """A trunk, and calls over it that are answered."""

    def __init__(self) -> None:
        self.clock = Standing()
        self.routes = Routes([Route("carrier", TrunkLimits(10, 50, 50))])
        [self.trunk] = self.routes.trunks
        self.tracker = Tracker(self.routes, self.clock, lambda _: None)
        self._placed = 0

    def answered(self, *, hears_message: bool, why: End = End.NORMAL) -> None:
        self._placed += 1
        attempt = Attempt(f"{self._placed:032x}", self._placed, "RENT", 1, 1, "+48280000001", "spoken", NOW)
        self.tracker.begin(attempt, self.trunk)
        self.tracker.on_call(Started(attempt.id, NOW))
        self.tracker.on_call(Answered(attempt.id, NOW))
        if hears_message:
            self.tracker.on_call(MessageStarted(attempt.id, NOW))
            self.tracker.on_message_ended(attempt.id, timedelta(seconds=4), whole=True, failed=False)
        self.tracker.on_call(Ended(attempt.id, NOW, why))

    def sends(self, calls: int, *, took: float, always: bool = False) -> None:
        """A tenth of a second apart; the switch takes so long to begin the first of them, or each."""
        for place in range(calls):
            self._placed += 1
            began = self.clock.seconds = place / 10
            attempt = Attempt(f"{self._placed:032x}", self._placed, "RENT", 1, 1, "+48280000001", "spoken", NOW)
            self.tracker.begin(attempt, self.trunk)
            self.clock.seconds = began + (took if always or place == 0 else 0.002)
            self.tracker.on_call(Started(attempt.id, NOW))

    @property
    def room(self) -> int:
        return self.routes.room(self.clock.monotonic())


def test_nobody_else_is_called_while_answered_calls_reach_no_message() -> None:
    line = Line()
    for _ in range(FAILURES_TO_CLOSE):
        assert line.room > 1
        line.answered(hears_message=False)
    assert line.room == 0


def test_then_single_calls_find_out_whether_the_message_is_there_again() -> None:
    line = Line()
    for _ in range(FAILURES_TO_CLOSE):
        line.answered(hears_message=False)
    line.clock.seconds = 5.0
    assert line.room == 1
    line.answered(hears_message=False)
    line.clock.seconds = 5.5
    assert line.room == 0
    line.clock.seconds = 100.0
    assert line.room == 1
    line.answered(hears_message=True)
    line.clock.seconds = 101.0
    assert line.room == 50


def test_a_few_people_who_hang_up_at_once_prove_nothing() -> None:
    line = Line()
    for _ in range(3 * FAILURES_TO_CLOSE):
        for _ in range(FAILURES_TO_CLOSE - 1):
            line.answered(hears_message=False)
        line.answered(hears_message=True)
        line.clock.seconds += 10
    assert line.room == 50


def test_calls_that_were_lost_prove_nothing() -> None:
    line = Line()
    for _ in range(3 * FAILURES_TO_CLOSE):
        line.answered(hears_message=False, why=End.LOST)
    line.clock.seconds = 10
    assert line.room == 50


def test_a_call_that_the_switch_held_up_counts_from_when_it_left() -> None:
    """Ten a second: the carrier would see eleven within one, did the first come a quarter of a second late."""
    line = Line()
    line.sends(10, took=0.25)
    assert line.trunk.next_start(1.0) == pytest.approx(1.27, abs=0.01)


def test_what_the_switch_takes_for_every_call_slows_none() -> None:
    line, prompt = Line(), Line()
    line.sends(200, took=0.08, always=True)
    prompt.sends(200, took=0.0, always=True)
    now = line.clock.seconds
    assert line.trunk.next_start(now) == pytest.approx(prompt.trunk.next_start(now))
