from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.blocks import (
    BLOCKED_BY_FLAG,
    DISPUTE_MOVES,
    CaseChange,
    CaseStanding,
    Held,
    NotPossible,
    Ordered,
    blocked_for,
    blocks_told,
    changed,
    happened,
)
from dialer.core.cases import CaseOrder, CaseState, Dispute, Flag, Hold, HoldReason, Stage
from dialer.core.clients import AfterRejection
from dialer.core.codes import Code
from dialer.core.feed import EventType

PLAIN = CaseStanding(frozenset(), (), None, CaseState.OPEN, Stage.OVERDUE)
FLAGS = st.frozensets(st.sampled_from(Flag))


def flagged(*flags: Flag) -> CaseStanding:
    return changed(PLAIN, CaseChange(add=frozenset(flags)))


def disputed(*moves: Dispute) -> CaseStanding:
    case = PLAIN
    for move in moves:
        case = changed(case, CaseChange(dispute=move))
    return case


def types(before: CaseStanding, after: CaseStanding) -> list[EventType]:
    return [type_ for type_, _ in happened(before, after)]


def test_a_flag_blocks_by_the_same_code_as_in_a_list() -> None:
    assert flagged(Flag.DECEASED, Flag.MINOR).blocked == (Code.B_DECEASED, Code.B_MINOR)
    assert flagged(Flag.INSTALMENTS, Flag.VULNERABLE).blocked == ()


def test_a_flag_that_is_removed_blocks_no_more() -> None:
    case = flagged(Flag.ATTORNEY, Flag.NO_VOICE)
    assert changed(case, CaseChange(remove=frozenset({Flag.ATTORNEY}))).blocked == (Code.B_NO_VOICE,)
    assert changed(case, CaseChange(flags=frozenset())).blocked == ()


def test_what_no_flag_says_stays_blocked() -> None:
    case = replace(PLAIN, blocked=(Code.B_TIME_BARRED, Code.B_MINOR), flags=frozenset({Flag.MINOR}))
    assert changed(case, CaseChange(flags=frozenset())).blocked == (Code.B_TIME_BARRED,)


@given(FLAGS, FLAGS)
def test_flags_set_anew_block_whatever_was_known_before(before: frozenset[Flag], after: frozenset[Flag]) -> None:
    case = changed(flagged(*before), CaseChange(flags=after))
    assert case == flagged(*after)
    assert bool(case.blocked) is not after.isdisjoint(BLOCKED_BY_FLAG)


@pytest.mark.parametrize("dispute", [Dispute.OPEN, Dispute.EXPLAINED])
def test_a_dispute_suspends_calls_until_it_is_decided(dispute: Dispute) -> None:
    case = disputed(Dispute.OPEN, dispute)
    assert (case.blocked, case.state) == ((Code.B_DISPUTE,), CaseState.OPEN)
    assert changed(case, CaseChange(dispute=Dispute.REJECTED)).blocked == ()


def test_a_debtor_who_is_right_closes_the_case() -> None:
    case = disputed(Dispute.OPEN, Dispute.UPHELD)
    assert (case.state, case.blocked) == (CaseState.CLOSED_CANCELLED, (Code.B_DISPUTE,))


def test_a_dispute_that_a_list_told_of_can_be_decided_too() -> None:
    case = flagged(Flag.DISPUTE, Flag.VULNERABLE)
    after = changed(case, CaseChange(dispute=Dispute.REJECTED))
    assert (after.flags, after.blocked, after.dispute) == (frozenset({Flag.VULNERABLE}), (), Dispute.REJECTED)


def test_removing_the_flag_does_not_decide_a_dispute_that_was_opened_here() -> None:
    case = changed(disputed(Dispute.OPEN), CaseChange(flags=frozenset()))
    assert case.blocked == (Code.B_DISPUTE,)


@pytest.mark.parametrize("dispute", Dispute)
def test_every_move_of_a_dispute_can_be_repeated(dispute: Dispute) -> None:
    case = replace(PLAIN, dispute=dispute)
    assert changed(case, CaseChange(dispute=dispute)).dispute is dispute
    assert set(DISPUTE_MOVES) == {None, *Dispute}


@pytest.mark.parametrize(
    ("moves", "wanted", "because"),
    [
        ((), Dispute.REJECTED, "there is none"),
        ((), Dispute.EXPLAINED, "there is none"),
        ((Dispute.UPHELD,), Dispute.OPEN, "it is upheld"),
        ((Dispute.UPHELD,), Dispute.REJECTED, "it is upheld"),
        ((Dispute.OPEN, Dispute.REJECTED), Dispute.EXPLAINED, "it is rejected"),
    ],
)
def test_what_contradicts_the_dispute_is_refused(moves: tuple[Dispute, ...], wanted: Dispute, because: str) -> None:
    with pytest.raises(NotPossible, match=because):
        changed(disputed(*moves), CaseChange(dispute=wanted))


@given(st.lists(st.sampled_from(Code).filter(lambda code: code.blocks), unique=True), st.sampled_from(Dispute))
def test_no_list_ends_a_dispute(listed: list[Code], dispute: Dispute) -> None:
    assert blocked_for(listed, None, None) == tuple(listed)
    assert set(blocked_for(listed, dispute, None)) == {*listed, *([Code.B_DISPUTE] if dispute.blocks else [])}


def rejected(case: CaseStanding) -> CaseStanding:
    """Its dispute looked into, of a client who then wants to be asked before calls go on."""
    return changed(case, CaseChange(dispute=Dispute.REJECTED), AfterRejection.WAIT)


