"""How many calls now, which ringing ones are given up, and why?

A call is added while the chance that it would be answered and find nobody is within a threshold; the threshold follows
what the limit for abandoned calls has left. A free agent always has a call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np

from dialer.core.abandonment import Credit, Tally, credit_left, threshold
from dialer.core.curves import Curves
from dialer.core.durations import Floats
from dialer.core.forecasts import Moments, Outlook, new_call, outlook
from dialer.core.live import Live
from dialer.model import Mode

MOST_GIVEN_UP = 64  # in one decision; the next one follows soon


class Binding(StrEnum):
    """What keeps the next call back."""

    NO_AGENT = "no agent is there"
    NO_FREE_AGENT_SOON = "no free agent soon"
    RISK = "the risk that the next call finds nobody"
    LIMIT = "abandonment limit: one call per free agent"
    PROGRESSIVE = "one call per free agent"
    LEARNING = "little is known yet: calls in flight grow slowly"
    TRUNK = "the trunk has no room"


@dataclass(frozen=True, slots=True)
class PacingRules:
    mode: Mode = Mode.PREDICTIVE
    abandonment_limit: float = 0.03  # of live answers
    patience: timedelta = timedelta(seconds=2)  # an answered call without an agent is abandoned after it
    shortest_ring: timedelta | None = timedelta(seconds=15)  # before it no ringing call is given up; None: none ever is
    give_up_risk: float = 0.3  # of a ringing call that is given up

    def __post_init__(self) -> None:
        if not 0.0 <= self.abandonment_limit < 1.0 or not 0.0 < self.give_up_risk <= 1.0:
            raise ValueError(f"shares are between 0 and 1: {self}")


@dataclass(frozen=True, slots=True)
class Known:
    """What was learnt, as far as a decision needs it."""

    curves: Curves
    answer_level: float  # how much more often calls are answered now than their chances say
    next_chance: float  # of an answer, of the numbers that are next
    risk_level: float  # the threshold in a steady state
    calls_ended: float  # that were learnt from


@dataclass(frozen=True, slots=True)
class Pace:
    """A decision and its explanation."""

    place: int
    give_up: tuple[int, ...]  # positions among the ringing calls
    risk: float  # that the call after those placed would find nobody, if it were answered
    threshold: float
    credit: Credit
    free_soon: float  # agents expected to be free when a call placed now is answered
    binding: Binding
    outlook: Outlook


def in_words(pace: Pace) -> str:
    """One line for people who ask why so many calls were placed just now."""
    return (
        f"{pace.place} placed, {len(pace.give_up)} given up: {pace.binding}"
        f" (risk of the next {pace.risk:.1%}, threshold {pace.threshold:.1%}, {pace.free_soon:.1f} agents free soon,"
        f" credit {pace.credit.left:.1f} of which {pace.credit.kept_back:.1f} are kept back)"
    )


def pace(live: Live, known: Known, tallies: Sequence[Tally], trunk_room: int, rules: PacingRules) -> Pace:
    """Decide for this moment. Never more calls than the trunk has room for.

    Args:
        tallies: of every window that the limit holds in; at least one.
    """
    ahead = outlook(live, known.curves, known.answer_level)
    credit = credit_left(tallies, rules.abandonment_limit, ahead.at_stake, live.agents)
    bound = threshold(credit, known.risk_level) if rules.mode is Mode.PREDICTIVE else 0.0
    call = new_call(known.next_chance * known.answer_level, known.curves)
    when = known.curves.when_answered
    one_each = max(0, live.free - live.waiting - len(live.ringing))
    wanted, risk = _wanted(ahead, call, when, bound, one_each, max(one_each, trunk_room))
    cautious = max(one_each, int(live.agents + 0.4 * known.calls_ended) - len(live.ringing))
    place = min(wanted, cautious, trunk_room) if live.agents else 0
    return Pace(
        place=place,
        give_up=_given_up(live, ahead, known.curves, rules),
        risk=risk,
        threshold=bound,
        credit=credit,
        free_soon=float(when @ np.maximum(ahead.free.mean, 0.0)),
        binding=_binding(live, rules, credit, place, wanted, trunk_room, float(when @ ahead.free.mean)),
        outlook=ahead,
    )


def _wanted(ahead: Outlook, call: Moments, when: Floats, bound: float, least: int, most: int) -> tuple[int, float]:
    """The calls after which the next one's risk is above the bound, and that risk."""

    def risk(calls: int) -> float:
        return float(when @ (ahead.free.less(calls, call).nobody() if calls else ahead.nobody))

    low = least
    if (lowest := risk(low)) > bound or bound <= 0.0 or low >= most:
        return low, lowest
    step = 1
    while low + step < most and risk(low + step) <= bound:
        low, step = low + step, step * 2
    high = min(low + step, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if risk(middle) <= bound else (low, middle)
    return high, risk(high)


def _given_up(live: Live, ahead: Outlook, curves: Curves, rules: PacingRules) -> tuple[int, ...]:
    """Calls that have rung for long enough and would most likely find nobody; the oldest first."""
    if rules.shortest_ring is None:
        return ()
    old = np.flatnonzero(live.ringing >= rules.shortest_ring.total_seconds())
    if not len(old) or float(ahead.nobody[0]) <= rules.give_up_risk:
        return ()
    old = old[np.argsort(-live.ringing[old], kind="stable")][:MOST_GIVEN_UP]
    answers = curves.answers[ahead.age[old]]
    held = ahead.alive[old, None] * curves.holds[ahead.age[old]]
    without = Moments(  # the first n of them, n = 1, 2, …
        ahead.free.mean + np.cumsum(held, axis=0),
        np.maximum(ahead.free.variance - np.cumsum(held * (1 - held), axis=0), 0.0),
        ahead.free.third + np.cumsum(held * (1 - held) * (1 - 2 * held), axis=0),
    )
    risks = (answers * without.nobody()).sum(axis=1) / np.maximum(answers.sum(axis=1), 1e-9)
    kept = np.flatnonzero(risks <= rules.give_up_risk)
    return tuple(int(each) for each in old[: kept[0] if len(kept) else len(old)])


def _binding(
    live: Live, rules: PacingRules, credit: Credit, place: int, wanted: int, trunk_room: int, free_soon: float
) -> Binding:
    if not live.agents:
        return Binding.NO_AGENT
    if place < wanted:
        return Binding.TRUNK if place == trunk_room else Binding.LEARNING
    if rules.mode is Mode.PROGRESSIVE:
        return Binding.PROGRESSIVE
    if credit.is_spent:
        return Binding.LIMIT
    if place == trunk_room:
        return Binding.TRUNK
    return Binding.NO_FREE_AGENT_SOON if free_soon < 1.0 else Binding.RISK
