"""Which trunk takes the next call?"""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.routes import Load, Route, RouteProblem, choose, read_routes, usable
from dialer.core.trunks import TrunkLimits

OURS, THEIRS = "+48388000001", "+48388000002"
NOW = 1000.0
LIMITS = TrunkLimits(10, 20, 50)


def load(
    name: str,
    *,
    order: int = 1,
    weight: int = 1,
    carries: int = 0,
    room: int = 5,
    next_start: float = NOW,
    **own: object,
) -> Load:
    numbers = frozenset(own.get("presents", ()))  # type: ignore[call-overload]
    return Load(Route(name, LIMITS, order, weight, numbers), carries, room, next_start)


def chosen(*loads: Load, caller: str = OURS) -> str | None:
    route = choose(loads, caller, NOW)
    return route.name if route else None


def test_a_reserve_is_used_only_while_those_before_it_are_full() -> None:
    assert chosen(load("reserve", order=2), load("main")) == "main"
    assert chosen(load("reserve", order=2), load("main", room=0)) == "reserve"
    assert chosen(load("reserve", order=2, room=0), load("main", room=0)) is None


def test_a_reserve_does_not_lend_its_rate() -> None:
    assert chosen(load("reserve", order=2), load("main", next_start=NOW + 0.1)) == "main"


def test_a_call_goes_only_where_its_caller_number_may_be_seen() -> None:
    mine, other = load("mine", presents=[OURS]), load("other", presents=[THEIRS])
    assert (chosen(mine, other), chosen(mine, other, caller=THEIRS)) == ("mine", "other")
    assert chosen(mine, caller=THEIRS) is None
    assert chosen(mine, load("any"), caller=THEIRS) == "any"


def test_of_equals_the_one_that_takes_it_now_comes_first() -> None:
    assert chosen(load("waits", next_start=NOW + 0.1), load("ready", carries=9)) == "ready"
    assert chosen(load("later", next_start=NOW + 0.2), load("sooner", next_start=NOW + 0.1)) == "sooner"


def test_equals_share_by_weight() -> None:
    carried: Counter[str] = Counter()
    for _ in range(400):
        loads = [load("a", weight=3, carries=carried["a"]), load("b", carries=carried["b"])]
        carried[str(chosen(*loads))] += 1
    assert carried == {"a": 300, "b": 100}


LOADS = st.lists(
    st.builds(
        load,
        st.sampled_from("abcdef"),
        order=st.integers(1, 3),
        weight=st.integers(1, 5),
        carries=st.integers(0, 30),
        room=st.integers(0, 5),
        next_start=st.sampled_from([NOW, NOW + 1]),
        presents=st.sampled_from([(), (OURS,), (THEIRS,)]),
    ),
    max_size=5,
)


@given(LOADS)
def test_what_is_chosen_has_room_may_present_the_number_and_is_of_the_lowest_order(loads: list[Load]) -> None:
    fit = [each for each in loads if each.room and each.route.presents(OURS)]
    route = choose(loads, OURS, NOW)
    assert (route is None) == (not fit)
    if route:
        assert any(each.route == route for each in fit)
        assert route.order == min(each.route.order for each in fit)
        assert any(each.route == route for each in usable(loads, OURS))


# ---- the file ------------------------------------------------------------------------------------


def test_trunks_are_read_from_data() -> None:
    written = [
        {"name": "main", "calls_per_second": 5, "concurrent_calls": 30, "caller_numbers": [OURS], "weight": 2},
        {
            "name": "reserve",
            "calls_per_second": 0.5,
            "concurrent_calls": 2,
            "order": 2,
            "dial": "PJSIP/{digits}@{trunk}",
        },
    ]
    assert read_routes(json.dumps(written), 50) == [
        Route("main", TrunkLimits(5, 30, 50), 1, 2, frozenset({OURS})),
        Route("reserve", TrunkLimits(0.5, 2, 50), 2, 1, frozenset(), "PJSIP/{digits}@{trunk}"),
    ]


ENTRY = {"name": "main", "calls_per_second": 5, "concurrent_calls": 30}


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ([], "the file"),
        ([ENTRY, ENTRY], "main: named twice"),
        ([ENTRY | {"calls_per_second": 0}], "0.calls_per_second"),
        ([ENTRY | {"caller_numbers": ["221234567"]}], "0.caller_numbers.0"),
        ([ENTRY | {"name": "a/b,c"}], "0.name"),
        ([ENTRY | {"colour": "red"}], "0.colour"),
        ({"main": ENTRY}, "the file"),
    ],
)
def test_what_cannot_be_a_trunk_is_named(written: object, named: str) -> None:
    with pytest.raises(RouteProblem, match=named):
        read_routes(json.dumps(written), 50)
