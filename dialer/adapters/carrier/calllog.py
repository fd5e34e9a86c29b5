"""What did the carrier see: how many calls, how fast, how many at once?

The carrier writes one line per ended call (etc/carrier/cdr_custom.conf): number, attempt, kind, then start, answer
and end as seconds since the epoch with a fraction; answer is 0 for a call that was not answered. A call starts when the
carrier has read the INVITE, mostly 1 ms after that was sent. This log, not the engine's own, witnesses the limits.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the carrier saw it; kind is the script's word, or `unscripted`."""

    number: str
    attempt: int
    kind: str
    started: datetime
    answered: datetime | None
    ended: datetime


def parse(lines: Iterable[str]) -> list[Call]:
    """The calls of a log, ordered by their start."""
    calls = []
    for number, attempt, kind, start, answer, end in csv.reader(lines):
        answered = _moment(answer) if float(answer or 0) else None
        calls.append(Call(number, int(attempt), kind, _moment(start), answered, _moment(end)))
    return sorted(calls, key=lambda call: call.started)


def most_within(calls: Sequence[Call], window: timedelta = timedelta(seconds=1)) -> int:
    """The largest number of calls that began within any half-open window of that length."""
    starts = sorted(call.started for call in calls)
    most = oldest = 0
    for newest, start in enumerate(starts):
        while start - starts[oldest] >= window:
            oldest += 1
        most = max(most, newest - oldest + 1)
    return most


def most_at_once(calls: Sequence[Call]) -> int:
    """The largest number of calls that existed at the same moment, ringing ones included."""
    changes = sorted([(call.started, 1) for call in calls] + [(call.ended, -1) for call in calls])
    most = current = 0
    for _, change in changes:  # at equal moments -1 sorts first: one call's end makes room for the next
        current += change
        most = max(most, current)
    return most


def calls_per_number(calls: Iterable[Call]) -> Counter[str]:
    """How often each number was called."""
    return Counter(call.number for call in calls)


def _moment(epoch: str) -> datetime:
    # Built from whole microseconds: a float of seconds would round the last digit.
    seconds, _, fraction = epoch.partition(".")
    return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))
