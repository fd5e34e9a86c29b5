from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.answers import Answers
from dialer.core.call import (
    TRANSITIONS,
    AgentAsked,
    Answered,
    Call,
    Detected,
    End,
    Ended,
    Event,
    Greeted,
    Joined,
    MessageEnded,
    MessageStarted,
    Rang,
    Started,
    State,
    Waiting,
    step,
)
from dialer.core.dispositions import disposition
from dialer.core.machines import AnsweredBy, Because, Detection
from dialer.model import Disposition

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
KINDS = (Started, Rang, Answered, Waiting, AgentAsked, Joined, MessageStarted, MessageEnded, Greeted, Detected, Ended)
D = Disposition


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def ended(why: End = End.NORMAL, second: float = 20) -> Ended:
    return Ended("a", at(second), why, "16")


def heard(whole: bool = True, failed: bool = False, broken_off: bool = False) -> MessageEnded:
    return MessageEnded("a", at(19), timedelta(seconds=14), whole, failed, broken_off)


STARTED, RANG, ANSWERED, PLAYS = Started("a", at(0)), Rang("a", at(1)), Answered("a", at(5)), MessageStarted("a", at(5))
WAITS, JOINED = Waiting("a", at(5)), Joined("a", at(6))
ASKS, TOLD_OF_NONE = AgentAsked("a", at(8)), MessageStarted("a", at(12))


def after(*events: Event) -> Call:
    call = Call("a", NOON)
    for event in events:
        call = step(call, event)
    return call


# ---- the table -----------------------------------------------------------------------------------

# The flow tells of one message, once, and in order: these cannot follow one another.
IMPOSSIBLE = {
    *((state, Greeted) for state in (State.PLAYING, State.PLAYED)),
    *((state, Waiting) for state in (State.PLAYING, State.PLAYED)),
    *((state, MessageStarted) for state in (State.PLAYING, State.PLAYED)),
    # Nobody asks for an agent before something is said, with an agent, or after the end of all that is said.
    *((state, AgentAsked) for state in set(State) - {State.PLAYING, State.WAITING, State.ENDING, State.ENDED}),
    *((state, MessageEnded) for state in (State.PLACED, State.STARTED, State.RINGING, State.ANSWERED, State.PLAYED)),
}


def test_every_pair_that_can_occur_is_a_row() -> None:
    assert set(TRANSITIONS) == {(state, kind) for state in State for kind in KINDS} - IMPOSSIBLE


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.PLACED} | set(TRANSITIONS.values())
    assert reached == set(State)
    assert {state for (state, _), target in TRANSITIONS.items() if target is not state} == set(State) - {State.ENDED}


def test_no_event_takes_a_call_back_but_the_wish_for_an_agent() -> None:
    order = list(State)
    back = {pair for pair, target in TRANSITIONS.items() if order.index(target) < order.index(pair[0])}
    assert back == {(State.PLAYING, AgentAsked)}


def test_a_pair_that_cannot_occur_names_the_call() -> None:
    with pytest.raises(ValueError, match="call a: MessageEnded cannot happen while placed"):
        step(Call("a", NOON), heard())


# ---- any order, any number of times --------------------------------------------------------------

SWITCH: dict[Disposition, list[Event]] = {
    D.NO_ANSWER: [STARTED, RANG, ended(End.NO_ANSWER)],
    D.BUSY: [STARTED, ended(End.BUSY)],
    D.REJECTED: [STARTED, RANG, ended(End.REJECTED)],
    D.NOT_PLACED: [ended(End.NOT_PLACED)],
    D.CANCELLED: [STARTED, RANG, ended(End.BY_US)],
    D.LOST: [STARTED, RANG, ended(End.LOST)],
    D.HUNG_UP: [STARTED, RANG, ANSWERED, ended()],
}
LISTENED: dict[Disposition, MessageEnded] = {
    D.DELIVERED: heard(whole=True),
    D.HUNG_UP: heard(whole=False),
    D.FAILED: heard(whole=False, failed=True),
    D.BROKEN_OFF: heard(whole=False, broken_off=True),
}


