"""Which day does this text mean?"""

from datetime import date

import pytest

from dialer.core.codes import Code
from dialer.core.rows.dates import parse_date

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
