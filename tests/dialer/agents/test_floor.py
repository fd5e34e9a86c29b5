"""Does every answered call reach an agent, and does no agent lose a caller or the way back?"""

import asyncio
from pathlib import Path

import pytest

from dialer.agents.lines import Lines
from dialer.agents.roster import Roster
from dialer.core.agent_events import CustomerLeft
from dialer.core.agents import AWAITING_PHONE, NO_ANSWER, PHONE_LOST, AgentState
from dialer.core.call import End, Ended
from dialer.core.legs import LegState
from dialer.model import Disposition, LegKind, Mode
from dialer.ports import Presence
from dialer.ports.joiner import NailedUp, Ringing
from tests.support.clock import MINUTE, MS, SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import WRAP_UP, a_floor, a_lane, an_agent

ANNA, BERT = an_agent("anna"), an_agent("bert")


@in_virtual_time
async def test_an_answered_call_reaches_the_one_idle_for_longest(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        first, second = floor.answer(), floor.answer()
        await passes(20 * MS)
        assert floor.told == [("anna", first), ("bert", second)]
        assert set(floor.states().values()) == {AgentState.TALKING}
        floor.leave(second)
        await passes(SECOND)
        floor.leave(first)
        assert set(floor.states().values()) == {AgentState.WRAP_UP}
        await passes(WRAP_UP + SECOND)
        assert floor.answer() == floor.joined[-1][0]
        assert floor.told[-1][0] == "bert", "who was ready first"


@in_virtual_time
async def test_callers_wait_in_their_order_for_whoever_is_free_first(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        talking, second, third = (floor.answer() for _ in range(3))
        await passes(SECOND)
        assert floor.joins.waiting == 2
        floor.leave(talking)
        await passes(WRAP_UP)
        assert [attempt for attempt, _ in floor.joined] == [talking, second]
        floor.leave(second)
        await passes(WRAP_UP)
        assert [attempt for attempt, _ in floor.joined] == [talking, second, third]


@in_virtual_time
async def test_a_caller_who_was_told_that_nobody_is_free_takes_no_agent_any_more(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        talking, unlucky = floor.answer(), floor.answer()
        await passes(2 * SECOND)
        floor.announce(unlucky)
        floor.leave(talking)
        await passes(WRAP_UP + SECOND)
        assert floor.states() == {"anna": AgentState.READY}
        floor.leave(unlucky)
        assert [conclusion.disposition for conclusion in floor.over] == [Disposition.CONNECTED, Disposition.ABANDONED]


@in_virtual_time
async def test_a_caller_who_leaves_while_waiting_takes_no_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        talking, impatient = floor.answer(), floor.answer()
        floor.leave(impatient)
        floor.leave(talking)
        await passes(WRAP_UP + SECOND)
        assert floor.states() == {"anna": AgentState.READY}


@in_virtual_time
async def test_calls_go_to_those_who_can_take_them(tmp_path: Path) -> None:
    lanes = (a_lane(1, "pl"), a_lane(2, "de"))
    async with a_floor(tmp_path, an_agent("anna", "pl"), an_agent("bert", "pl", "de"), lanes=lanes) as floor:
        german = floor.answer(lane=2)
        polish = floor.answer(lane=1)
        waits = floor.answer(lane=1)
        assert floor.told == [("bert", german), ("anna", polish)]
        assert waits not in {attempt for attempt, _ in floor.joined}


# ---- how many calls ------------------------------------------------------------------------------


@in_virtual_time
async def test_there_is_one_call_for_each_free_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        lane = floor.lanes.rules(1)
        assert floor.demand.how_many(lane) == 2
        ringing = floor.call()
        assert floor.demand.how_many(lane) == 1
        floor.answer()
        assert floor.demand.how_many(lane) == 0, "one rings, one is taken"
        floor.leave(ringing)
        assert floor.demand.how_many(lane) == 1


@in_virtual_time
async def test_a_call_that_another_agent_cannot_take_does_not_keep_that_agent_waiting(tmp_path: Path) -> None:
    lanes = (a_lane(1, "pl"), a_lane(2, "de"))
    async with a_floor(tmp_path, an_agent("anna", "pl"), an_agent("bert", "de"), lanes=lanes) as floor:
        floor.call(lane=2)
        assert floor.demand.how_many(floor.lanes.rules(1)) == 1
        assert floor.demand.how_many(floor.lanes.rules(2)) == 0


# ---- who asks for an agent -----------------------------------------------------------------------


@in_virtual_time
async def test_whoever_hears_a_message_and_asks_for_an_agent_gets_one_by_skill(tmp_path: Path) -> None:
    lanes = (a_lane(1, "de", mode=Mode.MESSAGE),)
    async with a_floor(tmp_path, an_agent("anna", "pl"), an_agent("bert", "pl", "de"), lanes=lanes) as floor:
        asks = floor.ask()
        assert floor.told == [("bert", asks)]
        waits = floor.ask()
        await passes(SECOND)
        floor.leave(asks)
        await passes(WRAP_UP + SECOND)
        assert floor.told == [("bert", asks), ("bert", waits)]
        await passes(SECOND)
        floor.leave(waits)
        assert {conclusion.disposition for conclusion in floor.over} == {Disposition.CONNECTED}


@in_virtual_time
async def test_messages_take_no_agents_until_somebody_asks_for_one(tmp_path: Path) -> None:
    lanes = (a_lane(1, mode=Mode.MESSAGE), a_lane(2, campaign="CALLS"))
    async with a_floor(tmp_path, ANNA, lanes=lanes) as floor:
        messages, calls = (floor.lanes.rules(lane) for lane in (1, 2))
        for _ in range(3):
            floor.call()
        assert floor.demand.how_many(messages) is None, "agents do not limit them"
        assert floor.demand.how_many(calls) == 1
        talks = floor.ask()
        await passes(SECOND)
        unlucky = floor.ask()
        floor.announce(unlucky)
        floor.leave(unlucky)
        assert floor.agent("anna").attempt_id == talks
        assert floor.demand.how_many(calls) == 0
        assert [conclusion.disposition for conclusion in floor.over] == [Disposition.UNSERVED]


# ---- who is kept free for a call -----------------------------------------------------------------


@in_virtual_time
async def test_an_agent_who_is_kept_free_for_a_call_gets_that_one_and_no_other(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        agreed = floor.saved(agent_id="bert")
        assert floor.joins.pledge(agreed, "bert")
        assert list(floor.joins.free()) == ["anna"]
        assert not floor.joins.pledge(floor.saved(agent_id="bert"), "bert"), "kept for another call"
        floor.place(agreed)
        assert floor.demand.how_many(floor.lanes.rules(1)) == 1, "anna's, for bert has a call coming"
        others = [floor.answer(), floor.answer()]
        floor.pick_up(agreed.id)
        await passes(SECOND)
        assert floor.told == [("bert", agreed.id), ("anna", others[0])]
        assert floor.agent("bert").state is AgentState.TALKING
        floor.leave(agreed.id)
        assert floor.agent("bert").state is AgentState.WRAP_UP


@in_virtual_time
async def test_whatever_becomes_of_the_call_its_agent_is_given_back(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        for end in ("withdrawn", "given up", "unanswered", "left"):
            attempt = floor.saved(agent_id="anna")
            assert floor.joins.pledge(attempt, "anna"), end
            if end == "withdrawn":
                floor.tracker.withdraw(attempt, end)
            else:
                floor.place(attempt)
            if end == "given up":
                floor.tracker.give_up(attempt, end)
            elif end == "unanswered":
                floor.tracker.on_call(Ended(attempt.id, floor.clock.now(), End.NO_ANSWER))
            elif end == "left":
                floor.pick_up(attempt.id)
                floor.leave(attempt.id)
            await passes(WRAP_UP + SECOND)
            assert floor.agent("anna").state is AgentState.READY, end


@in_virtual_time
async def test_a_call_whose_agent_is_cut_off_meanwhile_is_for_anybody(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        agreed = floor.saved(agent_id="anna")
        floor.joins.pledge(agreed, "anna")
        floor.place(agreed)
        floor.legs.lose(ANNA.phone)
        floor.pick_up(agreed.id)
        await passes(SECOND)
        assert floor.told[-1] == ("bert", agreed.id)


# ---- lost telephones -----------------------------------------------------------------------------


@in_virtual_time
async def test_a_telephone_that_dies_while_idle_is_called_again_when_it_is_there(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.legs.lose(ANNA.phone)
        assert floor.agent("anna").reason == PHONE_LOST
        await passes(5 * MINUTE)
        assert 5 < len(floor.legs.called) < 25, "again and again, but not all the time"
        floor.legs.register(ANNA.phone)
        await passes(SECOND)
        leg = floor.lines.leg("anna")
        assert leg is not None
        assert leg.state is LegState.UP
        assert floor.agent("anna").state is AgentState.PAUSED
        floor.roster.be_ready("anna")
        assert floor.states() == {"anna": AgentState.READY}


@in_virtual_time
async def test_a_lost_telephone_is_called_again_soon_though_the_clock_was_set_back(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.legs.lose(ANNA.phone)
        await passes(2 * MINUTE)
        floor.clock.set_by = -120 * MINUTE
        floor.legs.registered.add(ANNA.phone)
        await passes(MINUTE)
        leg = floor.lines.leg("anna")
        assert leg is not None
        assert leg.state is LegState.UP


@in_virtual_time
async def test_a_telephone_that_dies_in_a_call_leaves_the_caller_to_somebody_else(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        caller = floor.answer()
        await passes(SECOND)
        floor.legs.lose(ANNA.phone)
        floor.wait(caller)  # as the flow does: the callee is still there
        await passes(SECOND)
        assert floor.told == [("anna", caller), ("bert", caller)]
        assert floor.states() == {"anna": AgentState.WRAP_UP, "bert": AgentState.TALKING}
        await passes(WRAP_UP)
        assert floor.agent("anna").reason == PHONE_LOST


@in_virtual_time
async def test_an_agent_who_is_not_there_after_all_is_sent_nobody_else(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        [gone] = [leg_id for leg_id in await floor.legs.live_legs() if ".anna." in leg_id]
        floor.refuses.add(gone)
        first, second = floor.answer(), floor.answer()
        await passes(50 * MS)
        ways = [way.leg_id for _, way in floor.joined if isinstance(way, NailedUp)]
        assert ways.count(gone) == 1
        assert floor.agent("bert").attempt_id == second, "who came second had bert reserved already"
        assert floor.joins.waiting == 1
        await passes(2 * SECOND)
        assert floor.agent("anna").attempt_id == first, "the telephone was called anew"


@in_virtual_time
async def test_a_telephone_that_rings_for_each_caller_and_is_not_picked_up_pauses_its_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, an_agent("anna", leg=LegKind.RING)) as floor:
        assert floor.states() == {"anna": AgentState.READY}
        caller = floor.answer()
        assert isinstance(floor.joined[0][1], Ringing)
        floor.joins.could_not_join(caller)
        assert floor.agent("anna").reason == NO_ANSWER


@in_virtual_time
async def test_whoever_calls_a_brand_gets_the_agent_who_can_take_its_callers(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, an_agent("bert", "brand")) as floor:
        floor.calls_us("1795.1", "brand")
        await passes(SECOND)
        assert floor.agent("bert").state is AgentState.TALKING
        assert floor.told == [("bert", "1795.1")]
        floor.joins.waits_no_more("1795.1")
        assert floor.agent("bert").state is AgentState.WRAP_UP


@in_virtual_time
async def test_a_caller_who_waits_for_nobody_any_more_takes_no_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.roster.pause("anna", "lunch")
        floor.calls_us("1795.1")
        floor.joins.waits_no_more("1795.1")
        floor.roster.be_ready("anna")
        assert (floor.joined, floor.agent("anna").state) == ([], AgentState.READY)


@in_virtual_time
async def test_a_caller_whose_hanging_up_is_told_by_the_switch_leaves_the_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.calls_us("1795.1")
        await passes(SECOND)
        floor.tracker.on_call(Ended("1795.1", floor.clock.now(), End.NORMAL))
        assert floor.agent("anna").state is AgentState.WRAP_UP


# ---- restarts ------------------------------------------------------------------------------------


@in_virtual_time
async def test_after_a_restart_of_the_switch_every_telephone_is_called_again(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        caller = floor.answer()
        await passes(SECOND)
        floor.legs.restart()
        floor.leave(caller)
        await passes(SECOND)
        assert sorted(floor.legs.called) == sorted(2 * [ANNA.phone, BERT.phone])
        assert floor.states() == {"anna": AgentState.WRAP_UP, "bert": AgentState.READY}
        await passes(WRAP_UP)
        assert set(floor.states().values()) == {AgentState.READY}


@in_virtual_time
async def test_a_torn_link_costs_nobody_anything(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.legs.become(Presence.AWAY)
        await passes(MINUTE)
        floor.legs.become(Presence.READY)
        await passes(SECOND)
        assert floor.states() == {"anna": AgentState.READY}
        assert floor.legs.called == [ANNA.phone]


@in_virtual_time
async def test_after_a_crash_of_ours_agents_are_as_they_were_and_their_legs_are_found(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        caller = floor.answer()
        await passes(SECOND)
        again = Roster(floor.store, floor.clock, lambda _: WRAP_UP)
        assert await again.load() == 2
        assert {agent.id: agent.state for agent in again.agents} == {
            "anna": AgentState.TALKING,
            "bert": AgentState.PAUSED,  # until the switch says that the leg is there
        }
        assert again.agent("bert").reason == AWAITING_PHONE
        assert again.agent("anna").attempt_id == caller


@pytest.mark.parametrize("doing", ["talking", "wrap_up", "lunch", "ready"])
@in_virtual_time
async def test_whose_telephone_went_while_we_were_down_is_sent_nobody(tmp_path: Path, doing: str) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        if doing in ("talking", "wrap_up"):
            caller = floor.answer()
            await passes(SECOND)
            if doing == "wrap_up":
                floor.leave(caller)
        elif doing == "lunch":
            floor.roster.pause("anna", "lunch")
        await passes(SECOND)
        again = Roster(floor.store, floor.clock, lambda _: WRAP_UP)
        lines = Lines(again, floor.clock, lambda _: f"{100 + len(floor.legs.called):032x}")
        lines.connect(floor.legs)
        floor.legs.begin(lines)  # the former engine hears nothing any more
        floor.legs.restart()
        floor.legs.registered.discard(ANNA.phone)
        await again.load()
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            following = tasks.create_task(lines.run())
            if doing == "talking":
                again.hear("anna", CustomerLeft(floor.clock.now(), caller))
            await passes(SECOND)
            again.be_ready("anna")
            await passes(WRAP_UP + SECOND)
            assert (again.agent("anna").state, again.agent("anna").reason) == (AgentState.PAUSED, AWAITING_PHONE)
            floor.legs.register(ANNA.phone)
            await passes(SECOND)
            assert again.agent("anna").state is AgentState.READY
            following.cancel()


@in_virtual_time
async def test_a_wrap_up_is_over_at_its_limit_though_the_clock_was_set_back_meanwhile(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        caller = floor.answer()
        await passes(SECOND)
        floor.leave(caller)
        await passes(SECOND)
        floor.clock.set_by = -120 * MINUTE
        again = Roster(floor.store, floor.clock, lambda _: WRAP_UP)
        await again.load()
        assert again.agent("anna").state is AgentState.WRAP_UP
        await passes(WRAP_UP + SECOND)
        assert again.agent("anna").reason == AWAITING_PHONE


# ---- who comes and goes --------------------------------------------------------------------------


@in_virtual_time
async def test_who_logs_out_during_a_call_leaves_after_it_and_the_telephone_is_let_go(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        caller = floor.answer()
        await passes(SECOND)
        floor.roster.log_out("anna")
        assert floor.states() == {"anna": AgentState.TALKING}
        floor.leave(caller)
        await passes(WRAP_UP + SECOND)
        assert floor.states() == {"anna": AgentState.LOGGED_OUT}
        assert await floor.legs.live_legs() == {}


@in_virtual_time
async def test_whose_telephone_was_called_for_each_caller_before_waits_for_it_to_be_on_the_line(tmp_path: Path) -> None:
    async with a_floor(tmp_path, an_agent("anna", leg=LegKind.RING)) as floor:
        floor.roster.log_out("anna")
        await floor.roster.put(ANNA)
        floor.legs.registered.discard(ANNA.phone)
        floor.roster.log_in("anna")
        floor.roster.be_ready("anna")
        assert floor.agent("anna").reason == AWAITING_PHONE
        floor.legs.register(ANNA.phone)
        await passes(2 * SECOND)
        assert floor.states() == {"anna": AgentState.READY}


@in_virtual_time
async def test_an_agent_ends_a_call_and_stays_on_the_line(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA) as floor:
        floor.answer()
        await passes(SECOND)
        floor.joins.hang_up("anna")
        assert floor.states() == {"anna": AgentState.WRAP_UP}
        assert len(await floor.legs.live_legs()) == 1


@pytest.mark.parametrize("callers", [1, 2, 5])
@in_virtual_time
async def test_no_agent_ever_has_two_callers(tmp_path: Path, callers: int) -> None:
    async with a_floor(tmp_path, ANNA, BERT) as floor:
        for _ in range(callers):
            floor.answer()
        await passes(SECOND)
        taken = [way.leg_id for _, way in floor.joined if isinstance(way, NailedUp)]
        assert len(taken) == len(set(taken)) == min(callers, 2)
