"""What stays of a talk that two agents have had?"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from dialer.agents.wrap_up import WrappingUp
from dialer.conclude import Concluder
from dialer.core.agents import AgentState
from dialer.core.numbers import NumberingPlan
from dialer.core.wrap_up import TalkOutcome, WrapUp
from dialer.model import Attempt
from dialer.ports.store import Conflict, Store
from tests.support.clock import SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import WRAP_UP, a_floor, an_agent

ANNA, BERT = an_agent("anna"), an_agent("bert")


class Written:
    """The store of what was said: of each talk once."""

    def __init__(self) -> None:
        self.said: list[WrapUp] = []

    async def wrap_up(self, said: WrapUp, _: Callable[..., object]) -> None:
        if any(each.attempt_id == said.attempt_id for each in self.said):
            raise Conflict(f"{said.attempt_id} is wrapped up already")
        self.said.append(said)

    async def calls_of_agents(self) -> Sequence[Attempt]:
        return []

    async def talks_to_wrap_up(self, before: datetime) -> Sequence[str]:
        return []


@asynccontextmanager
async def handed_over(folder: Path) -> AsyncIterator[tuple[WrappingUp, Written, Callable[[], WrapUp]]]:
    """Anna's telephone died in a talk, bert has taken it over, and anna's time to wrap it up has passed.

    The last of the three lets the callee leave, and is what bert may say of the talk then.
    """
    async with a_floor(folder, ANNA, BERT) as floor:
        written = Written()
        concluder = Concluder(floor.store, floor.lanes)
        wrapping_up = WrappingUp(
            cast(Store, written), floor.roster, floor.tracker, concluder, floor.lanes, floor.clock, NumberingPlan.TEST
        )
        running = asyncio.create_task(wrapping_up.run())
        caller = floor.answer()
        await passes(SECOND)
        floor.legs.lose(ANNA.phone)
        floor.wait(caller)
        await passes(WRAP_UP + SECOND)
        assert floor.states() == {"anna": AgentState.PAUSED, "bert": AgentState.TALKING}

        def leave() -> WrapUp:
            floor.leave(caller)
            for tell in concluder.watchers:
                tell(floor.over[-1])  # it is written down
            return WrapUp(caller, TalkOutcome.INFORMED, floor.clock.now(), "bert")

        yield wrapping_up, written, leave
        running.cancel()


@in_virtual_time
async def test_who_has_the_caller_last_says_what_came_of_the_talk(tmp_path: Path) -> None:
    async with handed_over(tmp_path) as (wrapping_up, written, leave):
        said = leave()
        await passes(2 * SECOND)
        assert written.said == [], "bert is asked"
        await wrapping_up.say("bert", said)
        await passes(2 * WRAP_UP)
        assert written.said == [said]


@in_virtual_time
async def test_when_neither_says_anything_the_plan_goes_on_after_the_last(tmp_path: Path) -> None:
    async with handed_over(tmp_path) as (_, written, leave):
        leave()
        await passes(WRAP_UP - SECOND)
        assert written.said == []
        await passes(2 * SECOND)
        assert [each.outcome for each in written.said] == [TalkOutcome.UNFINISHED]
