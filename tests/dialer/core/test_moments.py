"""Which moments can be meant?"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dialer.core.moments import Moment, can_be_meant

OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FARTHEST = (ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago"))


@given(st.datetimes(timezones=OFFSETS))
def test_a_moment_that_can_be_meant_is_shown_by_every_clock_for_years_to_come(moment: datetime) -> None:
    if can_be_meant(moment):
        for zone in FARTHEST:
            (moment + timedelta(days=400)).astimezone(zone)


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2200-01-01T00:00:00Z"])
def test_nobody_means_the_ends_of_the_calendar(end: str) -> None:
    with pytest.raises(ValidationError, match="years 1970 to 2199"):
        TypeAdapter(Moment).validate_python(end)


def test_whatever_lies_between_is_taken_as_it_is() -> None:
    shown = "2026-11-23T09:00:00+01:00"
    assert TypeAdapter(Moment).validate_python(shown) == datetime.fromisoformat(shown)
