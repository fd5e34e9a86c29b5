from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.cases import CaseRow, CaseState, Dispute, Promise, PromiseState
from dialer.core.promises import PromiseRules, Speaks, fallen, judged, over_on, reminded_on, rests, speaks
from dialer.core.topic import Topic, TopicRules, topic
from tests.support.stores import row

FRIDAY, HUNDRED = date(2026, 11, 27), Decimal(100)
PROMISE = Promise(FRIDAY, HUNDRED)
RULES = PromiseRules(2, "PL", frozenset(Speaks))
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
SUMS = st.lists(st.integers(0, 300).map(Decimal), min_size=1, max_size=8)


def on(day: date, *balances: int, stand: CaseState = CaseState.OPEN, dispute: Dispute | None = None) -> PromiseState:
    return judged(PROMISE, [HUNDRED, *map(Decimal, balances)], stand, dispute, day, RULES)


def test_a_promise_is_broken_on_the_working_day_after_its_days_of_grace() -> None:
    assert over_on(FRIDAY, RULES) == date(2026, 12, 2)
    assert on(date(2026, 12, 1)) is PromiseState.OPEN
    assert on(date(2026, 12, 2)) is PromiseState.BROKEN


def test_a_promise_is_kept_as_soon_as_the_balance_has_fallen_by_it() -> None:
    assert on(date(2026, 11, 24), 0) is PromiseState.KEPT
    assert on(date(2026, 12, 9), 60) is PromiseState.BROKEN


def test_what_is_owed_besides_does_not_break_a_promise() -> None:
    assert on(date(2026, 12, 9), 140, 40) is PromiseState.KEPT


def test_nobody_breaks_a_promise_who_owed_nothing() -> None:
    assert on(date(2026, 12, 9), stand=CaseState.CLOSED_CANCELLED, dispute=Dispute.UPHELD) is PromiseState.VOID


def test_a_promise_is_not_broken_while_the_claim_is_disputed() -> None:
    assert on(date(2026, 12, 9), dispute=Dispute.OPEN) is PromiseState.OPEN
    assert on(date(2026, 12, 9), dispute=Dispute.REJECTED) is PromiseState.BROKEN


@given(SUMS, DAYS, st.integers(0, 20))
def test_a_promise_is_kept_if_anything_was_ever_paid_that_reaches_it_and_else_never_before_its_day(
    balances: list[Decimal], by: date, grace: int
) -> None:
    promise, rules = Promise(by, HUNDRED), PromiseRules(grace, "PL")
    since = [HUNDRED, *balances]
    is_paid = any(before - after >= HUNDRED for n, before in enumerate(since) for after in since[n:])

    for day in (by, over_on(by, rules) - timedelta(days=1), over_on(by, rules)):
        state = judged(promise, since, CaseState.OPEN, None, day, rules)
        expected = PromiseState.BROKEN if day >= over_on(by, rules) else PromiseState.OPEN
        assert state is (PromiseState.KEPT if is_paid else expected)


@given(SUMS)
def test_a_balance_that_only_grows_has_not_fallen(balances: list[Decimal]) -> None:
    assert fallen(sorted(balances)) == 0


@pytest.mark.parametrize(
    ("by", "day"),
    [(FRIDAY, date(2026, 11, 26)), (date(2026, 11, 30), FRIDAY), (date(2026, 12, 27), date(2026, 12, 23))],
    ids=["the day before", "over a weekend", "over Christmas"],
)
def test_a_promise_is_reminded_of_on_the_working_day_before(by: date, day: date) -> None:
    assert reminded_on(by, RULES) == day


@given(DAYS, DAYS, st.sets(st.sampled_from(Speaks)))
def test_an_open_promise_rests_or_is_spoken_of_and_nothing_else(by: date, day: date, said: set[Speaks]) -> None:
    rules = replace(RULES, speaks=frozenset(said))
    promise = Promise(by, HUNDRED)

    if day < over_on(by, rules):
        assert rests(promise, day, rules) or (day == reminded_on(by, rules) and Speaks.REMINDER in said)
    else:
        assert not rests(promise, day, rules)
        assert speaks(promise, day, rules) is (Speaks.BROKEN if Speaks.BROKEN in said else None)


# ---- of what a call speaks ------------------------------------------------------------------------------


def case(name: str, promise: Promise | None = None) -> CaseRow:
    made = row("D1", case=name).verdict.case
    assert made is not None
    return replace(made, promise=promise)


def said_on(day: date, *cases: CaseRow, rules: PromiseRules = RULES) -> Topic:
    return topic(cases, TopicRules("PL", promises=rules), day)


def test_nobody_is_called_about_what_is_promised() -> None:
    found = said_on(date(2026, 11, 24), case("C1", PROMISE))

    assert (found.cases, found.left_out) == ([], {"C1": "it is promised to be paid by 2026-11-27"})
    assert found.again_on == date(2026, 11, 26)


def test_without_a_reminder_the_next_call_is_after_the_days_of_grace() -> None:
    found = said_on(date(2026, 11, 26), case("C1", PROMISE), rules=replace(RULES, speaks=frozenset()))

    assert (found.cases, found.again_on) == ([], date(2026, 12, 2))


def test_the_reminder_speaks_only_of_what_was_promised() -> None:
    found = said_on(date(2026, 11, 26), case("C1", PROMISE), case("C2"))

    assert ([each.case_id for each in found.cases], found.speaks) == (["C1"], Speaks.REMINDER)
    assert found.left_out == {"C2": "the call speaks of a promise to pay by 2026-11-27"}


def test_the_day_of_the_promise_itself_is_free_of_calls() -> None:
    found = said_on(FRIDAY, case("C1", PROMISE))

    assert (found.cases, found.again_on) == ([], date(2026, 12, 2))


def test_a_broken_promise_is_spoken_of_until_it_is_paid_or_another_is_made() -> None:
    found = said_on(date(2026, 12, 9), case("C1", replace(PROMISE, state=PromiseState.BROKEN)))
    paid = said_on(date(2026, 12, 9), case("C1", replace(PROMISE, state=PromiseState.KEPT)))

    assert (found.speaks, paid.speaks) == (Speaks.BROKEN, None)
    assert len(paid.cases) == 1
