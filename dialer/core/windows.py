"""May a call be placed at this moment, and if not, when next?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from dialer.model import CallingHours

HORIZON = timedelta(days=400)  # a plan without any window within it is treated as never open


def is_open(hours: CallingHours, now: datetime) -> bool:
    """Whether the callee's wall clock shows a permitted time; the end of a window is outside it."""
    if hours.not_before and now < hours.not_before:
        return False
    if hours.not_after and now >= hours.not_after:
        return False
    local = now.astimezone(hours.timezone)
    if is_holiday(hours.holidays, local.date()):
        return False
    wall = local.time()
    return any(
        window.opens <= wall and (wall < window.closes or window.closes == time.min)
        for window in hours.windows.get(local.isoweekday(), ())
    )


def next_open(hours: CallingHours, after: datetime) -> datetime | None:
    """The first permitted moment at or after the given one, UTC; None if there is none within ``HORIZON``."""
    start = max(after, hours.not_before or after)
    if is_open(hours, start):
        return start
    for moment in _openings(hours, start):
        if hours.not_after and moment >= hours.not_after:
            return None
        if moment >= start and is_open(hours, moment):
            return moment
    return None


def _openings(hours: CallingHours, start: datetime) -> Iterator[datetime]:
    first = start.astimezone(hours.timezone).date()
    for day in range(HORIZON.days + 1):
        today = first + timedelta(days=day)
        for window in sorted(hours.windows.get(today.isoweekday(), ()), key=lambda window: window.opens):
            yield from _instants(today, window.opens, hours.timezone)


def _instants(day: date, wall: time, zone: ZoneInfo) -> Iterator[datetime]:
    """When the wall clock first shows the time or, the clock going forward over it, a later one; and when again."""
    early = datetime.combine(day, wall, zone)
    late = early.replace(fold=1)
    first, second = sorted((early.astimezone(UTC), late.astimezone(UTC)))
    if first == second:
        yield first
    elif first.astimezone(zone).time() == wall:
        yield first  # the hour that happens twice
        yield second
    else:  # the hour that does not exist: the window opens when the clock jumps
        yield next(
            moment
            for minutes in range(int((second - first) / timedelta(minutes=1)) + 1)
            if (moment := first + timedelta(minutes=minutes)).astimezone(zone).time() >= wall
        ).replace(second=0, microsecond=0)


def is_holiday(country: str | None, day: date) -> bool:
    """Whether it is a public holiday there.

    Raises:
        NotImplementedError: no calendar of that country is known, so no day of it may be called.
    """
    return country is not None and day in _calendar(country, day.year)


@lru_cache(maxsize=64)
def _calendar(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
