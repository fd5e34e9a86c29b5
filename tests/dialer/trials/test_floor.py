from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.trials.floor import SPAN, Counts, Floor, Order, Phase
from dialer.trials.policies import FixedRatio, Progressive
from dialer.trials.worlds import Hearing, World

SHIFT = timedelta(hours=4)


def test_one_call_per_free_agent_abandons_nobody() -> None:
    counts = Floor(World("ten", 10, lasts=SHIFT), 1, Progressive()).run()

    assert counts.abandoned == 0
    assert counts.live_answers > 500


def test_one_call_per_free_agent_leaves_the_share_of_time_idle_that_dialling_takes() -> None:
    """Talk and wrap-up take 110 s; until an answer there are 7 failed calls for 3 answered ones, of 12 s."""
    world = World("twenty", 20, quick_failures=0.0, ring_limit=20.0, lasts=SHIFT)
    answered = 0.3 * 0.95  # nobody rings longer than 20 s

    counts = Floor(world, 1, Progressive()).run()

    idle = 11.3 + (1 / answered - 1) * 20.0
    assert counts.busy / counts.staffed == pytest.approx(110.0 / (110.0 + idle), abs=0.03)


def test_an_answered_call_without_an_agent_is_abandoned_after_its_patience() -> None:
    """Ten calls for every free agent, everybody answers: most find nobody."""
    counts = Floor(World("crowded", 3, answered=0.95, lasts=timedelta(minutes=30)), 1, FixedRatio(10.0)).run()

    assert counts.abandoned > counts.live_answers / 2


def test_the_same_seed_is_the_same_day() -> None:
    days = [Floor(World("five", 5, lasts=SHIFT), 7, Progressive()).run() for _ in range(2)]

    assert days[0] == days[1]


def test_agents_come_and_go() -> None:
    world = World("leaving", 10, lasts=timedelta(hours=3), staffing=((3600.0, 4), (7200.0, 12)))
    floor = Floor(world, 1, Progressive())

    counts = floor.run()

    assert [round(part.staffed / SPAN) for part in floor.course[6::12]] == [10, 4, 12]
    assert sum(agent.phase is not Phase.AWAY for agent in floor.agents) == 12
    assert counts.staffed == pytest.approx(sum(part.staffed for part in floor.course))


def test_breaks_take_agents_away_for_a_while() -> None:
    world = World("breaks", 10, breaks=0.5, break_mean=600.0, lasts=SHIFT)

    counts = Floor(world, 1, Progressive()).run()

    assert counts.staffed < 0.7 * 10 * SHIFT.total_seconds()


def test_a_list_can_be_shorter_than_the_day() -> None:
    assert Floor(World("short", 5, ends_after=30), 1, Progressive()).run().live_answers == 30


def test_the_trunk_bounds_what_policies_ask_for() -> None:
    floor = Floor(World("narrow", 10, trunk=12, lasts=timedelta(hours=1)), 1, FixedRatio(5.0))

    floor.run()

    assert len(floor.ringing) + len(floor.waiting) + len(floor.in_phase(Phase.TALKING)) <= 12


def test_who_does_not_answer_is_called_again_after_the_gap_and_no_more_than_so_often() -> None:
    world = World("list", 5, contacts=100, attempts=2, gap=600.0)
    floor = Floor(world, 1, Progressive())

    counts = floor.run()

    assert 200 - counts.live_answers <= counts.placed < 200
    assert floor.now < world.lasts.total_seconds()


MACHINES = World("machines", 20, machines=0.4, contacts=2_000, attempts=1, lasts=timedelta(hours=8))


def told_apart(missed: float = 0.0, mistaken: float = 0.0) -> Counts:
    return Floor(replace(MACHINES, hearing=Hearing(missed, mistaken)), 1, Progressive()).run()


def test_machines_that_nobody_looks_for_reach_agents() -> None:
    counts = Floor(MACHINES, 1, Progressive()).run()

    assert counts.machines / counts.joined == pytest.approx(0.4, abs=0.05)
    assert counts.live_answers == counts.joined + counts.abandoned, "nobody can tell"


def test_machines_that_are_found_out_reach_nobody_and_are_no_live_answers() -> None:
    everybody, people = Floor(MACHINES, 1, Progressive()).run(), told_apart()

    assert people.machines == people.mistaken == 0
    assert people.live_answers == everybody.live_answers - everybody.machines


def test_mistakes_let_machines_through_and_cut_people_off() -> None:
    right, wrong = told_apart(), told_apart(missed=0.5, mistaken=0.1)

    assert wrong.machines / wrong.joined == pytest.approx(0.2 / (0.2 + 0.54), abs=0.05)
    assert wrong.mistaken / right.live_answers == pytest.approx(0.1, abs=0.04)


def test_who_is_greeted_is_not_given_up() -> None:
    """The greeting comes on top of the ring, and so of what may be given up."""

    class Impatient(FixedRatio):
        def decide(self, floor: Floor) -> Order:
            return Order(self.calls(floor), [call for call in floor.ringing if floor.now - call.placed > 15.0])

    world = replace(MACHINES, answered=0.9, ring_limit=14.0, ring_mean=10.0, quick_failures=1.0, hearing=Hearing())
    counts = Floor(world, 1, Impatient(1.0)).run()

    assert counts.given_up == 0
    assert counts.joined > 500
