from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.core.abandonment import Tally
from dialer.core.live import Live
from dialer.core.pacing import Binding, Known, Pace, PacingRules, in_words, pace
from dialer.model import Mode
from tests.support.floors import known, live

CALM = [Tally(2_000, 40)]
KNOWN = known()
ages = st.lists(st.floats(0.0, 300.0), max_size=40)
rings = st.lists(st.floats(0.0, 40.0), max_size=80)
floors = st.builds(
    live,
    free=st.integers(0, 20),
    talking=ages,
    wrapping_up=st.lists(st.floats(0.0, 100.0), max_size=10),
    ringing=rings,
    chance=st.floats(0.02, 0.9),
    waiting=st.integers(0, 5),
)
tallies = st.builds(Tally, st.integers(0, 10_000), st.integers(0, 400)).map(lambda each: [each])
modes = st.builds(PacingRules, mode=st.sampled_from(Mode))


def asked(floor: Live, room: int = 500, rules: PacingRules | None = None, about: Known = KNOWN) -> Pace:
    return pace(floor, about, CALM, room, rules or PacingRules())


@settings(max_examples=200)
@given(floors, tallies, st.integers(0, 300), modes)
def test_never_more_calls_than_the_trunk_has_room_for(
    floor: Live, tally: list[Tally], room: int, rules: PacingRules
) -> None:
    assert 0 <= pace(floor, KNOWN, tally, room, rules).place <= room


@settings(max_examples=200)
@given(floors, tallies, modes)
def test_no_call_is_given_up_before_the_shortest_ring_time(floor: Live, tally: list[Tally], rules: PacingRules) -> None:
    given_up = pace(floor, KNOWN, tally, 100, rules).give_up

    assert all(floor.ringing[each] >= 15.0 for each in given_up)
    assert len(set(given_up)) == len(given_up)


@settings(max_examples=200)
@given(floors, st.integers(0, 300), st.integers(0, 400))
def test_without_credit_there_is_one_call_for_each_free_agent(floor: Live, room: int, more: int) -> None:
    decision = pace(floor, KNOWN, [Tally(1_000, 30 + more)], room, PacingRules())

    assert decision.threshold == 0.0
    assert decision.place <= max(0, floor.free - floor.waiting - len(floor.ringing))
    if decision.place < room and floor.agents:
        assert decision.binding is Binding.LIMIT


def test_without_credit_not_even_a_call_without_any_risk_is_added() -> None:
    floor = live(free=2, talking=[0.0] * 4, ringing=[0.0, 0.0], chance=0.0625)

    assert pace(floor, KNOWN, [Tally(1_000, 30)], 10, PacingRules()).place == 0


@settings(max_examples=200)
@given(floors, tallies)
def test_calls_beyond_free_agents_are_placed_only_within_the_threshold(floor: Live, tally: list[Tally]) -> None:
    decision = pace(floor, KNOWN, tally, 500, PacingRules())
    fewer = pace(floor, KNOWN, tally, max(0, decision.place - 1), PacingRules())

    if decision.place > max(0, floor.free - floor.waiting - len(floor.ringing)):
        assert fewer.risk <= decision.threshold
    if decision.binding in (Binding.RISK, Binding.NO_FREE_AGENT_SOON):
        assert decision.risk > decision.threshold


@settings(max_examples=100)
@given(floors, st.integers(1, 5))
def test_more_free_agents_never_mean_fewer_calls(floor: Live, more: int) -> None:
    assert asked(replace(floor, free=floor.free + more)).place >= asked(floor).place


@settings(max_examples=100)
@given(floors, st.integers(1, 5))
def test_more_waiting_callers_never_mean_more_calls(floor: Live, more: int) -> None:
    assert asked(replace(floor, waiting=floor.waiting + more)).place <= asked(floor).place


@settings(max_examples=100)
@given(floors, st.floats(0.0, 0.2))
def test_a_higher_threshold_never_means_fewer_calls(floor: Live, more: float) -> None:
    assert (
        asked(floor, about=replace(KNOWN, risk_level=0.05 + more)).place
        >= asked(floor, about=replace(KNOWN, risk_level=0.05)).place
    )


@settings(max_examples=100)
@given(st.lists(st.floats(0.0, 300.0), min_size=1, max_size=40), rings, st.floats(1.2, 4.0))
def test_when_more_people_answer_fewer_calls_are_placed(
    talking: list[float], ringing: list[float], level: float
) -> None:
    floor = live(talking=talking, ringing=ringing, chance=0.15)

    assert (
        asked(floor, about=replace(KNOWN, next_chance=0.15, answer_level=level)).place
        <= asked(floor, about=replace(KNOWN, next_chance=0.15)).place
    )


def test_progressive_dialling_places_one_call_for_each_free_agent() -> None:
    rules = PacingRules(mode=Mode.PROGRESSIVE)

    decision = asked(live(free=5, talking=[60.0] * 20, ringing=[3.0, 4.0]), rules=rules)

    assert (decision.place, decision.binding) == (3, Binding.PROGRESSIVE)


def test_predictive_dialling_places_more_calls_than_agents_are_free() -> None:
    assert asked(live(free=5, talking=[60.0] * 15)).place > 8


def test_agents_about_to_be_free_are_dialled_for() -> None:
    decision = asked(live(talking=[60.0] * 40, wrapping_up=[40.0] * 10))

    assert decision.place > 3
    assert decision.free_soon > 2.0


def test_nobody_is_called_while_no_agent_is_there() -> None:
    decision = asked(live())

    assert (decision.place, decision.binding) == (0, Binding.NO_AGENT)


def test_an_agent_deep_in_a_talk_is_not_dialled_for() -> None:
    decision = asked(live(talking=[10.0]))

    assert (decision.place, decision.binding) == (0, Binding.NO_FREE_AGENT_SOON)


def test_the_trunk_can_bind() -> None:
    decision = asked(live(free=20, talking=[60.0] * 20), room=7)

    assert (decision.place, decision.binding) == (7, Binding.TRUNK)


def test_who_knows_little_begins_slowly() -> None:
    decision = asked(live(free=50), about=replace(KNOWN, calls_ended=0.0))

    assert (decision.place, decision.binding) == (50, Binding.LEARNING)


def test_calls_that_have_rung_long_enough_are_given_up_when_nobody_will_be_free() -> None:
    crowded = live(talking=[5.0] * 4, ringing=[24.0, 16.0, 14.0], chance=0.5, waiting=2)

    assert asked(crowded).give_up == (0, 1)
    assert asked(crowded, rules=PacingRules(shortest_ring=None)).give_up == ()


def test_no_more_calls_are_given_up_than_need_be() -> None:
    """One agent is free: not all of the old calls would find nobody."""
    assert asked(live(free=1, talking=[60.0] * 4, ringing=[16.0] * 3)).give_up == ()


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_limit_is_a_share(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        PacingRules(abandonment_limit=share)


def test_a_decision_says_why() -> None:
    told = in_words(asked(live(free=5, talking=[60.0] * 15)))

    assert "placed, 0 given up: the risk that the next call finds nobody (risk of the next" in told
    assert "credit 20.0 of which" in told
