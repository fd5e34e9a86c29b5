"""Did the engine keep its promises? What it says of its attempts, held against what the carrier saw.

Pure: attempts as the API shows them, calls as the carrier logged them, the script that the callees followed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lab import calllog
from lab.script import Behaviour, Kind, Role

IMPLIED = {
    Kind.HUMAN: "delivered",
    # Without detection a machine hears the message as a person does.
    Kind.VOICEMAIL: "delivered",
    Kind.BUSY: "busy",
    Kind.NO_ANSWER: "no_answer",
    Kind.UNAVAILABLE: "unavailable",
    Kind.REJECTED: "rejected",
    Kind.CONGESTION: "congestion",
    Kind.UNALLOCATED: "invalid_number",
}
TRANSIT = timedelta(milliseconds=50)  # by which two calls may be shifted against each other on their way


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as the API shows it."""

    id: str
    contact: int
    number: str
    disposition: str | None
    saved: datetime
    placed: datetime | None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Attempt:
        placed = shown["placed_at"]
        return cls(
            shown["attempt_id"],
            shown["contact_id"],
            shown["number"],
            shown["disposition"],
            datetime.fromisoformat(shown["saved_at"]),
            datetime.fromisoformat(placed) if placed else None,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise and whether it was kept; ``found`` has the figures, or the first of what broke it."""

    what: str
    is_kept: bool
    found: str


def promises(
    attempts: Sequence[Attempt],
    calls: Sequence[calllog.Call],
    script: Sequence[Role],
    *,
    attempts_per_number: int,
    spacing: timedelta,
    calls_per_second: int,
    concurrent_calls: int,
) -> list[Promise]:
    """Everything the two sides can be compared on."""
    placed = [each for each in attempts if each.placed is not None]
    return [
        _one_disposition_each(attempts),
        _same_calls(placed, calls),
        _as_scripted(placed, script),
        _not_too_often(calls, attempts, attempts_per_number),
        _spaced(attempts, calls, spacing),
        _within("calls in any second", calllog.most_within(calls), calls_per_second),
        _within("calls at once", calllog.most_at_once(calls), concurrent_calls),
    ]


def in_order_at_carrier(attempts: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    """The attempts on each number in the order in which they were placed, as the carrier counted them."""
    by_number: dict[str, list[Attempt]] = defaultdict(list)
    for each in sorted(attempts, key=lambda attempt: attempt.placed or attempt.saved):
        by_number[each.number].append(each)
    return by_number


def implied(behaviour: Behaviour) -> str:
    """The disposition that the carrier's script leaves as the only right one."""
    return "hung_up" if behaviour.hangs_up_after else IMPLIED[behaviour.kind]


def _one_disposition_each(attempts: Sequence[Attempt]) -> Promise:
    without = [each.id for each in attempts if each.disposition is None]
    return Promise(
        "every attempt has one disposition",
        bool(attempts) and not without,
        f"{len(attempts)} attempts, {len(without)} open",
    )


def _same_calls(placed: Sequence[Attempt], calls: Sequence[calllog.Call]) -> Promise:
    ours, theirs = Counter(each.number for each in placed), calllog.calls_per_number(calls)
    differing = sorted(number for number in ours.keys() | theirs.keys() if ours[number] != theirs[number])
    return Promise(
        "the carrier saw every call that we placed, and no other",
        not differing,
        f"{len(placed)} placed, {len(calls)} seen, {len(differing)} numbers differ",
    )


def _as_scripted(placed: Sequence[Attempt], script: Sequence[Role]) -> Promise:
    roles = {role.number: role for role in script}
    stays = Behaviour(Kind.HUMAN, timedelta())  # whom the script does not know answers at once
    wrong = [
        f"{each.disposition} instead of {expected}"
        for number, on_number in in_order_at_carrier(placed).items()
        for ordinal, each in enumerate(on_number, 1)
        if each.disposition != (expected := implied(roles[number].on_attempt(ordinal) if number in roles else stays))
    ]
    return Promise(
        "every attempt ended as the carrier's script implies",
        not wrong,
        f"{len(placed) - len(wrong)} of {len(placed)}" + (f"; {wrong[0]}" if wrong else ""),
    )


def _not_too_often(calls: Sequence[calllog.Call], attempts: Sequence[Attempt], most: int) -> Promise:
    """A number that several contacts share may be called by each."""
    sharing = {number: len({each.contact for each in group}) for number, group in in_order_at_carrier(attempts).items()}
    per_contact = {n: count / sharing.get(n, 1) for n, count in calllog.calls_per_number(calls).items()}
    worst = max(per_contact.values(), default=0)
    return Promise("no number is called more often than allowed", worst <= most, f"at most {worst:g} of {most}")


def _spaced(attempts: Sequence[Attempt], calls: Sequence[calllog.Call], spacing: timedelta) -> Promise:
    """Between the calls of a contact, as the carrier saw them begin."""
    seen: dict[str, list[calllog.Call]] = defaultdict(list)
    for call in calls:
        seen[call.number].append(call)
    starts: dict[int, list[datetime]] = defaultdict(list)
    for number, on_number in in_order_at_carrier([each for each in attempts if each.placed]).items():
        for each, call in zip(on_number, seen[number], strict=False):
            starts[each.contact].append(call.started)
    gaps = [
        later - earlier
        for moments in starts.values()
        for earlier, later in zip(sorted(moments), sorted(moments)[1:], strict=False)
    ]
    shortest = min(gaps, default=None)
    return Promise(
        "a contact's calls are spaced as set",
        shortest is None or shortest >= spacing - TRANSIT,
        f"shortest {shortest.total_seconds():.2f} s of {spacing.total_seconds():g} s"
        if shortest
        else "no second calls",
    )


def _within(what: str, most: int, limit: int) -> Promise:
    return Promise(f"{what}, at the carrier, stay within the limit", most <= limit, f"at most {most} of {limit}")
