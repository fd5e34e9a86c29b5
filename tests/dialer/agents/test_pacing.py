"""Does a predictive campaign place the calls that its pacing asks for, and follow what becomes of them?"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.agents.pacing import Pacing
from dialer.core.abandonment import Tally
from dialer.core.agents import AgentState
from dialer.core.answered import DAY
from dialer.core.call import Answered, End, Ended
from dialer.core.chances import Traits
from dialer.core.learned import Learned
from dialer.core.numbers import NumberingPlan
from dialer.core.pacing import Binding
from dialer.model import Mode, Record, Voicemail
from tests.support.clock import MS, SECOND, passes
from tests.support.engines import in_virtual_time
from tests.support.floor import WRAP_UP, Floor, a_floor, a_lane, an_agent

ANNA, BERT, CLEO = an_agent("anna"), an_agent("bert"), an_agent("cleo")
PREDICTIVE = a_lane(mode=Mode.PREDICTIVE)


def wanted(floor: Floor, lane: int = 1) -> int:
    found = floor.demand.how_many(floor.lanes.rules(lane))
    assert found is not None
    return found


def ring_out(floor: Floor, call: str) -> None:
    floor.tracker.on_call(Ended(call, floor.clock.now(), End.NO_ANSWER))


def place_all(floor: Floor, lane: int = 1) -> list[str]:
    calls = []
    while wanted(floor, lane):
        calls.append(floor.call(lane))
    return calls


async def rarely_answered(floor: Floor, calls: int = 150) -> None:
    """So many calls that nobody answers."""
    for _ in range(calls):
        ring_out(floor, floor.call())
        wanted(floor)
        await passes(SECOND)


@in_virtual_time
async def test_more_calls_ring_than_agents_are_free_once_few_are_answered(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE,)) as floor:
        assert len(place_all(floor)) <= 4
        for live in list(floor.tracker.live):
            ring_out(floor, live.attempt.id)
        await rarely_answered(floor)
        assert len(place_all(floor)) > 4


@in_virtual_time
async def test_nobody_is_called_while_no_agent_is_there(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(PREDICTIVE,)) as floor:
        floor.roster.pause("anna", "lunch")
        assert wanted(floor) == 0
        assert explained(floor) is Binding.NO_AGENT
        floor.roster.be_ready("anna")
        assert wanted(floor) >= 1


def explained(floor: Floor) -> Binding:
    pace = floor.pacing.last("RENT")
    assert pace is not None
    return pace.binding


@in_virtual_time
async def test_fewer_are_called_the_moment_that_agents_leave(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, CLEO, lanes=(PREDICTIVE,)) as floor:
        await rarely_answered(floor)
        for_three = wanted(floor)
        floor.roster.pause("anna", "lunch")
        floor.roster.pause("bert", "lunch")
        assert 1 <= wanted(floor) < for_three


@in_virtual_time
async def test_ringing_calls_that_would_find_nobody_are_given_up(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(PREDICTIVE,)) as floor:
        calls = [floor.call() for _ in range(6)]
        wanted(floor)
        floor.roster.pause("anna", "fire alarm")
        await passes(10 * SECOND)
        wanted(floor)
        assert floor.hung_up == [], "nobody's telephone stops ringing within 15 s"
        await passes(6 * SECOND)
        wanted(floor)
        assert sorted(floor.hung_up) == sorted(calls)
        await passes(SECOND)
        wanted(floor)
        assert len(floor.hung_up) == 6


@in_virtual_time
async def test_no_call_is_given_up_before_it_rang_as_long_as_its_campaign_asks(tmp_path: Path) -> None:
    patient = a_lane(mode=Mode.PREDICTIVE, shortest_ring=30 * SECOND)
    async with a_floor(tmp_path, ANNA, lanes=(patient,)) as floor:
        calls = [floor.call() for _ in range(6)]
        wanted(floor)
        floor.roster.pause("anna", "fire alarm")
        await passes(29 * SECOND)
        wanted(floor)
        assert floor.hung_up == []
        await passes(2 * SECOND)
        wanted(floor)
        assert sorted(floor.hung_up) == sorted(calls)


@in_virtual_time
async def test_a_lower_limit_leaves_less_to_risk(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(PREDICTIVE,)) as floor:
        for _ in range(1000):
            floor.pacing.answered("RENT").count(floor.clock.now(), abandoned=False)

        def credit(limit: float) -> float:
            floor.pacing.how_many(a_lane(mode=Mode.PREDICTIVE, abandonment_limit=limit), 10)
            pace = floor.pacing.last("RENT")
            assert pace is not None
            return pace.credit.left

        assert [credit(0.03), credit(0.01)] == pytest.approx([30.0, 10.0 + 4 / 27])


@in_virtual_time
async def test_an_agent_is_not_counted_on_by_two_campaigns(tmp_path: Path) -> None:
    lanes = (PREDICTIVE, a_lane(2, mode=Mode.PREDICTIVE, campaign="FLATS"))
    async with a_floor(tmp_path, ANNA, lanes=lanes) as floor:
        assert wanted(floor, lane=2) >= 1
        placed = place_all(floor, lane=1)
        assert wanted(floor, lane=2) <= 1, f"{len(placed)} calls of the other campaign ring already"


@in_virtual_time
async def test_a_campaign_for_whom_others_are_skilled_goes_on_as_if_alone(tmp_path: Path) -> None:
    lanes = (a_lane(1, "pl", mode=Mode.PREDICTIVE), a_lane(2, "de", mode=Mode.PREDICTIVE, campaign="FLATS"))
    async with a_floor(tmp_path, an_agent("anna", "pl"), an_agent("bert", "de"), lanes=lanes) as floor:
        alone = wanted(floor, lane=2)
        place_all(floor, lane=1)
        assert wanted(floor, lane=2) == alone


@in_virtual_time
async def test_a_caller_who_got_somebody_else_s_agent_waits_for_nobody_here(tmp_path: Path) -> None:
    lanes = (a_lane(1, "pl", mode=Mode.PREDICTIVE), a_lane(2, "de", mode=Mode.PREDICTIVE, campaign="FLATS"))
    async with a_floor(tmp_path, an_agent("anna", "pl"), an_agent("bert", "pl", "de"), lanes=lanes) as floor:
        wanted(floor, lane=2)
        floor.answer(lane=1)
        assert floor.told[0][0] == "anna"
        await passes(SECOND)
        assert wanted(floor, lane=2) >= 1, "bert is free"


@in_virtual_time
async def test_whoever_asks_for_an_agent_amid_a_message_is_counted_on_by_who_paces_the_others(tmp_path: Path) -> None:
    messages = a_lane(2, campaign="MESSAGES", mode=Mode.MESSAGE)
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE, messages)) as floor:
        before = wanted(floor)
        for _ in range(2):
            floor.call(lane=2)
        await passes(SECOND)
        assert wanted(floor) == before, "messages want no agents"
        floor.roster.pause("anna", "lunch")
        floor.roster.pause("bert", "lunch")
        asks = floor.ask(lane=2)
        floor.roster.be_ready("bert")
        assert floor.agent("bert").attempt_id == asks
        assert wanted(floor) == 0, "bert is taken"
        assert floor.pacing.answered("MESSAGES").windows(floor.clock.now())[0] == Tally()


@in_virtual_time
async def test_who_loses_a_skill_is_not_called_for_any_more(tmp_path: Path) -> None:
    async with a_floor(tmp_path, an_agent("anna", "pl"), lanes=(a_lane(1, "pl", mode=Mode.PREDICTIVE),)) as floor:
        assert wanted(floor) >= 1
        await floor.roster.put(an_agent("anna", "de"))
        assert wanted(floor) == 0


@in_virtual_time
async def test_agents_for_whom_callers_of_a_brand_wait_are_not_counted_on(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE,)) as floor:
        talking = [floor.answer(), floor.answer()]
        await passes(SECOND)
        nobody_waits = free_soon(floor)
        for n in range(3):
            floor.calls_us(f"1795.{n}")
        floor.calls_us("1795.9", "de")  # whom neither can take
        await passes(SECOND)
        assert free_soon(floor) == pytest.approx(nobody_waits - 3, abs=0.2)
        floor.leave(talking[0])
        await passes(WRAP_UP + SECOND)
        assert free_soon(floor) == pytest.approx(nobody_waits - 2, abs=0.2), "one of them has an agent"
        for n in range(3):
            floor.joins.waits_no_more(f"1795.{n}")
        await passes(SECOND)
        assert floor.agent("anna").state is AgentState.WRAP_UP
        assert free_soon(floor) == pytest.approx(nobody_waits, abs=0.2)


def free_soon(floor: Floor) -> float:
    """Agents that the campaign expects to be free in a moment, less those for whom somebody waits."""
    wanted(floor)
    pace = floor.pacing.last("RENT")
    assert pace is not None
    return float(pace.outlook.free.mean[0])


@in_virtual_time
async def test_a_call_that_nobody_will_be_free_for_is_given_up_at_the_end_of_the_list_too(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE,)) as floor:
        calls = place_all(floor)
        running = asyncio.create_task(floor.pacing.run())
        floor.roster.pause("anna", "lunch")
        floor.roster.pause("bert", "lunch")
        await passes(14 * SECOND)
        assert floor.hung_up == [], "they may ring for fifteen seconds"
        await passes(2 * SECOND)
        assert set(floor.hung_up) == set(calls)
        running.cancel()


@in_virtual_time
async def test_who_has_answered_and_is_greeted_is_not_given_up(tmp_path: Path) -> None:
    lane = replace(PREDICTIVE, voicemail=Voicemail.HANG_UP)
    async with a_floor(tmp_path, ANNA, BERT, lanes=(lane,)) as floor:
        calls = place_all(floor)
        await passes(14 * SECOND)
        floor.tracker.on_call(Answered(calls[0], floor.clock.now()))
        floor.tracker.on_greeted(calls[0])
        for agent in ("anna", "bert"):
            floor.roster.pause(agent, "lunch")
        await passes(3 * SECOND)
        wanted(floor)
        assert set(floor.hung_up) == set(calls[1:])


@in_virtual_time
async def test_a_call_rings_for_as_long_as_its_own_campaign_says(tmp_path: Path) -> None:
    patient = a_lane(2, mode=Mode.PREDICTIVE, campaign="FLATS", shortest_ring=30 * SECOND)
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE, patient)) as floor:
        call = floor.call(lane=2)
        wanted(floor, lane=1)
        wanted(floor, lane=2)
        floor.roster.pause("anna", "lunch")
        floor.roster.pause("bert", "lunch")
        await passes(20 * SECOND)
        assert wanted(floor, lane=1) == wanted(floor, lane=2) == 0
        assert floor.hung_up == []
        await passes(11 * SECOND)
        assert wanted(floor, lane=2) == 0
        assert floor.hung_up == [call]


@in_virtual_time
async def test_nothing_more_is_risked_while_those_who_found_nobody_are_still_told_so(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE,)) as floor:
        for _ in range(2):
            floor.answer()
        left = credit(floor)
        for _ in range(4):
            floor.announce(floor.answer())
        assert left - 4 < credit(floor) < left - 3, "they are live answers, too"
        assert floor.pacing.answered("RENT").within(DAY, floor.clock.now()) == Tally(), "nobody has hung up"
        caller = floor.joined[0][0]
        await passes(SECOND)
        with_both = credit(floor)
        floor.announce(caller)  # the agent was lost, and nobody else is free
        assert credit(floor) == with_both, "who has spoken with an agent was not abandoned"


def credit(floor: Floor) -> float:
    wanted(floor)
    pace = floor.pacing.last("RENT")
    assert pace is not None
    return pace.credit.left


@in_virtual_time
async def test_abandoned_calls_are_counted_and_bring_it_down_to_one_call_for_each_free_agent(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, lanes=(PREDICTIVE,)) as floor:
        talking = [floor.answer(), floor.answer()]
        for _ in range(4):
            unlucky = floor.answer()
            floor.announce(unlucky)
            await passes(SECOND)
            floor.leave(unlucky)
        assert floor.pacing.answered("RENT").within(DAY, floor.clock.now()) == Tally(4, 4)
        assert wanted(floor) == 0
        for call in talking:
            floor.leave(call)
        await passes(WRAP_UP + SECOND)
        assert len(place_all(floor)) == 2
        assert explained(floor) is Binding.LIMIT


@in_virtual_time
async def test_a_call_that_the_switch_never_took_is_not_waited_for(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(PREDICTIVE,)) as floor:
        place_all(floor)
        for live in list(floor.tracker.live):
            floor.tracker.give_up(live.attempt, "switch_away")
        await passes(300 * MS)
        assert wanted(floor) >= 1


@in_virtual_time
async def test_numbers_that_used_to_answer_are_told_from_those_that_did_not(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, lanes=(PREDICTIVE,)) as floor:
        wanted(floor)
        for _ in range(60):
            floor.leave(floor.answer(record=Record(4, 4)))
            ring_out(floor, floor.call(record=Record(4, 0)))
            await passes(45 * SECOND)
            wanted(floor)
        await floor.pacing.write_down()
        chances = Learned.from_json((await floor.store.learned())["RENT"]).chances
        assert chances.of(Traits(record=Record(4, 4))) > chances.of(Traits(record=Record(4, 0))) + 0.4


@in_virtual_time
async def test_the_next_day_begins_with_what_this_one_has_taught(tmp_path: Path) -> None:
    async with a_floor(tmp_path, ANNA, BERT, CLEO, lanes=(PREDICTIVE,)) as floor:
        wanted(floor)
        await rarely_answered(floor)
        await floor.pacing.write_down()
        kept = Learned.from_json((await floor.store.learned())["RENT"])
        assert kept.calls_ended == 150
        tomorrow = Pacing(floor.store, floor.roster, floor.tracker, floor.lanes, floor.clock, NumberingPlan.TEST)
        first_day = tomorrow.how_many(PREDICTIVE, 50)
        tomorrow = Pacing(floor.store, floor.roster, floor.tracker, floor.lanes, floor.clock, NumberingPlan.TEST)
        await tomorrow.load()
        assert tomorrow.how_many(PREDICTIVE, 50) > first_day


@in_virtual_time
async def test_an_edited_campaign_keeps_what_it_has_learnt(tmp_path: Path) -> None:
    agents = [an_agent(name, "pl") for name in ("anna", "bert", "cleo")]
    async with a_floor(tmp_path, *agents, lanes=(PREDICTIVE,)) as floor:
        wanted(floor)
        await rarely_answered(floor)
        edited = a_lane(1, "pl", mode=Mode.PREDICTIVE)
        assert floor.pacing.how_many(edited, 20) == wanted(floor) > 3
        assert floor.pacing.how_many(a_lane(1, "de", mode=Mode.PREDICTIVE), 50) == 0, "nobody has that skill"
