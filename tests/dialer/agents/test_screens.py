"""Is an agent told of what is paid while they talk of it, and nobody else?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from dialer.agents.screens import Calling, CaseSettled, Screens, ScreensStore
from dialer.core.balances import BalanceRow, BalanceStatus, BalanceVerdict
from dialer.core.cases import CaseRow
from dialer.core.inbound import InboundCall
from tests.support.balances import balance
from tests.support.clock import MONDAY, SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import WRAP_UP, Floor, a_floor, an_agent
from tests.support.stores import row

PAID = BalanceStatus.CLOSED_PAID


@dataclass
class Cases:
    """Everybody has the same."""

    case: CaseRow

    async def cases_of(self, contact_id: int) -> Sequence[CaseRow]:
        return [self.case]

    async def cases_of_caller(self, client_id: str, number: str) -> Sequence[CaseRow]:
        return [self.case]


@asynccontextmanager
async def a_talk(folder: Path) -> AsyncIterator[tuple[Floor, Screens, str]]:
    """Anna talks; the attempt."""
    case = row("D1").verdict.case
    assert case is not None
    async with a_floor(folder, an_agent("anna")) as floor:
        screens = Screens(cast(ScreensStore, Cases(case)), floor.roster, floor.joins, floor.tracker, floor.lanes)
        task = asyncio.create_task(screens.run())
        attempt_id = floor.answer()
        await passes(SECOND)
        try:
            yield floor, screens, attempt_id
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def arrives(screens: Screens, sent: BalanceRow, status: BalanceStatus = PAID) -> None:
    screens.on_balances(MONDAY, [sent], [BalanceVerdict(1, sent.case_id, status)])


@in_virtual_time
async def test_the_agent_is_told_of_a_payment_and_the_wrap_up_knows_it(tmp_path: Path) -> None:
    async with a_talk(tmp_path) as (floor, screens, attempt_id):
        screen = screens.open("anna")
        arrives(screens, sent := balance())
        told = CaseSettled(attempt_id, MONDAY, "CL-CZYNSZ", "RENT/D1", PAID, sent.amount, sent.currency)
        assert screen.get_nowait() == told
        assert floor.hung_up == [], "they talk on"
        floor.leave(attempt_id)
        for conclusion in floor.over:
            screens.over(conclusion)
        assert screens.settled(attempt_id) == (told,)
        await passes(WRAP_UP + SECOND)
        assert screens.settled(attempt_id) == ()


@in_virtual_time
async def test_what_comes_during_the_wrap_up_is_told_too(tmp_path: Path) -> None:
    async with a_talk(tmp_path) as (floor, screens, attempt_id):
        floor.leave(attempt_id)
        for conclusion in floor.over:
            screens.over(conclusion)
        arrives(screens, balance(amount="10.00"), BalanceStatus.UPDATED_PARTIAL)
        assert [told.status for told in screens.settled(attempt_id)] == [BalanceStatus.UPDATED_PARTIAL]


@in_virtual_time
async def test_what_changes_nothing_or_is_anothers_is_not_told(tmp_path: Path) -> None:
    async with a_talk(tmp_path) as (_, screens, attempt_id):
        for sent, status in (
            (balance(), BalanceStatus.DUPLICATE),
            (balance(), BalanceStatus.UPDATED_SAME),
            (balance("RENT/D2"), PAID),
            (balance(client="CL-OTHER"), PAID),
        ):
            arrives(screens, sent, status)
        assert screens.settled(attempt_id) == ()


@in_virtual_time
async def test_the_agent_sees_what_a_caller_owes_and_that_it_is_paid(tmp_path: Path) -> None:
    async with a_talk(tmp_path) as (floor, screens, attempt_id):
        floor.leave(attempt_id)
        await passes(WRAP_UP + SECOND)
        screen = screens.open("anna")
        screens.calls_us(InboundCall("1795.1", "energia", "CL", "+48380000051", "+48280000001", MONDAY))
        await passes(SECOND)
        floor.calls_us("1795.1")
        await passes(SECOND)
        arrives(screens, balance())
        told = [screen.get_nowait() for _ in range(screen.qsize())]

        assert [len(each.cases) for each in told if isinstance(each, Calling)] == [1]
        assert [each.attempt_id for each in told if isinstance(each, CaseSettled)] == ["1795.1"]
        floor.joins.waits_no_more("1795.1")
        screens.caller_gone("1795.1")
        assert screens.settled("1795.1") != (), "to be wrapped up"
        await passes(WRAP_UP + SECOND)
        assert screens.settled("1795.1") == ()
