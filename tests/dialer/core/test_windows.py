import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.windows import HORIZON, is_holiday, is_open, next_open, steady_until
from dialer.model import CallingHours, Window

WARSAW = ZoneInfo("Europe/Warsaw")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SCANNED = 4 * DAY  # how far the slow reference looks
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 28)

# Half an hour of summer time, a quarter of an hour off the hour without any; and clocks that change around midnight.
ZONES = (
    "Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
    "Atlantic/Azores", "America/Santiago",
)  # fmt: skip
HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for days in json.loads((Path(__file__).parents[2] / "fixtures" / "holidays_pl.json").read_text("utf-8")).values()
    if isinstance(days, dict)
    for day in days
)


def window(opens: str, closes: str) -> Window:
    return Window(time.fromisoformat(opens), time.fromisoformat(closes))


OFFICE = (window("08:00", "20:00"),)
WEEKDAYS = CallingHours(dict.fromkeys(range(1, 6), OFFICE), WARSAW, "PL")
ROUND_THE_CLOCK = CallingHours({day: (window("00:00", "00:00"),) for day in range(1, 8)}, WARSAW)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


# ---- the slow reference --------------------------------------------------------------------------


def minute_of_day(moment: time) -> int:
    return 60 * moment.hour + moment.minute


def is_open_slowly(hours: CallingHours, now: datetime) -> bool:
    if hours.not_before is not None and now < hours.not_before:
        return False
    if hours.not_after is not None and now >= hours.not_after:
        return False
    shown = now.astimezone(hours.timezone)
    if hours.holidays == "PL" and shown.date() in HOLIDAYS:
        return False
    minute = minute_of_day(shown.time())
    for each in hours.windows.get(shown.weekday() + 1, ()):
        closes = minute_of_day(each.closes) or 24 * 60
        if minute_of_day(each.opens) <= minute < closes:
            return True
    return False


