"""Did the engine keep its promises? What it says of its attempts, held against what the carrier saw.

Pure: attempts as the API shows them, calls as the carrier logged them, the script that the callees followed. What an
interruption touched may be unknown to the engine; that it called nobody twice is not excused by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dialer.adapters.carrier import calllog
from dialer.adapters.carrier.script import Behaviour, Kind, Role

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
NEVER_LEFT = frozenset({"withdrawn", "not_placed"})
NO_ROOM = "congestion"
FREE_TRIES = 5  # in a row on a number
UNKNOWN = frozenset({"lost", "hung_up", "failed", "cancelled"})  # what an interruption may leave of a call
SECOND = timedelta(seconds=1)
# By which two calls may be shifted against each other on their way from the engine's clock to the carrier's log, which
# is exact to the microsecond: mostly 3 ms; on a machine with six times its load, 30 ms for one of a hundred.
TRANSIT = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as the API shows it."""

    id: str
    contact: int
    number: str
    disposition: str | None
    saved: datetime
    placed: datetime | None
    ended: datetime | None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Attempt:
        placed, ended = shown["placed_at"], shown["ended_at"]
        return cls(
            shown["attempt_id"],
            shown["contact_id"],
            shown["number"],
            shown["disposition"],
            datetime.fromisoformat(shown["saved_at"]),
            datetime.fromisoformat(placed) if placed else None,
            datetime.fromisoformat(ended) if ended else None,
        )


@dataclass(frozen=True, slots=True)
class Interruption:
    """From when to when the engine, its switch or the link between them was not there."""

    began: datetime
    ended: datetime

    def touched(self, attempt: Attempt) -> bool:
        return attempt.saved <= self.ended and (attempt.ended is None or attempt.ended >= self.began)


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
    interruptions: Sequence[Interruption] = (),
) -> list[Promise]:
    """Everything the two sides can be compared on."""
    placed = were_placed(attempts)
    doubtful = {each.id for each in placed if any(span.touched(each) for span in interruptions)}
    pairs = paired(placed, calls)
    return [
        one_disposition_each(attempts),
        _same_calls(placed, calls, doubtful),
        as_scripted(pairs, script, doubtful),
        _not_too_often(calls, placed, attempts_per_number),
        spaced(pairs, lambda _: spacing),
        within("calls in any second", calllog.most_within(calls, SECOND - TRANSIT), calls_per_second),
        within("calls at once", calllog.most_at_once(calls), concurrent_calls),
    ]


