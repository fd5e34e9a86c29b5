from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.retry import (
    FIRST_UNPLACED_WAIT,
    FREE_TRIES,
    LONG_AGO,
    LONGEST_UNPLACED_WAIT,
    Again,
    Done,
    LastAttempt,
    Number,
    Stand,
    counts,
    earliest,
    next_step,
    number_after,
    number_to_call,
    rest_until,
    ring_time,
    stand_after,
    why_over,
)
from dialer.model import (
    AttemptRules,
    Disposition,
    FinishReason,
    NumberType,
    RetryRule,
    Then,
    Turns,
)

D = Disposition
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = START + timedelta(seconds=25)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = AttemptRules(per_number=3, spacing=HOUR, ring_time=timedelta(seconds=25))
MOBILE = Number("+48280000001", 1, 0, NumberType.MOBILE)
FIXED = Number("+48384000001", 2, 0, NumberType.FIXED)
FOREIGN = Number("+493023125001", 3, 0, NumberType.FOREIGN)


def tried(number: Number, attempts: int) -> Number:
    return replace(number, attempts=attempts)


def stand(*numbers: Number, **facts: Any) -> Stand:
    plain: dict[str, Any] = {"outcomes": {}, "last": None, "uncounted": 0}
    return Stand(numbers, **plain | facts)


def last(outcome: Disposition | None, number: Number = MOBILE, ended_at: datetime = END) -> LastAttempt:
    return LastAttempt(number.e164, outcome, START, ended_at)


def step(
    outcome: Disposition,
    *others: Number,
    rules: AttemptRules = RULES,
    before: Number = MOBILE,
    ended_at: datetime = END,
    **facts: Any,
) -> Again | Done:
    """What follows an attempt on the number ``before``, which began at START."""
    contact = stand(before, *others, **facts)
    counted = counts(contact, before.e164, outcome, has_rung=False)
    after = stand_after(contact, before.e164, outcome, START, ended_at, counted=counted)
    return next_step(after, rules, outcome, ended_at, counted=counted)


def after(outcome: Disposition, **rule: Any) -> AttemptRules:
    return replace(RULES, retry={outcome: RetryRule(**rule)})


# ---- which number --------------------------------------------------------------------------------


def test_the_first_number_is_called_first() -> None:
    assert number_to_call([FIXED, MOBILE], RULES) == MOBILE


def test_numbers_take_turns() -> None:
    assert number_to_call([tried(MOBILE, 1), FIXED], RULES) == FIXED
    assert number_to_call([tried(MOBILE, 1), tried(FIXED, 1)], RULES) == tried(MOBILE, 1)


def test_one_by_one_a_number_is_used_up_before_the_next() -> None:
    one_by_one = replace(RULES, turns=Turns.ONE_BY_ONE)
    assert number_to_call([tried(MOBILE, 2), FIXED], one_by_one) == tried(MOBILE, 2)
    assert number_to_call([tried(MOBILE, 3), FIXED], one_by_one) == FIXED


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ((), MOBILE),
        ((NumberType.FIXED,), FIXED),
        ((NumberType.VOIP, NumberType.FOREIGN, NumberType.FIXED), FOREIGN),
        ((NumberType.VOIP,), MOBILE),
    ],
)
def test_types_named_first_are_called_first(order: tuple[NumberType, ...], first: Number) -> None:
    assert number_to_call([MOBILE, FIXED, FOREIGN], replace(RULES, order=order)) == first


def test_taking_turns_comes_before_the_order_of_types() -> None:
    fixed_first = replace(RULES, order=(NumberType.FIXED,))
    assert number_to_call([MOBILE, tried(FIXED, 1)], fixed_first) == MOBILE


def test_a_number_is_called_no_more_than_allowed() -> None:
    assert number_to_call([tried(MOBILE, 3), tried(FIXED, 2)], RULES) == tried(FIXED, 2)
    assert number_to_call([tried(MOBILE, 3), tried(FIXED, 4)], RULES) is None


def test_a_retired_number_is_not_called() -> None:
    assert number_to_call([replace(MOBILE, retired="invalid_number"), FIXED], RULES) == FIXED


def test_nobody_without_numbers_is_called() -> None:
    assert number_to_call([], RULES) is None


def test_an_outcome_may_ask_for_another_number() -> None:
    rules = replace(after(D.BUSY, then=Then.NEXT_NUMBER), turns=Turns.ONE_BY_ONE)
    both = [tried(MOBILE, 1), FIXED]
    assert number_to_call(both, rules, last(D.BUSY)) == FIXED
    assert number_to_call(both, rules, last(D.NO_ANSWER)) == tried(MOBILE, 1)
    assert number_to_call([tried(MOBILE, 1)], rules, last(D.BUSY)) == tried(MOBILE, 1), "no other is left"


def test_a_telephone_rings_as_long_as_its_type_may() -> None:
    rules = replace(RULES, ring_time_by_type={NumberType.FIXED: 40 * timedelta(seconds=1)})
    assert ring_time(NumberType.FIXED, rules) == timedelta(seconds=40)
    assert ring_time(NumberType.MOBILE, rules) == timedelta(seconds=25)
    assert ring_time(None, rules) == timedelta(seconds=25)


