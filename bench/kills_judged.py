"""Did killing the engine break a promise? Its database, held against the carrier's log."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.contact_tables import cases, contacts
from dialer.adapters.store.event_tables import event_counter, events
from dialer.core.feed import EventType
from dialer.model import Disposition

CLOCKS_APART = timedelta(milliseconds=2)  # spacing is measured where the call is placed, a moment before the log
NEVER_LEFT = {Disposition.WITHDRAWN, Disposition.NOT_PLACED}
UNKNOWN = {*NEVER_LEFT, Disposition.LOST}  # dispositions for which the carrier need not have seen a call

_CASE_OF_CONTACT = sa.select(contacts.c.id, cases.c.case_id).join(cases, cases.c.debtor_id == contacts.c.debtor_id)

Rows = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    per_number: int
    per_debtor_day: int
    spacing: timedelta


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the carrier's log."""

    attempt: str
    number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    figures: dict[str, int]
    problems: list[str] = field(default_factory=list)  # the first of each kind


def calls_of(carrier: Path) -> list[Call]:
    lines = (line.split() for line in carrier.read_text("utf-8").splitlines())
    return [Call(attempt, number, datetime.fromisoformat(at)) for attempt, number, at in lines]


def judge(connection: sa.Connection, calls: Sequence[Call], limits: Limits) -> Verdict:
    """One contact and one case for each debtor; all in one day."""
    rows = {row.id: row for row in connection.execute(sa.select(attempts))}
    told = connection.execute(sa.select(events).order_by(events.c.seq)).all()
    case_of = {row.id: row.case_id for row in connection.execute(_CASE_OF_CONTACT)}
    last = connection.execute(sa.select(event_counter.c.last)).scalar_one()
    known = [call for call in calls if call.attempt in rows]
    problems = [
        *_of_calls(rows, calls),
        *_of_limits(rows, known, limits),
        *_of_order([event.seq for event in told], last),
        *_of_telling(rows, told, case_of),
    ]
    return Verdict(_figures(rows, known, len(told)), problems)


def _figures(rows: Rows, calls: Sequence[Call], told: int) -> dict[str, int]:
    outcomes = Counter(row.disposition for row in rows.values())
    lost = sum(rows[call.attempt].disposition == Disposition.LOST for call in calls)
    return {
        "attempts saved": len(rows),
        "calls at the carrier": len(calls),
        "calls lost with a killed engine": lost,
        "never placed, and known not to be": outcomes[Disposition.WITHDRAWN],
        "never placed, and closed as lost": outcomes[Disposition.LOST] - lost,
        "messages heard to the end": outcomes[Disposition.DELIVERED],
        "events told": told,
    }


def _of_calls(rows: Rows, calls: Sequence[Call]) -> Iterator[str]:
    times = Counter(call.attempt for call in calls)
    yield from _first("attempts called twice", [attempt for attempt, count in times.items() if count > 1])
    yield from _first("calls without a saved attempt", times.keys() - rows.keys())
    yield from _first("attempts without a disposition", [each for each, row in rows.items() if row.disposition is None])
    never_seen = [each for each, row in rows.items() if row.disposition not in UNKNOWN and each not in times]
    yield from _first("outcomes of calls that the carrier never saw", never_seen)
    denied = [each for each in times if each in rows and rows[each].disposition in NEVER_LEFT]
    yield from _first("calls that are said never to have left", denied)


def _of_limits(rows: Rows, calls: Sequence[Call], limits: Limits) -> Iterator[str]:
    numbers = Counter((rows[call.attempt].contact_id, call.number) for call in calls)
    yield from _first(
        "numbers called too often", [each for each, count in numbers.items() if count > limits.per_number]
    )
    debtors = Counter(rows[call.attempt].debtor_id for call in calls)
    too_often = [each for each, count in debtors.items() if count > limits.per_debtor_day]
    yield from _first("debtors called more often than their budget", too_often)
    moments: dict[int, list[datetime]] = defaultdict(list)
    for call in calls:
        moments[rows[call.attempt].contact_id].append(call.at)
    shortest = {contact: _shortest_gap(at) for contact, at in moments.items() if len(at) > 1}
    too_soon = [contact for contact, gap in shortest.items() if gap < limits.spacing - CLOCKS_APART]
    yield from _first("contacts called too soon again", too_soon)


def _shortest_gap(moments: Sequence[datetime]) -> timedelta:
    return min(later - earlier for earlier, later in pairwise(sorted(moments)))


def _of_order(numbers: Sequence[int], last: int) -> Iterator[str]:
    if list(numbers) != list(range(1, last + 1)):
        yield f"events have gaps: {len(numbers)} of {last}"


def _of_telling(rows: Rows, told: Sequence[Any], case_of: Mapping[int, str]) -> Iterator[str]:
    finished = Counter((each.attempt_id, each.case_id) for each in told if each.type == EventType.ATTEMPT_FINISHED)
    yield from _first("ends of attempts told twice", [each for each, count in finished.items() if count > 1])
    due = {(row.id, case_of[row.contact_id]) for row in rows.values()}
    yield from _first("ends of attempts not told", due - finished.keys())
    yield from _first("ends told of nothing", finished.keys() - due)


def _first(what: str, found: Any) -> Iterator[str]:
    for each in list(found)[:1]:
        yield f"{len(found)} {what}, the first: {each}"
