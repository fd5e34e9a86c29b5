"""Is an agent shown each contact first, called only if the agent says so, and is nobody ever stuck?"""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.agents.preview import PASSED, NothingShown, Previews
from dialer.core.agents import NO_DECISION, AgentState
from dialer.core.call import End, Ended
from dialer.core.rules import Rule
from dialer.model import Attempt, Disposition, Lane, LegKind, Mode
from tests.support.clock import MINUTE, SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import WRAP_UP, Floor, a_floor, a_lane, an_agent

ANNA, BERT = an_agent("anna"), an_agent("bert")
LANE = a_lane(mode=Mode.PREVIEW)


class Desk:
    """A floor whose agents look before they call; ``placed`` as the dispatcher was told."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.previews = Previews(floor.roster, floor.joins, floor.tracker, floor.lanes, floor.clock)
        self.previews.place = self._place
        self.placed: list[str] = []

    def _place(self, attempt: Attempt, lane: Lane) -> None:
        assert lane == self.floor.lanes.rules(attempt.lane_id)
        assert self.floor.joins.keeps(attempt)
        self.placed.append(self.floor.place(attempt))

    def show(self, agent_id: str = "anna") -> Attempt:
        attempt = self.floor.saved(agent_id=agent_id)
        assert self.previews.show(attempt, self.floor.lanes.rules(1))
        return attempt

    @property
    def ends(self) -> list[tuple[Disposition, str]]:
        return [(each.disposition, each.call.platform_code) for each in self.floor.over]


@in_virtual_time
async def test_nobody_is_called_before_the_agent_says_so_and_then_for_that_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        attempt = desk.show()
        await passes(30 * SECOND)
        assert desk.placed == []
        assert floor.demand.how_many(LANE) == 1, "bert is free for another"
        desk.previews.call("anna")
        assert desk.placed == [attempt.id]
        floor.pick_up(attempt.id)
        await passes(SECOND)
        assert floor.agent("anna").state is AgentState.TALKING
        assert floor.agent("bert").state is AgentState.READY
        with pytest.raises(NothingShown):
            desk.previews.call("anna")


@in_virtual_time
async def test_who_is_skipped_comes_again_later_and_the_agent_sees_the_next(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        desk.show()
        desk.previews.skip("anna", "just_called")
        assert desk.ends == [(Disposition.WITHDRAWN, Rule.SKIPPED)]
        assert floor.over[0].put_off == LANE.rules.spacing
        assert floor.agent("anna").state is AgentState.READY
        assert desk.show()


@in_virtual_time
async def test_who_does_not_decide_gets_a_pause_and_the_contact_somebody_else(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        desk.show()
        await passes(MINUTE + SECOND)
        assert desk.ends == [(Disposition.WITHDRAWN, PASSED)]
        assert floor.over[0].put_off is None
        assert (floor.agent("anna").state, floor.agent("anna").reason) == (AgentState.PAUSED, NO_DECISION)


@in_virtual_time
async def test_a_settled_case_is_looked_at_no_more(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        attempt = desk.show()
        desk.previews.call_off(attempt.id, Rule.CALLED_OFF)
        assert desk.ends == [(Disposition.WITHDRAWN, Rule.CALLED_OFF)]
        assert floor.agent("anna").state is AgentState.READY
        with pytest.raises(NothingShown):
            desk.previews.shown_to("anna")


@in_virtual_time
async def test_a_plan_that_is_edited_takes_the_contact_from_the_screen(tmp_path: Path) -> None:
    lanes = [LANE]
    async with a_floor(tmp_path, ANNA, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        desk.show()
        await floor.lanes.refresh()
        assert desk.ends == []
        floor.replace_lanes(replace(lanes[0], caller_number="+48380000002"))
        await floor.lanes.refresh()
        assert desk.ends == [(Disposition.WITHDRAWN, Rule.PLAN_CHANGED)]


@in_virtual_time
async def test_a_stop_takes_everybody_from_the_screens(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        desk.show("anna")
        desk.show("bert")
        desk.previews.close(Rule.ENGINE_STOPPED)
        assert desk.ends == 2 * [(Disposition.WITHDRAWN, Rule.ENGINE_STOPPED)]
        assert set(floor.states().values()) == {AgentState.READY}


@in_virtual_time
async def test_an_agent_who_is_not_free_is_shown_nobody(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(LANE,)) as floor:
        desk = Desk(floor)
        desk.show()
        assert not desk.previews.show(floor.saved(agent_id="anna"), LANE)
        floor.roster.pause("anna", "lunch")
        assert desk.ends == [(Disposition.WITHDRAWN, PASSED)]
        assert not desk.previews.show(floor.saved(agent_id="anna"), LANE)
        assert floor.agent("anna").reason == "lunch"


# ---- whatever happens ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
@in_virtual_time
async def test_no_agent_and_no_attempt_is_ever_stuck(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    legs = (LegKind.NAILED_UP, LegKind.RING)[seed % 2]
    async with a_floor(tmp_path, an_agent("anna", leg=legs), an_agent("bert"), lanes=(LANE,)) as floor:
        desk, shown = Desk(floor), list[Attempt]()

        def show() -> None:
            agent_id = chance.choice(["anna", "bert"])
            attempt = floor.saved(agent_id=agent_id)
            shown.append(attempt)
            if not desk.previews.show(attempt, LANE):
                floor.tracker.withdraw(attempt, Rule.AGENT_BUSY)

        def decide(decision: Callable[[str], object]) -> None:
            try:
                decision(chance.choice(["anna", "bert"]))
            except NothingShown:
                return

        def call_goes_on() -> None:
            live = [each for each in floor.tracker.live if each.call.answered_at is None]
            if not live:
                return
            call = chance.choice(live).attempt.id
            if chance.random() < 0.5:
                floor.pick_up(call)
            else:
                floor.tracker.on_call(Ended(call, floor.clock.now(), End.NO_ANSWER))

        steps: list[Callable[[], object]] = [
            show, show, show,
            lambda: decide(desk.previews.call), lambda: decide(desk.previews.call),
            lambda: decide(lambda name: desk.previews.skip(name, "later")),
            lambda: desk.previews.call_off(chance.choice(shown).id, Rule.CALLED_OFF) if shown else None,
            call_goes_on, call_goes_on,
            lambda: floor.roster.pause(chance.choice(["anna", "bert"]), "lunch"),
            lambda: floor.roster.be_ready(chance.choice(["anna", "bert"])),
            lambda: floor.legs.lose("phone-bert"),
            lambda: floor.legs.register("phone-bert"),
        ]  # fmt: skip
        for _ in range(60):
            chance.choice(steps)()
            await passes(chance.choice([0, 1, 5, 40]) * SECOND)
        for live in list(floor.tracker.live):
            floor.leave(live.attempt.id)
        await passes(2 * MINUTE + WRAP_UP)
        stuck = {AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP}
        assert not stuck & set(floor.states().values()), floor.states()
        assert len(floor.over) == len(shown)
        assert len({each.attempt.id for each in floor.over}) == len(shown), "each attempt has one end"