@pytest.mark.parametrize("outcome", D)
def test_an_attempt_counts_unless_it_can_have_reached_no_telephone(outcome: Disposition) -> None:
    is_free = outcome in (D.NOT_PLACED, D.WITHDRAWN, D.CONGESTION)
    assert counts(stand(MOBILE), MOBILE.e164, outcome, has_rung=False) is not is_free
    assert number_after(MOBILE, outcome, counted=not is_free).attempts == (not is_free)


def test_an_invalid_number_is_retired() -> None:
    assert number_after(MOBILE, D.INVALID_NUMBER, counted=True).retired == "invalid_number"
    assert number_after(replace(MOBILE, retired="not_listed"), D.BUSY, counted=True).retired == "not_listed"


# ---- what follows --------------------------------------------------------------------------------


def test_whoever_heard_the_message_is_called_no_more() -> None:
    assert step(D.DELIVERED, FIXED) == Done(FinishReason.DELIVERED)


@pytest.mark.parametrize(
    "outcome", sorted(set(D) - {D.DELIVERED, D.REPLIED, D.INVALID_NUMBER, D.NOT_PLACED, D.WITHDRAWN, D.CONGESTION})
)
def test_the_next_attempt_starts_an_hour_after_the_start_of_the_last(outcome: Disposition) -> None:
    assert step(outcome) == Again(START + HOUR)


def test_a_call_that_lasted_longer_than_the_spacing_is_over_first() -> None:
    late = START + 2 * HOUR
    assert step(D.HUNG_UP, ended_at=late) == Again(late)


def test_a_call_that_never_left_is_tried_again_soon() -> None:
    assert step(D.NOT_PLACED) == Again(END + FIRST_UNPLACED_WAIT)


def test_a_withdrawn_attempt_is_due_at_once() -> None:
    assert step(D.WITHDRAWN) == Again(END)


@pytest.mark.parametrize("outcome", [D.NOT_PLACED, D.WITHDRAWN, D.CONGESTION])
def test_a_call_that_never_left_does_not_shorten_the_spacing_after_the_one_before(outcome: Disposition) -> None:
    assert step(outcome, last=LastAttempt(MOBILE.e164, D.BUSY, START, END)) == Again(START + HOUR)


@pytest.mark.parametrize(("uncounted", "minutes"), [(1, 1), (2, 2), (6, 32), (7, 60), (8, 60), (10_000, 60)])
def test_a_contact_whose_calls_never_leave_is_tried_less_and_less_often(uncounted: int, minutes: int) -> None:
    assert step(D.NOT_PLACED, uncounted=uncounted) == Again(END + timedelta(minutes=minutes))
    assert timedelta(minutes=minutes) <= LONGEST_UNPLACED_WAIT


def test_calls_that_never_left_do_not_count_against_those_that_do() -> None:
    assert step(D.BUSY, uncounted=10_000) == Again(START + HOUR)


# ---- the network has no room ---------------------------------------------------------------------


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 4), (2, 16), (3, 60), (4, 60)])
def test_a_congested_number_is_tried_again_less_and_less_often_and_that_costs_no_attempt(
    tries: int, minutes: int
) -> None:
    before = replace(MOBILE, congested=tries)
    assert tries < FREE_TRIES
    assert step(D.CONGESTION, before=before) == Again(END + minutes * MINUTE)


def test_a_congested_number_waits_no_longer_than_one_that_was_called() -> None:
    often = replace(RULES, spacing=2 * MINUTE)
    assert step(D.CONGESTION, rules=often) == Again(END + MINUTE)
    assert step(D.CONGESTION, rules=often, before=replace(MOBILE, congested=4)) == Again(END + 2 * MINUTE)


def test_what_is_congested_every_time_counts_and_is_spaced() -> None:
    used_up = replace(MOBILE, congested=FREE_TRIES)
    assert counts(stand(used_up), MOBILE.e164, D.CONGESTION, has_rung=False)
    assert step(D.CONGESTION, before=used_up) == Again(START + HOUR)
    assert step(D.CONGESTION, before=replace(used_up, attempts=2)) == Done(FinishReason.EXHAUSTED)


def test_only_the_last_tries_in_a_row_are_held_against_a_number() -> None:
    congested = replace(MOBILE, congested=3)
    assert number_after(congested, D.CONGESTION, counted=False).congested == 4
    assert number_after(congested, D.NOT_PLACED, counted=False).congested == 3
    assert number_after(congested, D.BUSY, counted=True).congested == 0


def test_a_telephone_that_rang_before_the_network_had_no_room_was_called() -> None:
    assert counts(stand(MOBILE), MOBILE.e164, D.CONGESTION, has_rung=True)


def test_a_number_without_room_leaves_the_turn_to_the_next() -> None:
    assert number_to_call([replace(MOBILE, congested=1), FIXED], RULES) == FIXED
    assert number_to_call([replace(MOBILE, congested=1), tried(FIXED, 1)], RULES) == replace(MOBILE, congested=1)


