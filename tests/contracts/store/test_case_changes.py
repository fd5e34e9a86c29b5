"""What does a change made by hand make of a case and its contact, on either database?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.blocks import CaseChange, Held, NotPossible, Ordered
from dialer.core.cases import CaseOrder, CaseState, Dispute, Flag, Hold, HoldReason, Stage
from dialer.core.codes import Code
from dialer.core.suppressions import SuppressionReason
from dialer.model import Disposition, FinishReason
from dialer.ports.store import AuditFilter, CalledOff, CaseChanged, CasesChanged, TakenRow, UnknownCase
from tests.support.balances import balance, numbered
from tests.support.stores import (
    FIXED,
    MOBILE,
    NOW,
    RULES,
    call_all,
    conclusion,
    contact_of,
    follow,
    lease,
    ready_all,
    row,
    take,
)
from tests.support.suppressions import suppress, wish

CLIENT, KEY = "CL-CZYNSZ", "key:abcd"

pytestmark = pytest.mark.usefixtures("rent_and_flats")


async def change(store: SqlStore, case: str, **to: Any) -> CaseChanged:
    return await store.change_case(CLIENT, case, CaseChange(**to), KEY, NOW)


async def dispute(store: SqlStore, case: str, *moves: Dispute) -> CaseChanged:
    for move in moves:
        changed = await change(store, case, dispute=move)
    return changed


def flags(*names: Flag) -> frozenset[Flag]:
    return frozenset(names)


def flagged(taken: TakenRow, flag: Flag) -> TakenRow:
    case = taken.verdict.case
    assert case is not None
    return replace(taken, verdict=replace(taken.verdict, case=replace(case, flags=flags(flag))))


async def told(store: SqlStore, after: int) -> list[str]:
    return [each.event.type for each in await store.events(after, 100)]


# ---- the contact follows --------------------------------------------------------------------------------


async def test_a_case_is_shown_as_it_stands(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    case = await store.case(CLIENT, "RENT/D1")
    assert case is not None
    assert (case.debtor_ref, case.amount, case.contact_id) == ("D1", Decimal("153.20"), (await contact_of(store)).id)
    assert case.standing.state is CaseState.OPEN
    assert await store.case(CLIENT, "RENT/D2") is None
    assert await store.case("C-OTHER", "RENT/D1") is None


async def test_what_is_not_known_cannot_be_changed(store: SqlStore) -> None:
    with pytest.raises(UnknownCase, match="RENT/D1"):
        await change(store, "RENT/D1", dispute=Dispute.OPEN)


async def test_a_contact_whose_only_case_is_blocked_is_called_no_more(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)

    changed = await change(store, "RENT/D1", add=flags(Flag.DECEASED))

    assert changed.case.standing.blocked == (Code.B_DECEASED,)
    contact = await contact_of(store)
    assert (contact.state, contact.finished) == ("finished", "blocked")
    assert await lease(store) == []


async def test_a_contact_with_another_case_hears_another_message(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D1", "C2"))
    await ready_all(store)

    await dispute(store, "C2", Dispute.OPEN)

    contact = await contact_of(store)
    assert (contact.state, contact.message_text, contact.cases) == ("waiting", None, ["RENT/D1"])


async def test_a_stage_makes_another_message(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await ready_all(store)
    changed = await change(store, "RENT/D1", stage=Stage.DEMAND)
    assert changed.case.standing.stage is Stage.DEMAND
    assert (await contact_of(store)).message_text is None


async def test_a_dispute_that_is_rejected_lets_calls_go_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await call_all(store, Disposition.BUSY)
    await dispute(store, "RENT/D1", Dispute.OPEN, Dispute.EXPLAINED)
    assert await lease(store, NOW + RULES.spacing) == []

    await dispute(store, "RENT/D1", Dispute.REJECTED)

    assert [attempt.ordinal for attempt in await lease(store, NOW + RULES.spacing)] == [2]


async def test_a_dispute_that_is_upheld_closes_the_case_for_good(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    changed = await dispute(store, "RENT/D1", Dispute.OPEN, Dispute.UPHELD)
    assert (changed.case.standing.state, changed.case.closed_at) == (CaseState.CLOSED_CANCELLED, NOW)

    with pytest.raises(NotPossible):
        await dispute(store, "RENT/D1", Dispute.OPEN)
    await take(store, "B-2", row("D1"))
    await store.settle(numbered(balance("RENT/D1", "99.00")), KEY, NOW)

    case = await store.case(CLIENT, "RENT/D1")
    assert case is not None
    assert case.standing.state is CaseState.CLOSED_CANCELLED
    assert await lease(store) == []


async def test_a_change_that_is_refused_changes_nothing(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    with pytest.raises(NotPossible):
        await change(store, "RENT/D1", add=flags(Flag.MINOR), dispute=Dispute.REJECTED)
    case = await store.case(CLIENT, "RENT/D1")
    assert case is not None
    assert case.standing.flags == frozenset()


async def test_who_was_blocked_by_the_list_is_called_once_it_is_over(store: SqlStore) -> None:
    blocked = flagged(row("D1", numbers=[MOBILE, FIXED], blocked=Code.B_DISPUTE), Flag.DISPUTE)
    await take(store, "B-1", blocked)
    assert await lease(store) == []

    changed = await dispute(store, "RENT/D1", Dispute.REJECTED)

    assert changed.case.contact_id is not None
    contact = await contact_of(store)
    assert [number.e164 for number in contact.numbers] == [MOBILE, FIXED]
    assert len(await lease(store)) == 1


async def test_who_asked_not_to_be_called_stays_so_when_his_case_is_unblocked(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await change(store, "RENT/D1", add=flags(Flag.NO_VOICE))
    kept = await suppress(store, wish(debtor="D1", reason=SuppressionReason.OBJECTION))

    await change(store, "RENT/D1", remove=flags(Flag.NO_VOICE))
    assert await lease(store) == []

    await store.lift_suppression(kept.suppression.id, KEY, NOW)
    assert len(await lease(store)) == 1


async def test_one_of_whom_another_case_was_settled_is_called_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D1", "C2"))
    await dispute(store, "C2", Dispute.OPEN)
    await store.settle(numbered(balance("RENT/D1")), KEY, NOW)
    assert (await contact_of(store)).finished == "settled"

    await dispute(store, "C2", Dispute.REJECTED)

    contact = await contact_of(store)
    assert (contact.state, contact.cases) == ("waiting", ["C2"])


# ---- calls that are on their way ------------------------------------------------------------------------


async def test_a_call_about_the_blocked_case_is_named(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D2", "C2"))
    first, second = await lease(store)

    alone = await dispute(store, "RENT/D1", Dispute.OPEN)
    one_of_two = await dispute(store, "C2", Dispute.OPEN)

    assert alone.called_off == [CalledOff(first.id, first.contact_id, FinishReason.BLOCKED)]
    assert one_of_two.called_off == [CalledOff(second.id, second.contact_id, None)]  # it would speak of both
    await store.conclude([conclusion(first), conclusion(second)], follow)
    assert [(await contact_of(store, debtor)).finished for debtor in ("D1", "D2")] == ["blocked", None]


async def test_a_change_that_comes_again_names_the_calls_again(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    first = await dispute(store, "RENT/D1", Dispute.OPEN)
    assert (await dispute(store, "RENT/D1", Dispute.OPEN)).called_off == first.called_off
    assert [each.attempt_id for each in first.called_off] == [attempt.id]


async def test_a_case_unblocked_during_the_call_lets_its_contact_go_on(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    [attempt] = await lease(store)
    await dispute(store, "RENT/D1", Dispute.OPEN, Dispute.REJECTED)
    await store.conclude([conclusion(attempt)], follow)
    assert (await contact_of(store)).state == "waiting"


# ---- lists that come later ------------------------------------------------------------------------------


async def test_a_later_lists_flags_win_but_a_dispute_outlives_it(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await change(store, "RENT/D1", add=flags(Flag.NO_VOICE))
    await dispute(store, "RENT/D2", Dispute.OPEN)
    before = await store.last_event()

    await take(store, "B-2", row("D1"), row("D2"))

    assert await told(store, before) == ["case.unblocked", "batch.finished"]
    called = await lease(store)
    assert [each.contact_id for each in called] == [(await contact_of(store, "D1")).id]
    case = await store.case(CLIENT, "RENT/D2")
    assert case is not None
    assert (case.standing.blocked, case.standing.dispute) == ((Code.B_DISPUTE,), Dispute.OPEN)


async def test_a_list_may_block_a_disputed_case_for_more_reasons(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    await dispute(store, "RENT/D1", Dispute.OPEN)
    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED))
    await take(store, "B-3", row("D1"))
    assert await lease(store) == []

    await dispute(store, "RENT/D1", Dispute.REJECTED)
    assert len(await lease(store)) == 1


# ---- what is told ---------------------------------------------------------------------------------------


async def test_a_change_is_told(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    before = await store.last_event()

    await dispute(store, "RENT/D1", Dispute.OPEN, Dispute.REJECTED)
    await change(store, "RENT/D1", add=flags(Flag.VULNERABLE))
    await change(store, "RENT/D1", add=flags(Flag.VULNERABLE))
    await dispute(store, "RENT/D1", Dispute.UPHELD)

    assert await told(store, before) == [
        "dispute.opened",
        "case.blocked",
        "contact.finished",
        "dispute.changed",
        "case.unblocked",
        "case.changed",
        "dispute.changed",
        "case.blocked",
        "case.closed",
        "contact.finished",
    ]
    [opened] = [each.event for each in await store.events(before, 1)]
    contact = await contact_of(store)
    assert (opened.case_id, opened.actor, opened.contact_id) == ("RENT/D1", KEY, contact.id)


# ---- what the client orders of its own cases ------------------------------------------------------------


async def order(store: SqlStore, what: CaseOrder, *cases: str) -> CasesChanged:
    change = CaseChange(ordered=Ordered(what, HoldReason.AGREEMENT, "pays in May"))
    return await store.change_cases(CLIENT, cases, change, KEY, NOW)


async def test_paused_cases_are_called_about_no_more_until_they_are_resumed(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"), row("D3"))
    await ready_all(store)

    paused = await order(store, CaseOrder.PAUSE, "RENT/D1", "RENT/D2")

    assert (paused.finished, paused.called_off) == (2, [])
    assert [each.standing.held for each in paused.cases] == [Held(Hold.PAUSED, HoldReason.AGREEMENT, "pays in May")] * 2
    assert [each.contact_id for each in await lease(store)] == [(await contact_of(store, "D3")).id]
    await order(store, CaseOrder.RESUME, "RENT/D1")
    assert [each.contact_id for each in await lease(store)] == [(await contact_of(store, "D1")).id]


async def test_an_order_outlives_every_list(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await order(store, CaseOrder.PAUSE, "RENT/D1")
    await order(store, CaseOrder.STOP, "RENT/D2")

    await take(store, "B-2", row("D1", blocked=Code.B_DECEASED), row("D2", "C9"))
    await take(store, "B-3", row("D1"))

    contact = await contact_of(store, "D2")
    assert [each.contact_id for each in await lease(store)] == [contact.id]
    assert contact.cases == ["C9"]
    await order(store, CaseOrder.RESUME, "RENT/D1")
    assert (await contact_of(store, "D1")).finished is None


async def test_of_several_cases_all_or_none_are_held(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    await order(store, CaseOrder.STOP, "RENT/D2")
    before = await store.last_event()

    with pytest.raises(UnknownCase, match="RENT/D9"):
        await order(store, CaseOrder.PAUSE, "RENT/D1", "RENT/D9")
    with pytest.raises(NotPossible):
        await order(store, CaseOrder.PAUSE, "RENT/D1", "RENT/D2")

    assert await store.last_event() == before
    assert len(await lease(store)) == 1


async def test_calls_about_held_cases_are_named(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"), row("D2"))
    first, _ = await lease(store)
    paused = await order(store, CaseOrder.PAUSE, "RENT/D1")
    assert paused.called_off == [CalledOff(first.id, first.contact_id, FinishReason.BLOCKED)]


async def test_an_order_is_told_and_written_down_without_the_note(store: SqlStore) -> None:
    await take(store, "B-1", row("D1"))
    before = await store.last_event()

    await order(store, CaseOrder.PAUSE, "RENT/D1")
    await order(store, CaseOrder.PAUSE, "RENT/D1")

    assert await told(store, before) == ["case.paused", "case.blocked", "contact.finished"]
    [paused, *_] = [each.event for each in await store.events(before, 3)]
    assert (paused.case_id, paused.actor, paused.body) == ("RENT/D1", KEY, {"reason": "agreement"})
    [entry] = await store.audit(AuditFilter(subject="RENT/D1"), 0, 10)
    assert entry.change.after == {"blocked": ["B_PAUSED"], "hold": "paused", "hold_reason": "agreement"}
