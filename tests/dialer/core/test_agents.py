"""Does an agent have one caller at a time, and is no agent ever stuck?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core import agents
from dialer.core.agent_events import (
    CustomerLeft,
    Event,
    Joined,
    JoinFailed,
    LegLost,
    LegUp,
    LoggedIn,
    LogoutAsked,
    PauseAsked,
    ReadyAsked,
    Reserved,
    WrappedUp,
    WrapUpOver,
)
from dialer.core.agents import AWAITING_PHONE, LOGGED_IN, PHONE_LOST, Agent, AgentState, step

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEW = Agent("anna", NOW)
FIRST, SECOND = "first call", "second call"
EVENT_TYPES = [kind for part in get_args(Event) for kind in (get_args(part) or (part,))]


def after(agent: Agent, *events: Event) -> Agent:
    for event in events:
        agent = step(agent, event)
    return agent


READY = after(NEW, LoggedIn(NOW), LegUp(NOW), ReadyAsked(NOW))
TALKING = after(READY, Reserved(NOW, FIRST), Joined(NOW, FIRST))
WRAPPING = after(TALKING, CustomerLeft(NOW, FIRST))


def test_a_working_day() -> None:
    assert after(NEW, LoggedIn(NOW)).reason == LOGGED_IN
    assert READY.state is AgentState.READY
    assert TALKING.state is AgentState.TALKING
    assert WRAPPING.state is AgentState.WRAP_UP
    done = step(WRAPPING, WrappedUp(NOW, FIRST))
    assert (done.state, done.attempt_id) == (AgentState.READY, None)
    assert step(done, LogoutAsked(NOW)).state is AgentState.LOGGED_OUT


def test_nobody_is_ready_without_a_line() -> None:
    waiting = after(NEW, LoggedIn(NOW), ReadyAsked(NOW))
    assert (waiting.state, waiting.reason) == (AgentState.PAUSED, AWAITING_PHONE)
    assert step(waiting, LegUp(NOW)).state is AgentState.READY


def test_a_line_alone_makes_nobody_ready() -> None:
    assert after(NEW, LoggedIn(NOW), LegUp(NOW)).state is AgentState.PAUSED
    assert after(NEW, LoggedIn(NOW), LegUp(NOW), PauseAsked(NOW, "lunch"), LegUp(NOW)).reason == "lunch"


@pytest.mark.parametrize("wish", [PauseAsked(NOW, "lunch"), LogoutAsked(NOW)])
@pytest.mark.parametrize("busy", [TALKING, WRAPPING])
def test_a_wish_during_a_call_is_fulfilled_after_the_wrap_up(busy: Agent, wish: PauseAsked | LogoutAsked) -> None:
    wished = after(busy, wish)
    assert wished.state is busy.state
    done = after(wished, CustomerLeft(NOW, FIRST), WrapUpOver(NOW, FIRST))
    expected = AgentState.PAUSED if isinstance(wish, PauseAsked) else AgentState.LOGGED_OUT
    assert done.state is expected


def test_a_wish_may_be_taken_back() -> None:
    done = after(TALKING, LogoutAsked(NOW), ReadyAsked(NOW), CustomerLeft(NOW, FIRST), WrappedUp(NOW, FIRST))
    assert done.state is AgentState.READY


def test_who_loses_the_phone_while_idle_is_not_called_until_saying_so() -> None:
    lost = step(READY, LegLost(NOW))
    assert (lost.state, lost.reason) == (AgentState.PAUSED, PHONE_LOST)
    back = step(lost, LegUp(NOW))
    assert back.state is AgentState.PAUSED
    assert step(back, ReadyAsked(NOW)).state is AgentState.READY


@pytest.mark.parametrize("agent", [TALKING, WRAPPING])
def test_who_loses_the_phone_while_busy_wraps_up_and_then_pauses(agent: Agent) -> None:
    lost = step(agent, LegLost(NOW))
    assert (lost.state, lost.attempt_id) == (AgentState.WRAP_UP, FIRST)
    done = step(lost, WrapUpOver(NOW, FIRST))
    assert (done.state, done.reason) == (AgentState.PAUSED, PHONE_LOST)


@pytest.mark.parametrize("agent", [READY, TALKING])
def test_a_restart_of_the_switch_costs_nobody_their_readiness(agent: Agent) -> None:
    cut = after(agent, LegLost(NOW, by_switch=True), WrappedUp(NOW, FIRST))
    assert (cut.state, cut.reason) == (AgentState.PAUSED, AWAITING_PHONE)
    assert step(cut, LegUp(NOW)).state is AgentState.READY


@pytest.mark.parametrize("agent", [READY, TALKING])
def test_a_leg_may_be_told_first_and_the_restart_that_took_it_later(agent: Agent) -> None:
    cut = after(agent, LegLost(NOW), LegLost(NOW, by_switch=True), WrappedUp(NOW, FIRST))
    assert step(cut, LegUp(NOW)).state is AgentState.READY


def test_who_asked_to_leave_and_lost_the_phone_has_left() -> None:
    reserved = after(READY, Reserved(NOW, FIRST), LogoutAsked(NOW), LegLost(NOW))
    assert reserved.state is AgentState.LOGGED_OUT
    talking = after(TALKING, LogoutAsked(NOW), LegLost(NOW), WrappedUp(NOW, FIRST))
    assert talking.state is AgentState.LOGGED_OUT


@pytest.mark.parametrize("end", [JoinFailed(NOW, FIRST), CustomerLeft(NOW, FIRST)])
def test_a_caller_who_was_never_joined_leaves_nothing_to_wrap_up(end: Event) -> None:
    assert after(READY, Reserved(NOW, FIRST), end).state is AgentState.READY


def test_news_of_another_call_changes_nothing() -> None:
    for kind in (Joined, JoinFailed, CustomerLeft, WrappedUp, WrapUpOver):
        for agent in (NEW, READY, after(READY, Reserved(NOW, FIRST)), TALKING, WRAPPING):
            assert step(agent, kind(NOW, SECOND)) == agent


def test_a_second_reservation_is_no_reservation() -> None:
    for agent in (NEW, after(READY, Reserved(NOW, FIRST)), TALKING, WRAPPING):
        assert step(agent, Reserved(NOW, SECOND)) == agent


def test_every_event_has_a_row_in_every_state() -> None:
    assert set(agents.TRANSITIONS) == {(state, event) for state in AgentState for event in EVENT_TYPES}


def events() -> st.SearchStrategy[Event]:
    calls = st.sampled_from([FIRST, SECOND])
    return st.one_of(
        st.sampled_from([kind(NOW) for kind in (LoggedIn, LegUp, ReadyAsked, LogoutAsked)]),
        st.sampled_from([LegLost(NOW), LegLost(NOW, by_switch=True), PauseAsked(NOW, "lunch")]),
        st.builds(lambda kind, call: kind(NOW, call), st.sampled_from(EVENT_TYPES[6:]), calls),
    )


@given(st.lists(events(), max_size=60))
def test_whatever_happens_a_state_is_a_claim_that_holds(happened: Sequence[Event]) -> None:
    agent = NEW
    for event in happened:
        before, agent = agent, step(agent, event)
        busy = (AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP)
        assert agent.is_busy == (agent.state in busy)
        assert bool(agent.reason) == (agent.state is AgentState.PAUSED)
        assert agent.has_line or agent.state not in (AgentState.READY, AgentState.RESERVED, AgentState.TALKING)
        if before.is_busy and agent.is_busy:
            assert agent.attempt_id == before.attempt_id, "a second caller"
        if not before.is_busy and agent.is_busy:
            assert (before.state, type(event)) == (AgentState.READY, Reserved)


@given(st.lists(events(), max_size=60))
def test_nobody_is_stuck(happened: Sequence[Event]) -> None:
    """From wherever it is: the call ends, the wrap-up passes, the phone comes back, and the agent asks to go on."""
    agent = after(NEW, *happened)
    call = agent.attempt_id or FIRST
    agent = after(agent, CustomerLeft(NOW, call), WrapUpOver(NOW, call), LoggedIn(NOW), LegUp(NOW), ReadyAsked(NOW))
    assert agent.state is AgentState.READY


def test_the_one_idle_for_longest_who_can_do_it_takes_the_call() -> None:
    idle = [replace(READY, id=name, since=NOW - timedelta(minutes=wait)) for name, wait in (("a", 1), ("b", 9))]
    busy = replace(TALKING, id="c", since=NOW - timedelta(hours=1))
    skills = {"a": {"pl", "big"}, "b": {"pl"}, "c": {"pl", "big"}}
    chosen = agents.choose([*idle, busy], skills, ["pl"])
    assert chosen is not None
    assert chosen.id == "b"
    able = agents.choose([*idle, busy], skills, ["big", "pl"])
    assert able is not None
    assert able.id == "a"
    assert agents.choose([*idle, busy], skills, ["german"]) is None
