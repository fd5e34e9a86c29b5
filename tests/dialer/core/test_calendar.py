"""On which days may be called about a receivable?"""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.calendar import call_days, effective_due, first_overdue_call, pre_due_call, stage_agrees
from dialer.core.cases import Stage
from dialer.core.windows import is_holiday

TODAY = date(2026, 11, 21)
VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "schedule_vectors.json").read_text("utf-8")
)
OVERDUE = {Stage.OVERDUE, Stage.DEMAND, Stage.BLOCK_NOTICE, Stage.REGISTRY_NOTICE}
DUE_DATES = st.dates(date(2025, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("due", "until"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),  # a Friday
        (date(2026, 11, 21), date(2026, 11, 23)),  # a Saturday
        (date(2026, 11, 11), date(2026, 11, 12)),  # Independence Day, a Wednesday
        (date(2026, 12, 24), date(2026, 12, 28)),  # Christmas Eve to Sunday
        (date(2026, 4, 4), date(2026, 4, 7)),  # Easter
    ],
)
def test_a_term_on_a_free_day_ends_on_the_next_working_day(due: date, until: date) -> None:
    assert effective_due(due, "PL") == until


@given(DUE_DATES)
def test_the_last_day_to_pay_is_a_working_day_and_never_earlier(due: date) -> None:
    until = effective_due(due, "PL")
    assert until >= due
    assert until.isoweekday() < 6
    assert not is_holiday("PL", until)


@given(st.sampled_from(Stage), st.dates(date(2026, 10, 1), date(2027, 1, 31)))
def test_nobody_is_told_that_a_claim_is_overdue_while_it_can_be_paid(stage: Stage, due: date) -> None:
    if stage in OVERDUE and stage_agrees(stage, due, TODAY, "PL"):
        assert effective_due(due, "PL") < TODAY


@pytest.mark.parametrize(("due", "until"), VECTORS["effective_due_date"]["cases"].items())
def test_the_last_day_to_pay_is_the_civil_codes(due: str, until: str) -> None:
    assert effective_due(date.fromisoformat(due), "PL").isoformat() == until


@pytest.mark.parametrize("case", VECTORS["first_overdue_call"]["cases"])
def test_a_payment_has_two_working_days_to_be_posted(case: dict[str, str]) -> None:
    assert first_overdue_call(date.fromisoformat(case["due"]), 2, "PL").isoformat() == case["call_on"]


@pytest.mark.parametrize("case", VECTORS["pre_due_call_day"]["cases"])
def test_a_reminder_is_made_on_a_working_day(case: dict[str, Any]) -> None:
    due, days_before = date.fromisoformat(case["due"]), case["days_before"]
    assert pre_due_call(due, days_before, "PL").isoformat() == case["call_on"]


@given(st.sampled_from(sorted(OVERDUE)), DUE_DATES, st.none() | st.integers(0, 5))
def test_the_first_call_about_an_overdue_claim_is_on_a_day_on_which_it_is_overdue(
    stage: Stage, due: date, posting_days: int | None
) -> None:
    [day] = call_days(stage, due, "PL", posting_days, ())
    assert stage_agrees(stage, due, day, "PL")


@given(DUE_DATES, st.lists(st.integers(0, 14), min_size=1, max_size=4))
def test_reminders_come_in_order_and_before_the_term(due: date, days_before: list[int]) -> None:
    days = call_days(Stage.PRE_DUE, due, "PL", None, days_before)
    assert list(days) == sorted(set(days))
    assert all(day <= due for day in days)
    assert all(day.isoweekday() < 6 and not is_holiday("PL", day) for day in days)
    assert due - min(days) <= timedelta(days=14 + 7)
