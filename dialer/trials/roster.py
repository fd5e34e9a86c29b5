"""Who is on the floor, and when? A roster is a file of shifts with their breaks.

    agent,from,to,breaks
    anna,09:00,17:00,11:00-11:15 13:00-13:30
    bert,12:00,20:00,

Commas or semicolons. Times are wall clock on the day that is simulated; a shift that ends before it begins goes on
after midnight. Somebody who comes twice a day has two rows. Who talks when a shift or a break says go, goes after the
wrap-up.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from dialer.adapters.simulated.shifts import Shift, Span

NEEDED = ("agent", "from", "to")
DAY = timedelta(days=1)


class RosterProblem(ValueError):
    """A roster that cannot be used; the message says in which row and why."""


def read_roster(lines: Iterable[str], day: date, zone: ZoneInfo) -> list[Shift]:
    """
    Raises:
        RosterProblem: it is none.
    """
    rows = list(lines)
    delimiter = ";" if rows and ";" in rows[0] else ","
    reader = csv.DictReader(rows, delimiter=delimiter, restval="")
    if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
        raise RosterProblem(f"the first row names agent, from, to and perhaps breaks; {', '.join(missing)} is missing")
    try:
        shifts = [_shift(number, row, day, zone) for number, row in enumerate(reader, 2)]
    except csv.Error as error:
        raise RosterProblem(f"it is no CSV: {error}") from error
    if not shifts:
        raise RosterProblem("nobody has a shift")
    in_order = sorted(shifts, key=lambda shift: (shift.agent, shift.span.begins))
    for earlier, later in pairwise(in_order):
        if earlier.agent == later.agent and later.span.begins < earlier.span.ends:
            raise RosterProblem(f"two shifts of {later.agent} are at the same time")
    return shifts


def staffing(shifts: Sequence[Shift], begins: datetime) -> list[tuple[float, int]]:
    """How many agents are there from how many seconds after ``begins`` on; the first is at 0."""
    steps = [step for shift in shifts for step in _steps(shift)]
    moments = sorted({begins, *(at for at, _ in steps if at > begins)})
    changes = [sum(change for at, change in steps if at == moment) for moment in moments]
    changes[0] = sum(change for at, change in steps if at <= begins)
    seconds = ((moment - begins).total_seconds() for moment in moments)
    return list(zip(seconds, accumulate(changes), strict=True))


def last_end(shifts: Sequence[Shift]) -> datetime:
    """When the last one goes home."""
    return max(shift.span.ends for shift in shifts)


def _steps(shift: Shift) -> list[tuple[datetime, int]]:
    steps = [(shift.span.begins, 1), (shift.span.ends, -1)]
    for pause in shift.breaks:
        steps += [(pause.begins, -1), (pause.ends, 1)]
    return steps


def _shift(number: int, row: Mapping[str | None, str], day: date, zone: ZoneInfo) -> Shift:
    if None in row:
        raise RosterProblem(
            f"row {number}: it has more columns than the first; several breaks have a space between them"
        )
    agent = row["agent"].strip()
    if not agent:
        raise RosterProblem(f"row {number}: agent is empty")
    try:
        span = _span(row["from"], row["to"], day, zone)
        breaks = [_break(text, span, day, zone) for text in (row.get("breaks") or "").split()]
    except ValueError as error:
        raise RosterProblem(f"row {number}, {agent}: {error}") from error
    for earlier, later in pairwise(sorted(breaks, key=lambda pause: pause.begins)):
        if later.begins < earlier.ends:
            raise RosterProblem(f"row {number}, {agent}: two breaks are at the same time")
    return Shift(agent, span, tuple(breaks))


def _break(text: str, shift: Span, day: date, zone: ZoneInfo) -> Span:
    begins, dash, ends = text.partition("-")
    if not dash:
        raise ValueError(f"a break is like 11:00-11:15, not {text}")
    today, tomorrow = (_span(begins, ends, when, zone) for when in (day, day + DAY))
    for pause in (today, tomorrow):  # after midnight it is of a shift of the night
        if shift.holds(pause):
            return pause
    raise ValueError(f"the break {text} lies outside the shift")


def _span(begins: str, ends: str, day: date, zone: ZoneInfo) -> Span:
    first, last = _time(begins), _time(ends)
    until = day if last > first else day + DAY
    return Span(*(datetime.combine(*each, zone).astimezone(UTC) for each in ((day, first), (until, last))))


def _time(text: str) -> time:
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007  a wall-clock time has no zone of its own
    except ValueError:
        raise ValueError(f"a time is like 09:00, not {text.strip() or 'empty'}") from None
