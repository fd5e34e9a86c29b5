"""Is an agent's telephone on the line, and when is it called again if not?

A nailed-up leg is one call to the agent's telephone that lasts through all callers; its events come late and twice, and
those of a former leg are told by their id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from dialer.core.call import End

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
_DOUBLINGS = 5  # from the one to the other
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class LegState(StrEnum):
    DOWN = "down"
    CALLING = "calling"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Called:
    """The agent's telephone was called by us."""

    leg_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Up:
    """It was answered, or found up after a restart of ours."""

    leg_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Down:
    """It ended, or was never answered."""

    leg_id: str
    at: datetime
    why: End
    platform_code: str = ""


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """The telephone has registered, or answers again."""

    phone: str
    at: datetime


Event = Called | Up | Down | PhoneSeen


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's leg at one moment."""

    phone: str
    state: LegState = LegState.DOWN
    leg_id: str = ""  # of the last call to it
    failures: int = 0  # calls since it was up last
    call_at: datetime = _LONG_AGO  # while down: not before

    @property
    def is_up(self) -> bool:
        return self.state is LegState.UP


def _stay(leg: Leg, _: Event) -> Leg:
    return leg


def _call(leg: Leg, event: Called) -> Leg:
    return replace(leg, state=LegState.CALLING, leg_id=event.leg_id)


def _answer(leg: Leg, event: Up) -> Leg:
    return replace(leg, state=LegState.UP, failures=0) if event.leg_id == leg.leg_id else leg


def _adopt(leg: Leg, event: Up) -> Leg:
    return replace(leg, state=LegState.UP, leg_id=event.leg_id, failures=0)


def _end(leg: Leg, event: Down) -> Leg:
    if event.leg_id != leg.leg_id:
        return leg
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(leg.failures, _DOUBLINGS)))
    return replace(leg, state=LegState.DOWN, failures=leg.failures + 1, call_at=event.at + pause)


def _call_soon(leg: Leg, event: PhoneSeen) -> Leg:
    return replace(leg, failures=0, call_at=min(leg.call_at, event.at))


TRANSITIONS: Mapping[tuple[LegState, type[Event]], Callable[[Leg, Any], Leg]] = {
    (LegState.DOWN, Called): _call,
    (LegState.DOWN, Up): _adopt,
    (LegState.DOWN, Down): _stay,
    (LegState.DOWN, PhoneSeen): _call_soon,
    (LegState.CALLING, Called): _stay,
    (LegState.CALLING, Up): _answer,
    (LegState.CALLING, Down): _end,
    (LegState.CALLING, PhoneSeen): _stay,
    (LegState.UP, Called): _stay,
    (LegState.UP, Up): _stay,
    (LegState.UP, Down): _end,
    (LegState.UP, PhoneSeen): _stay,
}


def step(leg: Leg, event: Event) -> Leg:
    """The leg after the event; the same object where it changes nothing."""
    return TRANSITIONS[leg.state, type(event)](leg, event)


def is_due(leg: Leg, now: datetime) -> bool:
    """Whether the telephone may be called now; no pause goes on for hours because the clock was set back."""
    return leg.state is LegState.DOWN and not now < leg.call_at <= now + LONGEST_PAUSE
