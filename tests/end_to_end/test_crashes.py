"""What does a crash cost? Calls may be lost; nobody is called more often, and nothing stays open."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dialer.adapters.store import Database, SqlStore
from lab.process import wait_until
from tests.support.calling import CAMPAIGN, LOOK, PATIENCE, SOON, Calling, Debtor
from tests.support.feed import disagreements

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
MANY = [Debtor(number, MIXED[number % len(MIXED)]) for number in range(1, 121)]
KILLS = ("Ring", "Up", *8 * [None])  # while that is seen at the carrier, or at any moment


def somebody_is(calling: Calling, state: str) -> Callable[[], bool]:
    """`Ring` or `Up`, at the carrier."""
    return lambda: any(each == state for _, each in calling.channels())


def seed() -> int:
    """Of the random moments; DZ_SEED repeats those of a former run."""
    return int(os.environ.get("DZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def test_an_engine_killed_ten_times_calls_nobody_twice_and_tells_of_every_call_once(calling: Calling) -> None:
    chosen = seed()
    print(f"DZ_SEED={chosen}")  # noqa: T201  shown when the test fails
    moments = random.Random(chosen)
    calling.engine.settings |= {"calls_per_second": "5"}
    calling.begin(MANY)
    for look_for in KILLS:
        if look_for is not None:
            assert wait_until(somebody_is(calling, look_for), SOON, LOOK)
        else:
            moment = time.monotonic() + moments.uniform(0, 2)
            assert wait_until(lambda at=moment: time.monotonic() >= at, SOON)  # type: ignore[misc]
        assert not calling.is_finished(), "the campaign was over before it could be interrupted"
        with calling.interrupted():
            calling.engine.kill()
        calling.engine.start()
    calling.finish(4 * PATIENCE)
    assert calling.broken_promises() == []
    assert {contact["finished"] for contact in calling.contacts()} <= {"delivered", "exhausted", "no_number"}
    assert asyncio.run(told_otherwise(calling)) == []


async def told_otherwise(calling: Calling) -> list[str]:
    """What the feed leaves out, repeats or tells otherwise than the attempts' rows."""
    database = Database(calling.engine.environment()["DZWONEK_DATABASE"])
    try:
        return await disagreements(SqlStore(database), CAMPAIGN)
    finally:
        await database.close()


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