def test_a_client_may_want_to_be_asked_before_calls_about_a_rejected_dispute_go_on() -> None:
    case = rejected(disputed(Dispute.OPEN))
    assert (case.blocked, case.held) == ((Code.B_PAUSED,), Held(Hold.PAUSED, HoldReason.COMPLAINT))
    assert rejected(flagged(Flag.DISPUTE)).blocked == (Code.B_PAUSED,)  # whoever told of the dispute
    assert types(disputed(Dispute.OPEN), case) == [
        EventType.DISPUTE_CHANGED,
        EventType.CASE_PAUSED,
        EventType.CASE_BLOCKED,
    ]


def test_a_rejection_that_is_repeated_pauses_nothing_that_was_resumed() -> None:
    resumed = ordered(rejected(disputed(Dispute.OPEN)), CaseOrder.RESUME)
    assert rejected(resumed) == resumed
    assert resumed.blocked == ()


def test_a_rejection_leaves_an_order_of_the_client_as_it_is() -> None:
    stopped = ordered(disputed(Dispute.OPEN), CaseOrder.STOP, reason=HoldReason.RECALLED)
    assert rejected(stopped).held == Held(Hold.STOPPED, HoldReason.RECALLED)


def test_no_other_move_of_a_dispute_pauses_a_case() -> None:
    for move in (Dispute.OPEN, Dispute.EXPLAINED, Dispute.UPHELD):
        assert changed(disputed(Dispute.OPEN), CaseChange(dispute=move), AfterRejection.WAIT).held is None


def test_what_is_told() -> None:
    opened, explained = disputed(Dispute.OPEN), disputed(Dispute.OPEN, Dispute.EXPLAINED)
    upheld, refuted = disputed(Dispute.OPEN, Dispute.UPHELD), disputed(Dispute.OPEN, Dispute.REJECTED)
    assert types(PLAIN, PLAIN) == []
    assert types(PLAIN, opened) == [EventType.DISPUTE_OPENED, EventType.CASE_BLOCKED]
    assert types(opened, explained) == [EventType.DISPUTE_CHANGED]
    assert types(explained, opened) == [EventType.DISPUTE_CHANGED]
    assert types(opened, refuted) == [EventType.DISPUTE_CHANGED, EventType.CASE_UNBLOCKED]
    assert types(refuted, disputed(Dispute.OPEN, Dispute.REJECTED, Dispute.OPEN)) == [
        EventType.DISPUTE_OPENED,
        EventType.CASE_BLOCKED,
    ]
    assert types(opened, upheld) == [EventType.DISPUTE_CHANGED, EventType.CASE_CLOSED]
    assert types(PLAIN, flagged(Flag.MINOR)) == [EventType.CASE_CHANGED, EventType.CASE_BLOCKED]
    assert types(PLAIN, changed(PLAIN, CaseChange(stage=Stage.DEMAND))) == [EventType.CASE_CHANGED]


def test_blocks_are_told_when_their_reasons_change() -> None:
    assert blocks_told(["B_MINOR", "B_DISPUTE"], ["B_DISPUTE", "B_MINOR"]) == []
    assert blocks_told(["B_MINOR"], ["B_DECEASED"]) == [(EventType.CASE_BLOCKED, {"codes": ["B_DECEASED"]})]
    assert blocks_told(["B_MINOR"], []) == [(EventType.CASE_UNBLOCKED, {"codes": []})]


# ---- what the client orders -----------------------------------------------------------------------------


def ordered(case: CaseStanding, *orders: CaseOrder, reason: HoldReason = HoldReason.COMPLAINT) -> CaseStanding:
    for order in orders:
        case = changed(case, CaseChange(ordered=Ordered(order, reason)))
    return case


@given(FLAGS, st.sampled_from([None, *Dispute]))
def test_a_case_that_is_paused_and_resumed_stands_as_before(flags: frozenset[Flag], dispute: Dispute | None) -> None:
    case = changed(flagged(*flags), CaseChange(dispute=dispute)) if dispute in DISPUTE_MOVES[None] else flagged(*flags)
    paused = ordered(case, CaseOrder.PAUSE)
    assert set(paused.blocked) == {*case.blocked, Code.B_PAUSED}
    assert ordered(paused, CaseOrder.RESUME) == case


@given(FLAGS)
def test_no_flag_lets_calls_about_a_paused_case_go_on(flags: frozenset[Flag]) -> None:
    paused = ordered(PLAIN, CaseOrder.PAUSE)
    assert Code.B_PAUSED in changed(paused, CaseChange(flags=flags)).blocked


@pytest.mark.parametrize("order", [CaseOrder.PAUSE, CaseOrder.RESUME])
def test_a_stopped_case_is_neither_paused_nor_resumed(order: CaseOrder) -> None:
    stopped = ordered(PLAIN, CaseOrder.STOP)
    assert stopped.blocked == (Code.B_STOPPED,)
    assert ordered(stopped, CaseOrder.STOP) == stopped
    with pytest.raises(NotPossible, match="for good"):
        ordered(stopped, order)


def test_a_paused_case_may_be_stopped() -> None:
    assert ordered(PLAIN, CaseOrder.PAUSE, CaseOrder.STOP).blocked == (Code.B_STOPPED,)


def test_orders_are_told_with_their_reason() -> None:
    paused = ordered(PLAIN, CaseOrder.PAUSE)
    assert happened(PLAIN, paused) == [
        (EventType.CASE_PAUSED, {"reason": HoldReason.COMPLAINT}),
        (EventType.CASE_BLOCKED, {"codes": [Code.B_PAUSED]}),
    ]
    assert types(paused, PLAIN) == [EventType.CASE_RESUMED, EventType.CASE_UNBLOCKED]
    assert types(paused, ordered(paused, CaseOrder.STOP)) == [EventType.CASE_STOPPED, EventType.CASE_BLOCKED]
    assert types(PLAIN, ordered(PLAIN, CaseOrder.RESUME)) == []
