"""Which day does this text mean?"""

from datetime import UTC, date, datetime

import pytest

from dialer.core.codes import Code
from dialer.core.rows.dates import parse_date, parse_moment

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
    ("text", "moment"),
    [
        ("2026-11-21T06:00:00+01:00", datetime(2026, 11, 21, 5, tzinfo=UTC)),
        ("2026-11-21T06:00:00", Code.E_DATE_FORMAT),
        ("2026-11-21T25:00:00Z", Code.E_DATE_INVALID),
        ("0001-01-01T00:00:00+23:59", Code.E_DATE_RANGE),  # before the first day that can be written
        ("9999-12-31T23:59:59-23:59", Code.E_DATE_RANGE),
    ],
)
def test_a_moment_needs_its_offset_and_a_year_that_can_be_meant(text: str, moment: datetime | Code) -> None:
    assert parse_moment(text) == moment
