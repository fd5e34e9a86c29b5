"""Which day does this text mean, and does the stage agree with the due date?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.cases import Stage
from dialer.core.codes import Code
from dialer.core.rows.dates import effective_due, parse_date, stage_agrees
from dialer.core.windows import is_holiday

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-29", date(2026, 10, 29)),
        ("29.10.2026", date(2026, 10, 29)),
        ("2028-02-29", date(2028, 2, 29)),
        ("2027-02-29", Code.E_DATE_INVALID),
        ("0000-01-01", Code.E_DATE_INVALID),
        ("2026-1-2", Code.E_DATE_FORMAT),
        ("2026-10-29T00:00", Code.E_DATE_FORMAT),
        ("46000", Code.E_DATE_FORMAT),  # a spreadsheet's day number
        ("1995-12-31", Code.E_DATE_RANGE),
        ("2057-01-01", Code.E_DATE_RANGE),
    ],
)
def test_a_date_is_read_in_two_forms(text: str, day: date | Code) -> None:
    assert parse_date(text, TODAY) == day


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


@given(st.dates(date(2025, 1, 1), date(2035, 1, 1)))
def test_the_last_day_to_pay_is_a_working_day_and_never_earlier(due: date) -> None:
    until = effective_due(due, "PL")
    assert until >= due
    assert until.isoweekday() < 6
    assert not is_holiday("PL", until)


@given(st.sampled_from(Stage), st.dates(date(2026, 10, 1), date(2027, 1, 31)))
def test_nobody_is_told_that_a_claim_is_overdue_while_it_can_be_paid(stage: Stage, due: date) -> None:
    says_overdue = stage in {Stage.OVERDUE, Stage.DEMAND, Stage.BLOCK_NOTICE, Stage.REGISTRY_NOTICE}
    if says_overdue and stage_agrees(stage, due, TODAY, "PL"):
        assert effective_due(due, "PL") < TODAY
