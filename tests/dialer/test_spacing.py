"""From which moment does the spacing between two calls of a contact run?"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from dialer.conclude import Concluder
from dialer.core.call import Call, End, State
from dialer.core.retry import Again, Number, Stand
from dialer.lanes import Lanes
from dialer.model import Attempt, AttemptRules, CallingHours, CampaignState, Disposition, Lane, NumberType
from dialer.ports.store import Campaigns, Concluded, Conclusion, Ledger

SAVED = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACED = SAVED + timedelta(milliseconds=130)  # it waited for its turn on the trunk
SPACING = timedelta(hours=1)
NUMBER = "+48280000001"
RULES = AttemptRules(per_number=3, spacing=SPACING, ring_time=timedelta(seconds=25))
LANE = Lane(1, "C", None, CallingHours({}, ZoneInfo("Europe/Warsaw")), RULES, "+48380000001", 100)
STAND = Stand([Number(NUMBER, 1, 0, NumberType.MOBILE)], {}, None, uncounted=0)


class OneLane:
    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        return [(LANE, CampaignState.RUNNING)]


class Listening:
    """A ledger that remembers what follows for the contact."""

    def __init__(self) -> None:
        self.decided: list[Concluded] = []

    async def conclude(
        self,
        conclusions: Sequence[Conclusion],
        decide: Callable[[Conclusion, Stand], Concluded],
    ) -> None:
        self.decided += [decide(each, STAND) for each in conclusions]


async def test_it_runs_from_when_the_telephone_rang_not_from_when_the_attempt_was_saved() -> None:
    ledger, lanes = Listening(), Lanes(cast(Campaigns, OneLane()))
    await lanes.refresh()
    concluder = Concluder(cast(Ledger, ledger), lanes)
    writing = asyncio.create_task(concluder.run())
    busy = Call("a", PLACED, State.ENDED, ended_at=PLACED + timedelta(seconds=2), end=End.BUSY)
    concluder.add(Conclusion(Attempt("a", 1, "C", 1, 1, NUMBER, "m", SAVED), busy, Disposition.BUSY))
    async with asyncio.timeout(5):
        await concluder.all_written()
    writing.cancel()
    [decided] = ledger.decided
    assert decided.next == Again(PLACED + SPACING)
    assert decided.rest_until == PLACED + SPACING