def were_placed(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those that left us."""
    return [each for each in attempts if each.placed is not None and each.disposition not in NEVER_LEFT]


def free_tries(placed: Collection[Attempt]) -> frozenset[str]:
    """The ids of those that reached nobody, and cost neither an attempt nor spacing: the network had no room."""
    free, in_a_row = set(), Counter[tuple[int, str]]()
    for each in sorted(placed, key=_moment):
        whose = (each.contact, each.number)
        in_a_row[whose] = in_a_row[whose] + 1 if each.disposition == NO_ROOM else 0
        if 0 < in_a_row[whose] <= FREE_TRIES:
            free.add(each.id)
    return frozenset(free)


def in_order_at_carrier(attempts: Sequence[Attempt]) -> dict[str, list[Attempt]]:
    """The attempts on each number in the order in which they were placed, as the carrier counted them."""
    by_number: dict[str, list[Attempt]] = defaultdict(list)
    for each in sorted(attempts, key=_moment):
        by_number[each.number].append(each)
    return by_number


def paired(placed: Sequence[Attempt], calls: Sequence[calllog.Call]) -> list[tuple[Attempt, calllog.Call]]:
    """Each attempt with its call, number by number in their order; without those that never came to the carrier."""
    seen: dict[str, list[calllog.Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.started):
        seen[call.number].append(call)
    pairs = []
    for number, on_number in in_order_at_carrier(placed).items():
        left = seen[number]
        for place, each in enumerate(on_number):
            following = on_number[place + 1 :]
            is_its = left and (len(left) > len(following) or left[0].started < _moment(following[0]))
            if is_its:
                pairs.append((each, left.pop(0)))
    return pairs


def implied(behaviour: Behaviour, ring_time: timedelta | None = None) -> str:
    """The disposition that the carrier's script leaves as the only right one, if we let it ring for so long."""
    if ring_time is not None and behaviour.ring >= ring_time:
        return IMPLIED[Kind.NO_ANSWER]
    return "hung_up" if behaviour.hangs_up_after else IMPLIED[behaviour.kind]


def one_disposition_each(attempts: Sequence[Attempt]) -> Promise:
    without = [each.id for each in attempts if each.disposition is None]
    return Promise(
        "every attempt has one disposition",
        bool(attempts) and not without,
        f"{len(attempts)} attempts, {len(without)} open",
    )


def _same_calls(placed: Sequence[Attempt], calls: Sequence[calllog.Call], doubtful: Collection[str]) -> Promise:
    ours, theirs = Counter(each.number for each in placed), calllog.calls_per_number(calls)
    may_lack = Counter(each.number for each in placed if each.id in doubtful)
    differing = [n for n in ours.keys() | theirs.keys() if not ours[n] - may_lack[n] <= theirs[n] <= ours[n]]
    return Promise(
        "the carrier saw every call that we placed, and no other",
        not differing,
        f"{len(placed)} placed, {len(calls)} seen, {len(differing)} numbers differ",
    )


def as_scripted(
    pairs: Sequence[tuple[Attempt, calllog.Call]],
    script: Sequence[Role],
    doubtful: Collection[str] = (),
    ring_time: Callable[[Attempt], timedelta | None] = lambda _: None,
    machines: Collection[str] = (),
) -> Promise:
    """``machines``: attempts answered by what greets as a machine does, where that is asked for."""
    roles = {role.number: role for role in script}
    stays = Behaviour(Kind.HUMAN, timedelta())  # whom the script does not know answers at once
    wrong = []
    for each, call in pairs:
        behaviour = roles[each.number].on_attempt(call.attempt) if each.number in roles else stays
        expected = "machine" if each.id in machines else implied(behaviour, ring_time(each))
        if each.disposition != expected and not (each.id in doubtful and each.disposition in UNKNOWN):
            wrong.append(f"{each.disposition} instead of {expected}")
    return Promise(
        "every attempt ended as the carrier's script implies",
        not wrong,
        f"{len(pairs) - len(wrong)} of {len(pairs)}" + (f"; {wrong[0]}" if wrong else ""),
    )


def _not_too_often(calls: Sequence[calllog.Call], placed: Sequence[Attempt], most: int) -> Promise:
    """A number that several contacts share may be called by each; what met no room was no call to anybody."""
    sharing = {number: len({each.contact for each in group}) for number, group in in_order_at_carrier(placed).items()}
    free = free_tries(placed)
    reached = calllog.calls_per_number(calls) - Counter(each.number for each in placed if each.id in free)
    per_contact = {n: count / sharing.get(n, 1) for n, count in reached.items()}
    worst = max(per_contact.values(), default=0)
    return Promise("no number is called more often than allowed", worst <= most, f"at most {worst:g} of {most}")


def spaced(pairs: Sequence[tuple[Attempt, calllog.Call]], spacing: Callable[[Attempt], timedelta]) -> Promise:
    """From a call of a contact to its next ones, as the carrier saw them begin; ``spacing``: due after an attempt."""
    free = free_tries([each for each, _ in pairs])
    gaps, last = [], dict[int, tuple[datetime, timedelta]]()
    for each, call in sorted(pairs, key=lambda pair: pair[1].started):
        if each.contact in last:
            earlier, due = last[each.contact]
            gaps.append((call.started - earlier, due))
        if each.id not in free:
            last[each.contact] = call.started, spacing(each)
    shortest, due = min(gaps, key=lambda gap: gap[0] - gap[1], default=(None, timedelta()))
    return Promise(
        "a contact's calls are spaced as set",
        shortest is None or shortest >= due - TRANSIT,
        f"shortest {shortest.total_seconds():.2f} s of {due.total_seconds():g} s"
        if shortest is not None
        else "no second calls",
    )


def within(what: str, most: int, limit: float) -> Promise:
    return Promise(f"{what}, at the carrier, stay within the limit", most <= limit, f"at most {most} of {limit:g}")


def _moment(attempt: Attempt) -> datetime:
    return attempt.placed or attempt.saved
