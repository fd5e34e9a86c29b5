"""What is killed again and again? A whole engine in a process of its own, with a carrier whose log outlives it.

Calls take tenths of a second instead of half a minute, so that a kill finds many of them under way.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import structlog

from dialer.adapters.clock import SystemClock
from dialer.adapters.placing import PlacingFiles
from dialer.adapters.simulated import Listening, SimulatedSwitch, Story
from dialer.adapters.simulated.carried import CarrierLog
from dialer.adapters.simulated.voice import SilentVoice
from dialer.adapters.store import Database, SqlStore, claimed
from dialer.core.call import End
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.model import OutgoingCall

LIMITS = TrunkLimits(100, 60, 50)
MS = timedelta(milliseconds=1)


class CarrierFile(CarrierLog):
    """Writes down every call in the moment in which it is placed; a kill does not take that back."""

    def __init__(self, path: Path) -> None:
        super().__init__(LIMITS)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def on_placed(self, call: OutgoingCall, at: datetime) -> None:
        os.write(self._file, f"{call.attempt_id} {call.number} {at.isoformat()}\n".encode())
        super().on_placed(call, at)


def run(url: str, carrier: Path, seed: int) -> None:
    """Until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_run(url, carrier, seed))


async def _run(url: str, carrier: Path, seed: int) -> None:
    database, clock = Database(url), SystemClock()
    with claimed(database):
        placing = PlacingFiles(carrier.parent / "placing")
        bounds = Bounds([Route("carrier", LIMITS)], NumberingPlan.TEST)
        engine = Engine(SqlStore(database), SilentVoice(), clock, placing.new_id, bounds, placing)
        switch = SimulatedSwitch(_stories(seed), clock, CarrierFile(carrier))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(switch.run(engine.tracker), name="switch")
            tasks.create_task(engine.run(switch, asyncio.Event(), switch), name="engine")


def _stories(seed: int) -> Callable[[OutgoingCall], Story]:
    def story(call: OutgoingCall) -> Story:
        chance = Random(f"{seed}/{call.attempt_id}")
        later = chance.uniform(30, 200) * MS
        if chance.random() < 0.4:
            heard, whole = chance.uniform(50, 300) * MS, chance.random() < 0.5
            return Story(End.NORMAL, later + heard, 5 * MS, 10 * MS, later, Listening(heard, whole))
        return Story(chance.choice([End.BUSY, End.NO_ANSWER, End.REJECTED, End.UNAVAILABLE]), later, 5 * MS, 10 * MS)

    return story
