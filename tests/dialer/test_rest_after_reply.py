"""Is whoever promised to pay, or says that it is paid, left in peace for as long as was agreed?"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from dialer.conclude import Concluder
from dialer.core.answers import NO_ANSWERS, Answers, Reply
from dialer.core.call import Call, End, MessageEnded, State
from dialer.core.retry import Done, Number, Stand
from dialer.lanes import Lanes
from dialer.model import (
    Attempt,
    AttemptRules,
    CallingHours,
    CampaignState,
    Disposition,
    FinishReason,
    Lane,
    NumberType,
)
from dialer.ports.store import Campaigns, Concluded, Conclusion, Ledger

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PHONE = "+48280000001"
BEFORE = Stand([Number(PHONE, 1, 0, NumberType.MOBILE)], {}, None, 0)


class OneLane:
    """The ledger and the campaigns of one lane: what was decided is kept."""

    def __init__(self) -> None:
        self.decided: asyncio.Queue[Concluded] = asyncio.Queue()

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        rules = AttemptRules(per_number=3, spacing=HOUR, ring_time=timedelta(seconds=20))
        hours = CallingHours({}, WARSAW, "PL")
        return [(Lane(1, "RENT", None, hours, rules, "+48380000001", 100), CampaignState.RUNNING)]

    async def conclude(
        self, conclusions: Sequence[Conclusion], decide: Callable[[Conclusion, Stand], Concluded]
    ) -> None:
        for each in conclusions:
            self.decided.put_nowait(decide(each, BEFORE))


async def concluded(answers: Answers, outcome: Disposition = Disposition.REPLIED) -> Concluded:
    world = OneLane()
    lanes = Lanes(cast(Campaigns, world))
    await lanes.refresh()
    concluder = Concluder(cast(Ledger, world), lanes)
    attempt = Attempt("a", 1, "RENT", 1, 1, PHONE, "m", MONDAY)
    message = MessageEnded("a", MONDAY, HOUR, whole=False, answers=answers)
    call = Call("a", MONDAY, State.ENDED, answered_at=MONDAY, message=message, ended_at=MONDAY, end=End.NORMAL)
    running = asyncio.create_task(concluder.run())
    concluder.add(Conclusion(attempt, call, outcome))
    async with asyncio.timeout(5):
        decided = await world.decided.get()
    running.cancel()
    return decided


@pytest.mark.parametrize(
    ("answers", "until"),
    [
        (Answers(True, (Reply.PROMISE,), date(2026, 12, 4)), datetime(2026, 12, 9, tzinfo=WARSAW)),
        (Answers(True, (Reply.ALREADY_PAID,)), datetime(2026, 11, 27, tzinfo=WARSAW)),
        (Answers(True, (Reply.AGENT,)), MONDAY + HOUR),
    ],
    ids=["promise", "paid", "agent"],
)
async def test_no_list_brings_anybody_back_before_that(answers: Answers, until: datetime) -> None:
    decided = await concluded(answers)

    assert decided.next == Done(FinishReason.REPLIED)
    assert decided.rest_until == until


async def test_whoever_said_nothing_rests_as_the_plan_says() -> None:
    assert (await concluded(NO_ANSWERS, Disposition.HUNG_UP)).rest_until == MONDAY + HOUR
