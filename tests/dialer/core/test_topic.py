from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.cases import CaseRow, DebtorType, Stage
from dialer.core.topic import Segment, TopicRules, topic
from tests.support.stores import row

MONDAY = date(2026, 11, 23)
PLAIN = TopicRules("PL")


def case(
    name: str = "C1", due: date = date(2026, 10, 29), stage: Stage = Stage.OVERDUE, amount: str = "153.20"
) -> CaseRow:
    made = row("D1", case=name).verdict.case
    assert made is not None
    return replace(made, receivable=replace(made.receivable, due_date=due, stage=stage))


def test_one_call_speaks_of_every_case() -> None:
    found = topic([case("C1"), case("C2")], PLAIN, MONDAY)

    assert [each.case_id for each in found.cases] == ["C1", "C2"]
    assert (found.left_out, found.again_on, found.next_round) == ({}, None, None)


def test_an_overdue_case_waits_until_a_payment_would_be_posted() -> None:
    found = topic([case(due=date(2026, 11, 20))], TopicRules("PL", posting_days=2), MONDAY)

    assert found.cases == []
    assert found.left_out == {"C1": "its first call is on 2026-11-25"}
    assert found.again_on == date(2026, 11, 25)


def test_a_reminder_is_not_made_once_its_term_has_passed() -> None:
    found = topic([case(due=date(2026, 11, 22), stage=Stage.PRE_DUE)], PLAIN, MONDAY)

    assert found.left_out == {"C1": "pre_due is not true any more: it was due on 2026-11-22"}
    assert found.again_on is None


def test_reminders_are_rounds_of_their_own() -> None:
    rules = TopicRules("PL", pre_due_days=(7, 3, 1))
    reminded = case(due=date(2026, 12, 4), stage=Stage.PRE_DUE)

    before, first, second, last = (
        topic([reminded], rules, day) for day in (MONDAY, date(2026, 11, 27), date(2026, 12, 1), date(2026, 12, 3))
    )

    assert (before.cases, before.again_on) == ([], date(2026, 11, 27))
    assert (len(first.cases), first.next_round) == (1, date(2026, 12, 1))
    assert (len(second.cases), second.next_round) == (1, date(2026, 12, 3))
    assert (len(last.cases), last.next_round) == (1, None)


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (Segment(max_days_overdue=10), "25 days overdue, at most 10"),
        (Segment(min_days_overdue=30), "25 days overdue, at least 30"),
        (Segment(min_amount=Decimal(200)), "an amount below 200"),
        (Segment(max_amount=Decimal(100)), "an amount above 100"),
        (Segment(debtor_types=frozenset({DebtorType.COMPANY})), "not for a person"),
    ],
)
def test_whoever_is_outside_the_segment_is_left_out_with_the_reason(segment: Segment, reason: str) -> None:
    found = topic([case()], TopicRules("PL", segment=segment), MONDAY)

    assert found.cases == []
    assert found.left_out == {"C1": f"outside the segment: {reason}"}


def test_a_case_may_grow_into_the_segment() -> None:
    found = topic([case()], TopicRules("PL", segment=Segment(min_days_overdue=30)), MONDAY)

    assert found.again_on == date(2026, 11, 28)


@given(
    st.lists(st.tuples(st.dates(date(2026, 10, 1), date(2026, 12, 31)), st.sampled_from(Stage)), max_size=4),
    st.none() | st.integers(0, 3),
    st.lists(st.integers(0, 10), max_size=3).map(tuple),
)
def test_nothing_becomes_speakable_before_the_day_that_is_told(
    claims: list[tuple[date, Stage]], posting_days: int | None, pre_due_days: tuple[int, ...]
) -> None:
    cases = [case(f"C{n}", due, stage) for n, (due, stage) in enumerate(claims)]
    rules = TopicRules("PL", posting_days, pre_due_days)
    found = topic(cases, rules, MONDAY)
    until = found.again_on or date(2027, 3, 1)
    for ordinal in range(MONDAY.toordinal() + 1, until.toordinal()):
        later = topic(cases, rules, date.fromordinal(ordinal))
        assert {each.case_id for each in later.cases} <= {each.case_id for each in found.cases}
