from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.typed import typed_date

TODAY = date(2026, 12, 20)


@pytest.mark.parametrize(
    ("digits", "last", "meant"),
    [
        ("2412", date(2026, 12, 31), date(2026, 12, 24)),
        ("2012", date(2026, 12, 31), TODAY),
        ("0201", date(2027, 1, 3), date(2027, 1, 2)),
        ("1912", date(2026, 12, 31), None),
        ("0401", date(2027, 1, 3), None),
        ("3102", date(2027, 12, 31), None),
        ("0000", date(2027, 12, 31), None),
        ("2902", date(2028, 3, 1), None),
    ],
    ids=["this year", "today", "new year", "past", "too late", "no such day", "zeros", "of a leap year"],
)
def test_four_digits_mean_the_next_such_day(digits: str, last: date, meant: date | None) -> None:
    assert typed_date(digits, TODAY, last) == meant


@given(st.from_regex(r"[0-9]{4}", fullmatch=True), st.dates(), st.integers(0, 60))
def test_no_digits_mean_a_day_that_may_not_be_promised(digits: str, today: date, ahead: int) -> None:
    last = date.fromordinal(min(today.toordinal() + ahead, date.max.toordinal() - 366))
    if today.year >= date.max.year - 1:
        return

    meant = typed_date(digits, today, last)

    assert meant is None or today <= meant <= last