def next_open_slowly(hours: CallingHours, after: datetime) -> datetime | None:
    """Looks at every minute; None if there is no opening within ``SCANNED``."""
    if is_open_slowly(hours, after):
        return after
    moment = after.replace(second=0, microsecond=0)
    moments = {moment + n * MINUTE for n in range(1, SCANNED // MINUTE)}
    edges = {hours.not_before} if hours.not_before and after <= hours.not_before <= after + SCANNED else set()
    return next((each for each in sorted(moments | edges) if is_open_slowly(hours, each)), None)


# ---- random plans --------------------------------------------------------------------------------


@cache
def change_days(zone: str) -> tuple[date, ...]:
    """The days of two years on which the clock changes, and those around them."""
    known = ZoneInfo(zone)
    days = [FIRST + n * DAY for n in range((LAST - FIRST).days)]
    noons = [datetime.combine(day, time(12), known).utcoffset() for day in days]
    changed = [day for day, before, after in zip(days[1:], noons, noons[1:], strict=False) if before != after]
    return tuple(day + n * DAY for day in changed for n in (-1, 0, 1)) or (FIRST,)


def test_the_clocks_change_on_the_days_the_law_names() -> None:
    changed = change_days("Europe/Warsaw")
    assert [day.isoformat() for day in changed[1::3]] == ["2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"]
    assert change_days("Asia/Kathmandu") == (FIRST,)


quarters = st.integers(0, 24 * 4 - 1).map(lambda n: time(n // 4, 15 * (n % 4)))


@st.composite
def windows_of_a_day(draw: st.DrawFn) -> tuple[Window, ...]:
    edges = sorted(draw(st.sets(quarters, max_size=4)))
    spans = [Window(opens, closes) for opens, closes in zip(edges[::2], edges[1::2], strict=False)]
    if len(edges) % 2:
        spans.append(Window(edges[-1], time.min))
    return tuple(draw(st.permutations(spans)))


@st.composite
def plans(draw: st.DrawFn) -> tuple[CallingHours, datetime]:
    """Calling hours, and a moment near a clock change, a holiday or anywhere."""
    zone = draw(st.sampled_from(ZONES))
    day = draw(
        st.sampled_from(change_days(zone)) | st.sampled_from(sorted(HOLIDAYS)) | st.dates(FIRST, LAST), label="day"
    )
    midnight = datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
    moment = midnight + timedelta(seconds=draw(st.integers(-3600, 26 * 3600)))
    spans = st.none() | st.integers(-2 * 1440, 2 * 1440).map(lambda n: moment + n * MINUTE)
    hours = CallingHours(
        windows=draw(st.dictionaries(st.integers(1, 7), windows_of_a_day(), max_size=7)),
        timezone=ZoneInfo(zone),
        holidays=draw(st.sampled_from([None, "PL"])),
        not_before=draw(spans),
        not_after=draw(spans),
    )
    return hours, moment


@given(plans())
def test_a_moment_is_open_exactly_when_the_wall_clock_says_so(plan: tuple[CallingHours, datetime]) -> None:
    hours, moment = plan
    assert is_open(hours, moment) == is_open_slowly(hours, moment)


@given(plans(), st.floats(0, 1, exclude_max=True))
def test_a_steady_time_is_open_or_closed_all_along(plan: tuple[CallingHours, datetime], share: float) -> None:
    hours, moment = plan
    ends = steady_until(hours, moment)
    assert moment < ends <= moment + MINUTE
    assert is_open(hours, moment + (ends - moment) * share) == is_open(hours, moment)


@given(plans())
def test_the_next_opening_is_the_first_open_minute(plan: tuple[CallingHours, datetime]) -> None:
    hours, moment = plan
    expected, found = next_open_slowly(hours, moment), next_open(hours, moment)
    if expected is not None:
        assert found == expected
    else:
        assert found is None or found >= moment + SCANNED - MINUTE


@given(plans())
def test_a_next_opening_is_open(plan: tuple[CallingHours, datetime]) -> None:
    hours, moment = plan
    found = next_open(hours, moment)
    assert found is None or (found >= moment and is_open(hours, found))


@given(plans(), st.lists(st.sampled_from(ZONES).map(ZoneInfo), min_size=1, max_size=3))
def test_whoever_may_be_in_several_zones_is_called_when_it_is_permitted_in_all(
    plan: tuple[CallingHours, datetime], others: list[ZoneInfo]
) -> None:
    one, moment = plan
    several = replace(one, also_in=others)
    zones = [replace(one, timezone=zone) for zone in (one.timezone, *others)]
    assert is_open(several, moment) == all(is_open_slowly(zone, moment) for zone in zones)
    found = next_open(several, moment)
    assert found is None or (found >= moment and all(is_open_slowly(zone, found) for zone in zones))
    quarters = (moment + n * 15 * MINUTE for n in range(2 * 24 * 4))
    until = moment + SCANNED if found is None else found
    assert not any(all(is_open_slowly(zone, each) for zone in zones) for each in quarters if each < until)


def test_in_denver_or_phoenix_it_opens_when_the_later_clock_says_so() -> None:
    american = replace(
        WEEKDAYS, holidays=None, timezone=ZoneInfo("America/Denver"), also_in=[ZoneInfo("America/Phoenix")]
    )
    summer, winter = warsaw("2026-07-06T12:00:00"), warsaw("2026-11-23T12:00:00")
    assert next_open(american, summer) == datetime.fromisoformat("2026-07-06T08:00:00-07:00")  # 9:00 in Denver
    assert next_open(american, winter) == datetime.fromisoformat("2026-11-23T08:00:00-07:00")


# ---- in words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T19:59:59", True),
        ("2026-11-23T20:00:00", False),
        ("2026-11-22T12:00:00", False),  # a Sunday
        ("2026-11-11T12:00:00", False),  # Independence Day
        ("2026-12-24T12:00:00", False),  # free since 2025
    ],
)
def test_office_hours_in_warsaw(moment: str, expected: bool) -> None:
    assert is_open(WEEKDAYS, warsaw(moment)) is expected


def test_midnight_as_a_close_is_the_end_of_the_day() -> None:
    late = replace(WEEKDAYS, windows={1: (window("20:00", "00:00"),)})
    assert is_open(late, warsaw("2026-11-23T23:59:59"))
    assert not is_open(late, warsaw("2026-11-24T00:00:00"))


def test_an_order_that_has_not_begun_opens_when_it_begins() -> None:
    begins = warsaw("2026-11-24T10:30:00")
    hours = replace(WEEKDAYS, not_before=begins)
    assert not is_open(hours, warsaw("2026-11-24T09:00:00"))
    assert next_open(hours, warsaw("2026-11-23T09:00:00")) == begins


def test_an_order_that_is_over_never_opens_again() -> None:
    hours = replace(WEEKDAYS, not_after=warsaw("2026-11-23T20:00:00"))
    assert next_open(hours, warsaw("2026-11-23T19:59:59")) is not None
    assert next_open(hours, warsaw("2026-11-23T20:00:00")) is None


def test_hours_without_windows_never_open() -> None:
    assert next_open(replace(WEEKDAYS, windows={}), warsaw("2026-11-23T09:00:00")) is None


def test_a_window_inside_the_hour_that_does_not_exist_never_opens_that_day() -> None:
    night = replace(ROUND_THE_CLOCK, windows={7: (window("02:15", "02:45"),)})
    found = next_open(night, warsaw("2027-03-28T00:00:00"))
    assert found == warsaw("2027-04-04T02:15:00")


def test_a_window_over_the_hour_that_does_not_exist_opens_when_the_clock_jumps() -> None:
    night = replace(ROUND_THE_CLOCK, windows={7: (window("02:15", "04:00"),)})
    assert next_open(night, warsaw("2027-03-28T00:00:00")) == warsaw("2027-03-28T03:00:00")


def test_a_window_in_the_hour_that_happens_twice_opens_twice() -> None:
    night = replace(ROUND_THE_CLOCK, windows={7: (window("02:15", "02:30"),)})
    first = datetime(2027, 10, 31, 0, 15, tzinfo=UTC)
    assert next_open(night, first - MINUTE) == first
    assert next_open(night, first + 15 * MINUTE) == first + 60 * MINUTE


def test_a_window_that_opens_at_a_midnight_that_does_not_exist_opens_when_the_clock_jumps() -> None:
    cairo = CallingHours({5: (window("00:00", "03:00"),)}, ZoneInfo("Africa/Cairo"))
    assert next_open(cairo, datetime(2026, 4, 23, 12, tzinfo=UTC)) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_a_clock_that_changes_after_midnight_hides_no_opening_at_midnight() -> None:
    azores = CallingHours(dict.fromkeys(range(1, 8), (window("00:00", "03:00"),)), ZoneInfo("Atlantic/Azores"))
    assert next_open(azores, datetime(2026, 10, 24, 12, tzinfo=UTC)) == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_a_window_that_the_clock_goes_back_into_opens_again() -> None:
    night = replace(ROUND_THE_CLOCK, windows={7: (window("01:00", "02:30"),)})
    closed = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # 02:30 in summer time
    assert not is_open(night, closed)
    assert next_open(night, closed) == datetime(2027, 10, 31, 1, tzinfo=UTC)  # 02:00 in winter time


def test_the_horizon_holds_every_yearly_gap() -> None:
    assert timedelta(days=366) < HORIZON


def test_the_holidays_are_those_of_the_law() -> None:
    days = [FIRST + n * DAY for n in range((date(2028, 1, 1) - FIRST).days)]
    assert {day for day in days if is_holiday("PL", day)} == {day for day in HOLIDAYS if day.year in (2026, 2027)}


def test_no_country_has_no_holidays() -> None:
    assert not is_holiday(None, date(2026, 12, 25))


def test_a_country_whose_holidays_are_unknown_is_never_open() -> None:
    with pytest.raises(NotImplementedError):
        is_open(replace(WEEKDAYS, holidays="XX"), warsaw("2026-11-23T12:00:00"))


def test_windows_are_given_per_weekday() -> None:
    windows: Mapping[int, tuple[Window, ...]] = {6: OFFICE}
    assert next_open(replace(WEEKDAYS, windows=windows), warsaw("2026-11-23T09:00:00")) == warsaw("2026-11-28T08:00:00")
