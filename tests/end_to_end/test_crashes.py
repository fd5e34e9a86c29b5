"""What does a crash cost? Calls may be lost; nobody is called more often, and nothing stays open."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lab.process import wait_until
from tests.support.calling import LOOK, SOON, Calling, Debtor

pytestmark = pytest.mark.lab

GOES_ON_WITHIN = timedelta(seconds=10)
MIXED = [
    ("human/3/",),
    ("busy/1/", "human/1/"),
    ("noanswer/30/", "human/1/"),
    ("human/1/hangup@1s", "voicemail/1/"),
    ("unallocated/0/",),
]
LASTING = [Debtor(number, MIXED[number % len(MIXED)]) for number in range(1, 41)]


def somebody_is(calling: Calling, state: str) -> Callable[[], bool]:
    """`Ring` or `Up`, at the carrier."""
    return lambda: any(each == state for _, each in calling.channels())


def seed() -> int:
    """Of the random moments; DZ_SEED repeats those of a former run."""
    return int(os.environ.get("DZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def test_an_engine_killed_at_any_moment_calls_nobody_twice(calling: Calling) -> None:
    chosen = seed()
    print(f"DZ_SEED={chosen}")  # noqa: T201  shown when the test fails
    moments = random.Random(chosen)
    calling.engine.settings |= {"calls_per_second": "5"}
    calling.begin(LASTING)
    for look_for in ("Ring", "Up", None, None, None):
        if look_for is not None:
            assert wait_until(somebody_is(calling, look_for), SOON, LOOK)
        else:
            moment = time.monotonic() + moments.uniform(0, 2)
            assert wait_until(lambda at=moment: time.monotonic() >= at, SOON)  # type: ignore[misc]
        assert not calling.is_finished(), "the campaign was over before it could be interrupted"
        with calling.interrupted():
            calling.engine.kill()
        calling.engine.start()
    calling.finish()
    assert calling.broken_promises() == []
    assert {contact["finished"] for contact in calling.contacts()} <= {"delivered", "exhausted", "no_number"}


def test_calls_go_on_after_the_pbx_restarts_and_after_it_dies(calling: Calling) -> None:
    laboratory = calling.engine.laboratory
    calling.engine.settings |= {"calls_per_second": "5"}
    calling.begin(LASTING)

    def dies_and_is_started() -> None:
        laboratory.kill_pbx()
        assert wait_until(lambda: calling.engine.health()["switch"] == "away", SOON)
        laboratory.hang_up_everything_at_carrier()  # a dead PBX says no goodbye; the carrier's timers do
        laboratory.start_pbx()

    for goes_down_and_up in (laboratory.restart_pbx, dies_and_is_started):
        assert wait_until(somebody_is(calling, "Up"), SOON, LOOK)
        with calling.interrupted():
            goes_down_and_up()
            came_back = datetime.now(UTC)
            calling.engine.await_switch(GOES_ON_WITHIN)
        assert wait_until(lambda after=came_back: has_called_since(calling, after), GOES_ON_WITHIN, LOOK)  # type: ignore[misc]
    assert wait_until(lambda: everybody_rests(calling), timedelta(seconds=40), LOOK)
    assert calling.engine.health()["status"] == "well"
    calling.carrier_is_idle()
    assert calling.broken_promises() == []
    ended = calling.dispositions()
    assert ended["delivered"] > 0
    assert ended.get("lost", 0) + ended.get("failed", 0) > 0


def everybody_rests(calling: Calling) -> bool:
    """Whether nobody is called soon: a call that never left, because the trunk was not there, is tried in a minute."""
    soon = datetime.now(UTC) + timedelta(seconds=10)
    return all(
        each["state"] == "finished" or (each["state"] == "waiting" and datetime.fromisoformat(each["due_at"]) > soon)
        for each in calling.contacts()
    )


def has_called_since(calling: Calling, moment: datetime) -> bool:
    return any(each.placed and each.placed > moment for each in calling.attempts()) and bool(calling.channels())
