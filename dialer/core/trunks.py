"""How many calls may be placed now, and when the next one?

Limits hold at the carrier, not in our own log: calls reach it with some jitter, and it counts a call until it has
worked through our goodbye. Both margins are part of the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log2

JITTER = 0.02  # s by which two calls may come closer together on their way to the carrier
USUAL = 16  # calls over which it is averaged how long the switch takes to begin one
STALL = 0.05  # s more than that: the switch has held the call up
GOODBYE = 0.1  # s a carrier may take to end a call that we have ended
BURST = 0.01  # s of the rate that may leave at once: a timer for every call would cost more than it smooths

FAILURES_TO_CLOSE = 5
SHORTEST_CLOSURE = 1.0  # s
LONGEST_CLOSURE = 60.0  # s
DOUBLINGS = ceil(log2(LONGEST_CLOSURE / SHORTEST_CLOSURE))  # more would make no closure longer
PACE = 0.9  # of the gap that the rate leaves between two calls, so that lost time can be made up
MADE_UP = 0.05  # s of lateness that are made up by calls that leave at once
LOOK_BACK = 10  # bursts
LEAST_AHEAD = 0.25  # s
MOST_AHEAD = 2.0  # s: what is saved and not placed yet may be overtaken by what happens meanwhile


@dataclass(frozen=True, slots=True)
class TrunkLimits:
    calls_per_second: float
    concurrent_calls: int
    outstanding_calls: int  # sent, and not begun by the switch: past its knee it queues silently

    def __post_init__(self) -> None:
        if self.calls_per_second <= 0 or self.concurrent_calls < 1 or self.outstanding_calls < 1:
            raise ValueError(f"trunk limits must be positive: {self}")


def room(limits: TrunkLimits, in_flight: int) -> int:
    """How many more calls the trunk has room for."""
    return max(0, limits.concurrent_calls - in_flight)


def takes_more(limits: TrunkLimits, outstanding: int) -> bool:
    """Whether the switch may be sent another call now: past its knee it would queue silently."""
    return outstanding < limits.outstanding_calls


def next_start(limits: TrunkLimits, starts: Sequence[float], now: float) -> float:
    """The earliest moment (monotonic s) for the next call, given at least the last ``memory(limits)`` starts."""
    moment, whole = now, memory(limits)
    if len(starts) >= whole:  # never more than the rate in any second, however the second is laid
        moment = max(moment, starts[-whole] + whole / min(limits.calls_per_second, whole) + JITTER)
    return max(moment, _evenly(limits, starts)) if starts else moment


def _evenly(limits: TrunkLimits, starts: Sequence[float]) -> float:
    """When the next call would leave of those that leave evenly within the second.

    A loop is always a little late. What follows a late call does not wait for it, or every call would cost the rate
    its lateness: it leaves when it would have, unless that is so long ago that too many would leave at once.
    """
    burst = ceil(limits.calls_per_second * BURST)
    gap, groups = PACE * burst / limits.calls_per_second, min(len(starts) // burst, LOOK_BACK)
    if not groups:
        return starts[-1]
    due = starts[-groups * burst]
    for group in range(groups - 1, 0, -1):
        due = max(due + gap, starts[-group * burst] - MADE_UP)
    return due + gap


def held_up(took: float, usual: float) -> float:
    """By how much later (s) a call came to the carrier than those before it, if the switch took so long to begin it.

    What it takes for every call moves them all alike; a stall moves one towards those that follow.
    """
    return took - usual if took - usual > STALL else 0.0


def ahead(saving: float) -> float:
    """Seconds' worth of calls to save in one transaction that takes so many seconds.

    While it goes on no call leaves. Those that leave after it, a tenth faster, have to make up for it.
    """
    return min(MOST_AHEAD, max(LEAST_AHEAD, saving / (1 - PACE)))


def memory(limits: TrunkLimits) -> int:
    """How many past starts ``next_start`` looks back on."""
    return max(1, floor(limits.calls_per_second))


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a way can be used: the network behind a trunk, the flow behind an answer.

    Closes after failures in a row, longer each time, and is then tried with the next calls.
    """

    failures: int = 0
    closures: int = 0
    closed_until: float = 0.0  # monotonic s

    def is_open(self, now: float) -> bool:
        return now >= self.closed_until


def after_sign_of_life(health: Health) -> Health:
    """The way was taken to its end: it works."""
    return health if health == Health() else Health()


def after_failure(health: Health, now: float) -> Health:
    """A call ended as if nobody were at the end of the way."""
    failures = health.failures + 1
    if not health.is_open(now):  # a call placed before the trunk was closed
        return replace(health, failures=failures)
    if failures < FAILURES_TO_CLOSE and health.closures == 0:
        return replace(health, failures=failures)
    closure = min(LONGEST_CLOSURE, SHORTEST_CLOSURE * 2 ** min(health.closures, DOUBLINGS))
    return Health(failures, health.closures + 1, now + closure)
