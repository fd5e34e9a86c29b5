"""What becomes of a call that an earlier run of the engine placed, and that still lives?"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import pytest

from dialer.calloff import CallOff
from dialer.conclude import Concluder
from dialer.core.call import End, Ended
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.model import Attempt, Disposition
from dialer.place import Placer
from dialer.ports import CallPhase, NothingNoted, Presence, Switch
from dialer.ports.store import CalledOff, Conclusion, Store, TalkBegun
from dialer.recover import Recovery
from dialer.routes import Routes
from dialer.track import Tracker
from tests.support.ear import RealClock

LEFT_OPEN = Attempt("a" * 32, 1, "C", 1, 1, "+48280000001", "m", datetime(2026, 11, 23, 12, tzinfo=UTC))


class OneLeftOpen:
    async def open_talks(self) -> list[TalkBegun]:
        return []

    async def open_attempts(self) -> list[Attempt]:
        return [LEFT_OPEN]

    async def called_off(self) -> list[CalledOff]:
        return []


class StillThere:
    """A switch with one call."""

    def __init__(self, phase: CallPhase) -> None:
        self._phase = phase
        self.adopted = asyncio.Event()

    async def live_calls(self) -> Mapping[str, CallPhase]:
        return {LEFT_OPEN.id: self._phase}

    def adopt(self, attempt_id: str, phase: CallPhase) -> None:
        self.adopted.set()


class NothingPlaced:
    is_reconciled = False


class NothingWaits:
    waiting: Mapping[str, Conclusion] = {}


@pytest.mark.parametrize(
    ("phase", "meaning"),
    [
        (CallPhase.DIALING, Disposition.NO_ANSWER),
        (CallPhase.RINGING, Disposition.NO_ANSWER),
        (CallPhase.ANSWERED, Disposition.HUNG_UP),
    ],
)
async def test_whoever_had_answered_before_we_came_back_did_answer(phase: CallPhase, meaning: Disposition) -> None:
    over: list[Conclusion] = []
    clock = RealClock()
    tracker = Tracker(Routes([Route("carrier", TrunkLimits(5, 5, 5))]), clock, over.append)
    switch = StillThere(phase)
    recovery = Recovery(
        cast(Store, OneLeftOpen()),
        cast(Switch, switch),
        tracker,
        cast(Placer, NothingPlaced()),
        CallOff(tracker, cast(Concluder, NothingWaits())),
        clock,
        NothingNoted(),
    )
    await recovery.load()
    tracker.on_presence(Presence.READY)
    running = asyncio.create_task(recovery.run())
    async with asyncio.timeout(5):
        await switch.adopted.wait()
    running.cancel()
    tracker.on_call(Ended(LEFT_OPEN.id, clock.now(), End.NORMAL, "16"))
    assert [each.disposition for each in over] == [meaning]
