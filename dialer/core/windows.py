"""May a call be placed at this moment, and if not, when next?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from zoneinfo import ZoneInfo

import holidays

from dialer.model import CallingHours

HORIZON = timedelta(days=400)  # a plan without any window within it is treated as never open


def is_open(hours: CallingHours, now: datetime) -> bool:
    """Whether the callee's wall clock, wherever that may be, shows a permitted time; a window's end is outside it."""
    if hours.not_before and now < hours.not_before:
        return False
    if hours.not_after and now >= hours.not_after:
        return False
    return _is_open_in(hours.timezone, hours, now) and all(_is_open_in(zone, hours, now) for zone in hours.also_in)


def _is_open_in(zone: ZoneInfo, hours: CallingHours, now: datetime) -> bool:
    local = now.astimezone(zone)
    if is_holiday(hours.holidays, local.date()):
        return False
    wall = local.time()
    return any(
        window.opens <= wall and (wall < window.closes or window.closes == time.min)
        for window in hours.windows.get(local.isoweekday(), ())
    )


def steady_until(hours: CallingHours, now: datetime) -> datetime:
    """Before that moment ``is_open`` gives the answer that it gives now: days and windows begin on whole minutes."""
    next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    bounds = (bound for bound in (hours.not_before, hours.not_after) if bound is not None and bound > now)
    return min((next_minute, *bounds))


def next_open(hours: CallingHours, after: datetime) -> datetime | None:
    """The first permitted moment at or after the given one, UTC; None if there is none within ``HORIZON``."""
    start = max(after, hours.not_before or after)
    if is_open(hours, start):
        return start
    for moment in merge(*(_openings(zone, hours, start) for zone in (hours.timezone, *hours.also_in))):
        if hours.not_after and moment >= hours.not_after:
            return None
        if moment >= start and is_open(hours, moment):
            return moment
    return None


def _openings(zone: ZoneInfo, hours: CallingHours, start: datetime) -> Iterator[datetime]:
    """Every moment at which a window may open there, in order: when it says so, or when the clock leaps into it."""
    first = start.astimezone(zone).date()
    for day in range(HORIZON.days + 1):
        today = first + timedelta(days=day)
        opens = {window.opens for window in hours.windows.get(today.isoweekday(), ())}
        moments = {moment for wall in opens for moment in _instants(today, wall, zone)}
        if opens:
            moments |= _clock_changes(today, zone)
        yield from sorted(moments)


def _instants(day: date, wall: time, zone: ZoneInfo) -> set[datetime]:
    """When the wall clock shows the time on that day: once, twice in the hour that is repeated, or never."""
    shown = datetime.combine(day, wall)
    moments = {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == shown}


def _clock_changes(day: date, zone: ZoneInfo) -> set[datetime]:
    """When the clock of that day is put forward or back, if it is."""
    midnight = datetime.combine(day, time.min, zone).astimezone(UTC)
    before = midnight - timedelta(minutes=1)  # it may change at midnight
    after = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return set()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // timedelta(minutes=2) * timedelta(minutes=1)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return {after}


def is_holiday(country: str | None, day: date) -> bool:
    """Whether it is a public holiday there.

    Raises:
        NotImplementedError: no calendar of that country is known, so no day of it may be called.
    """
    return country is not None and day in _calendar(country, day.year)


@lru_cache(maxsize=64)
def _calendar(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