@st.composite
def told(draw: st.DrawFn) -> tuple[list[Event], Disposition]:
    """A call's events as they may come in: the switch's in any order, some twice; the flow's in theirs, amid them."""
    outcome = draw(st.sampled_from(sorted(SWITCH)))
    events = draw(st.permutations(SWITCH[outcome] + draw(st.lists(st.sampled_from(SWITCH[outcome])))))
    if outcome is not D.HUNG_UP:
        return list(events), outcome
    spoken = draw(st.sampled_from(sorted(LISTENED)))
    begins = draw(st.integers(0, next(n for n, event in enumerate(events) if isinstance(event, Ended))))
    ends = draw(st.integers(begins, len(events)))
    return [*events[:begins], PLAYS, *events[begins:ends], LISTENED[spoken], *events[ends:]], spoken


@given(told())
def test_events_in_any_order_and_number_end_a_call_once_and_rightly(case: tuple[list[Event], Disposition]) -> None:
    events, expected = case
    call, ends = Call("a", NOON), 0
    for event in events:
        was_over = call.is_over
        call = step(call, event)
        ends += call.is_over and not was_over
        if was_over:
            assert call.state is State.ENDED
    assert ends == 1
    assert disposition(call) is expected


def orders(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    """Every order in which the flow's own two events keep theirs and the message begins before the end."""
    return [
        order
        for order in permutations(events)
        if order.index(PLAYS) < min(order.index(each) for each in order if isinstance(each, MessageEnded | Ended))
    ]


@pytest.mark.parametrize("order", orders([STARTED, RANG, ANSWERED, PLAYS, heard(), ended()]))
def test_a_delivered_message_is_delivered_in_every_order(order: tuple[Event, ...]) -> None:
    assert disposition(after(*order)) is D.DELIVERED


def for_an_agent(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    """Every order in which the flow's own events keep theirs; the switch's may come before, between and after them."""
    flow = [event for event in events if isinstance(event, Waiting | MessageStarted | MessageEnded)]
    return [
        order
        for order in permutations(events)
        if [event for event in order if event in flow] == flow and order.index(WAITS) < order.index(ended())
    ]


@pytest.mark.parametrize("order", for_an_agent([ANSWERED, WAITS, JOINED, heard(whole=False), ended()]))
def test_whoever_spoke_with_an_agent_was_connected_in_every_order(order: tuple[Event, ...]) -> None:
    if order.index(JOINED) < max(order.index(each) for each in order if isinstance(each, MessageEnded | Ended)):
        assert disposition(after(*order)) is D.CONNECTED


@pytest.mark.parametrize("order", for_an_agent([ANSWERED, WAITS, PLAYS, heard(), ended()]))
def test_an_announcement_for_want_of_an_agent_abandons_the_callee_in_every_order(order: tuple[Event, ...]) -> None:
    assert disposition(after(*order)) is D.ABANDONED


def on_demand(events: Sequence[Event]) -> list[tuple[Event, ...]]:
    """The same of whoever asks for an agent amid a message."""
    flow = [event for event in events if isinstance(event, AgentAsked | MessageStarted | MessageEnded)]
    return [
        order
        for order in permutations(events)
        if [event for event in order if event in flow] == flow
        and order.index(PLAYS) < order.index(ended())
        and (JOINED not in order or order.index(ASKS) < order.index(JOINED))
    ]


@pytest.mark.parametrize("order", on_demand([ANSWERED, PLAYS, ASKS, JOINED, heard(whole=False), ended()]))
def test_whoever_asked_for_an_agent_and_got_one_was_connected_in_every_order(order: tuple[Event, ...]) -> None:
    if order.index(JOINED) < max(order.index(each) for each in order if isinstance(each, MessageEnded | Ended)):
        call = after(*order)
        assert disposition(call) is D.CONNECTED
        assert call.message == heard(whole=False)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("told", [[TOLD_OF_NONE], []])
def test_whoever_asked_for_an_agent_in_vain_was_neither_served_nor_abandoned(whole: bool, told: list[Event]) -> None:
    for order in on_demand([ANSWERED, PLAYS, ASKS, *told, heard(whole=whole), ended()]):
        call = after(*order)
        assert disposition(call) is D.UNSERVED
        assert (call.message_at, call.asked_at) == (at(5), at(8))


def test_a_payment_that_comes_while_they_wait_ends_it_with_a_farewell() -> None:
    assert disposition(after(ANSWERED, PLAYS, ASKS, heard(whole=False, broken_off=True), ended())) is D.BROKEN_OFF


def test_who_leaves_while_waiting_for_an_agent_was_abandoned_after_two_seconds() -> None:
    assert disposition(after(STARTED, ANSWERED, WAITS, heard(whole=False), ended(second=6.5))) is D.HUNG_UP
    assert disposition(after(STARTED, ANSWERED, WAITS, heard(whole=False), ended(second=7.5))) is D.ABANDONED


# ---- who answered --------------------------------------------------------------------------------


def detected(answered_by: AnsweredBy, second: float = 9) -> Detected:
    nothing = timedelta()
    detection = Detection(answered_by, Because.LONG_GREETING, at(second) - at(5), nothing, nothing, 9, nothing)
    return Detected("a", at(second), detection)


MACHINE, PERSON = detected(AnsweredBy.MACHINE), detected(AnsweredBy.PERSON)


@pytest.mark.parametrize("message", [heard(), heard(whole=False), heard(whole=False, broken_off=True)])
def test_a_machine_is_one_whatever_it_heard(message: MessageEnded) -> None:
    assert disposition(after(ANSWERED, PLAYS, MACHINE, message, ended())) is D.MACHINE


def test_a_verdict_may_come_at_any_moment_and_the_first_counts() -> None:
    call = after(STARTED, ANSWERED, PLAYS, PERSON, MACHINE, heard(), ended())
    assert call.detection == PERSON.detection
    assert disposition(call) is D.DELIVERED


def test_who_pressed_a_key_is_no_machine() -> None:
    pressed = replace(heard(whole=False), answers=Answers(keys="1"))
    assert disposition(after(ANSWERED, PLAYS, MACHINE, pressed, ended())) is D.HUNG_UP


def test_who_was_joined_with_an_agent_is_no_machine() -> None:
    assert disposition(after(ANSWERED, WAITS, JOINED, MACHINE, heard(whole=False), ended())) is D.CONNECTED


def test_a_machine_that_no_agent_was_free_for_was_not_abandoned() -> None:
    assert disposition(after(ANSWERED, WAITS, PLAYS, MACHINE, heard(whole=False), ended())) is D.MACHINE


def test_who_leaves_while_greeted_was_not_left_in_silence() -> None:
    greeted = Greeted("a", at(5))
    assert disposition(after(STARTED, ANSWERED, greeted, heard(whole=False), ended(second=8))) is D.HUNG_UP
    waits = Waiting("a", at(8))
    assert disposition(after(STARTED, ANSWERED, greeted, waits, heard(whole=False), ended(second=11))) is D.ABANDONED


# ---- what the row says ---------------------------------------------------------------------------


def test_the_call_keeps_every_moment() -> None:
    call = after(STARTED, RANG, ANSWERED, PLAYS, heard(), ended())
    assert call == Call(
        "a", NOON, State.ENDED, at(0), at(1), at(5), None, None, None, at(5), heard(), at(20), End.NORMAL, "16"
    )  # fmt: skip


def test_the_first_report_of_each_moment_counts() -> None:
    again = [replace(event, at=at(9)) for event in (STARTED, RANG, ANSWERED)]
    call = after(STARTED, RANG, ANSWERED, *again)
    assert (call.started_at, call.rang_at, call.answered_at) == (at(0), at(1), at(5))


def test_the_first_end_counts() -> None:
    call = after(PLAYS, ended(End.NORMAL), ended(End.LOST, 60), heard())
    assert (call.end, call.ended_at) == (End.NORMAL, at(20))


def test_a_message_tells_of_the_answer() -> None:
    assert after(PLAYS).answered_at == at(5)
    assert after(ANSWERED, replace(PLAYS, at=at(6))).answered_at == at(5)


def test_a_call_that_is_gone_waits_for_the_word_of_its_flow() -> None:
    assert not after(ANSWERED, PLAYS, ended()).is_over
    assert after(ANSWERED, PLAYS, ended(), heard()).is_over


def test_a_call_that_is_over_stays_as_it_was() -> None:
    over = after(STARTED, ended(End.BUSY))
    late: list[Event] = [STARTED, RANG, ANSWERED, PLAYS, heard(), ended()]
    assert all(step(over, event) is over for event in late)