def test_free_tries_use_up_no_rule_for_congestion() -> None:
    rules = after(D.CONGESTION, at_most=1, then=Then.STOP)
    assert step(D.CONGESTION, rules=rules) == Again(END + MINUTE)
    assert step(D.CONGESTION, rules=rules, before=replace(MOBILE, congested=FREE_TRIES)) == Done(FinishReason.EXHAUSTED)


@given(st.integers(1, 4), st.lists(st.booleans(), min_size=40, max_size=40))
def test_a_number_that_is_always_congested_is_not_tried_for_ever(attempts: int, rings: list[bool]) -> None:
    """Whatever its telephone does first: so many free tries, and the attempts that the plan allows."""
    contact, rules, now, tries = stand(MOBILE), replace(RULES, per_number=attempts), START, 0
    for has_rung in rings:
        counted = counts(contact, MOBILE.e164, D.CONGESTION, has_rung=has_rung)
        contact = stand_after(contact, MOBILE.e164, D.CONGESTION, now, now, counted=counted)
        decided = next_step(contact, rules, D.CONGESTION, now, counted=counted)
        tries += 1
        if isinstance(decided, Done):
            break
        assert decided.due_at >= now + MINUTE
        now = decided.due_at
    assert contact.numbers[0].attempts == attempts
    assert attempts <= tries <= attempts + FREE_TRIES


def test_the_last_allowed_attempt_ends_the_contact() -> None:
    assert step(D.NO_ANSWER, tried(FIXED, 3), before=tried(MOBILE, 2)) == Done(FinishReason.EXHAUSTED)


def test_a_contact_with_invalid_numbers_only_has_no_number() -> None:
    assert step(D.INVALID_NUMBER) == Done(FinishReason.NO_NUMBER)
    assert step(D.INVALID_NUMBER, tried(FIXED, 3)) == Done(FinishReason.EXHAUSTED)
    assert step(D.INVALID_NUMBER, FIXED) == Again(START + HOUR)


# ---- rules for one way of ending -----------------------------------------------------------------


def test_an_outcome_may_have_a_wait_of_its_own() -> None:
    rules = after(D.BUSY, wait=10 * MINUTE)
    assert step(D.BUSY, rules=rules) == Again(START + 10 * MINUTE)
    assert step(D.NO_ANSWER, rules=rules) == Again(START + HOUR)


def test_an_outcome_may_end_the_contact() -> None:
    assert step(D.REJECTED, FIXED, rules=after(D.REJECTED, then=Then.STOP)) == Done(FinishReason.EXHAUSTED)


def test_an_outcome_may_happen_only_so_often() -> None:
    rules = after(D.UNAVAILABLE, at_most=2)
    assert step(D.UNAVAILABLE, FIXED, rules=rules) == Again(START + HOUR)
    assert step(D.UNAVAILABLE, FIXED, rules=rules, outcomes={D.UNAVAILABLE: 1}) == Done(FinishReason.EXHAUSTED)
    assert step(D.UNAVAILABLE, FIXED, rules=rules, outcomes={D.BUSY: 5}) == Again(START + HOUR)


def test_an_invalid_number_is_retired_whatever_follows() -> None:
    rules = after(D.INVALID_NUMBER, wait=MINUTE, then=Then.AGAIN)
    assert step(D.INVALID_NUMBER, FIXED, rules=rules) == Again(START + MINUTE)
    assert step(D.INVALID_NUMBER, rules=rules) == Done(FinishReason.NO_NUMBER)


# ---- the rules change ----------------------------------------------------------------------------


def test_whoever_was_never_called_may_be_called_at_once() -> None:
    assert earliest(stand(MOBILE), RULES) == rest_until(stand(MOBILE), RULES) == LONG_AGO


def test_a_new_spacing_holds_after_the_last_attempt_too() -> None:
    called = stand(tried(MOBILE, 1), last=last(D.BUSY))
    assert earliest(called, replace(RULES, spacing=4 * HOUR)) == START + 4 * HOUR
    assert earliest(called, after(D.BUSY, wait=MINUTE)) == START + MINUTE


def test_a_new_limit_holds_for_what_has_happened() -> None:
    called = stand(tried(MOBILE, 2), outcomes={D.BUSY: 2}, last=last(D.BUSY))
    assert why_over(called, RULES) is None
    assert why_over(called, replace(RULES, per_number=2)) is FinishReason.EXHAUSTED
    assert why_over(called, after(D.BUSY, at_most=2)) is FinishReason.EXHAUSTED
    assert why_over(called, after(D.BUSY, then=Then.STOP)) is FinishReason.EXHAUSTED


def test_a_newer_list_begins_anew_after_the_spacing() -> None:
    again = stand(MOBILE, last=last(None))
    assert why_over(again, after(D.DELIVERED, then=Then.STOP)) is None
    assert earliest(again, RULES) == START + HOUR
