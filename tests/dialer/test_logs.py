"""Do the lines of the log say moments as people and machines read them elsewhere, and no telephone number?"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from dialer.logs import processors

BOTH = pytest.mark.parametrize("log_format", ["text", "json"])


def line(log_format: str, **said: Any) -> str:
    event: Any = {"event": "window_closed", **said}
    for process in processors(log_format):
        event = process(None, "info", event)
    return str(event)


@BOTH
def test_a_moment_is_written_as_the_api_writes_it(log_format: str) -> None:
    told = line(log_format, until=datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert "2026-11-23T09:00:00Z" in told
    assert "datetime" not in told


@BOTH
def test_a_moment_of_another_zone_is_told_in_utc(log_format: str) -> None:
    told = line(log_format, until=datetime(2026, 11, 23, 10, 30, 0, 5, tzinfo=timezone(timedelta(hours=1))))
    assert "2026-11-23T09:30:00.000005Z" in told


@BOTH
def test_a_day_is_written_as_a_day(log_format: str) -> None:
    told = line(log_format, day=date(2026, 11, 23))
    assert "2026-11-23" in told
    assert "datetime" not in told


@BOTH
def test_a_telephone_number_is_masked_wherever_it_stands(log_format: str) -> None:
    told = line(log_format, because="nobody at +48280000123 any more")
    assert "48280000" not in told
    assert "123 any more" in told
