"""What has a campaign learnt of its calls and agents, and how is it kept from day to day?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from dialer.core.abandonment import FIRST_RISK_LEVEL
from dialer.core.chances import Chances
from dialer.core.curves import Curves, Lasting, curves
from dialer.core.durations import Durations, Floats, believed, spans_of_ages
from dialer.core.levels import SURPRISE_UP, Level, deviation
from dialer.core.live import Live

RING_EDGES = np.arange(0.0, 62.0)
TALK_EDGES = spans_of_ages(1.0, 1.12, 7_200.0)
WRAP_EDGES = spans_of_ages(1.0, 1.15, 1_800.0)
MEMORY = 600.0  # ends
VERSION = 1  # of what is kept
FADES = 0.9  # what a wrap-up weighs lately, once another has ended
USUAL_WEIGHS = 1.0  # wrap-ups, of what is usual beside what happens lately
TRUSTED_OVERNIGHT = 250.0  # calls: another day may differ, so it begins somewhat slowly, too
DURATIONS = ("answers", "failures", "talks", "wrap_ups")
FIGURES = ("returned", "went", "calls_ended", "risk_level")


def _lasting(mean: float) -> Callable[[Floats], Floats]:
    """The share of exponential times that last longer."""
    return lambda age: np.exp(-age / mean)


def _rung(age: Floats) -> Floats:
    """The share of answers that come later: gamma with shape 4, 12 s after dialling in the mean."""
    x = age / 3.0
    return np.asarray(np.exp(-x) * (1 + x + x**2 / 2 + x**3 / 6), dtype=float)


def _answers() -> Durations:
    """As if 16 calls had been seen, of which five were answered and most others given up after 25 s."""
    answered = 0.3 * (1.0 - _rung(RING_EDGES))
    at_risk = 16.0 * (1.0 - answered[:-1]) * (RING_EDGES[:-1] < 25.0)
    return Durations(RING_EDGES, 16.0 * np.diff(answered) * (at_risk > 0.0), at_risk, MEMORY)


def _failures() -> Durations:
    """As if six calls had been seen of which one failed within seconds, and the others after 25 to 30 s."""
    at_the_end = np.interp(RING_EDGES, [0.0, 25.0, 30.0, 61.0], [1.0, 1.0, 0.0, 0.0])
    return believed(RING_EDGES, lambda age: at_the_end * (0.85 + 0.15 * np.exp(-age / 4.0)), 6.0, MEMORY)


@dataclass(slots=True)
class Learned:
    """Whoever holds it changes it; ``to_json`` is what is worth keeping, ``from_json`` begins with it."""

    answers: Durations = field(default_factory=_answers)
    failures: Durations = field(default_factory=_failures)
    talks: Durations = field(default_factory=lambda: believed(TALK_EDGES, _lasting(120.0), 6.0, MEMORY))
    wrap_ups: Durations = field(default_factory=lambda: believed(WRAP_EDGES, _lasting(25.0), 6.0, MEMORY))
    chances: Chances = field(default_factory=Chances)
    answer_level: Level = field(default_factory=Level)
    talk_level: Level = field(default_factory=Level)
    returned: float = 9.0  # wrap-ups after which the agent was ready
    went: float = 1.0  # and after which not
    lately_returned: float = 0.0  # of the last few
    lately_went: float = 0.0
    calls_ended: float = 0.0
    risk_level: float = FIRST_RISK_LEVEL

    @property
    def returns(self) -> float:
        """The share of wrap-ups after which the agent is ready; lately, if a shift ends or a break begins."""
        usual, lately = self.returned / (self.returned + self.went), self.lately_returned + self.lately_went
        if deviation(self.lately_went, (1.0 - usual) * lately) <= SURPRISE_UP:
            return usual
        return (self.lately_returned + USUAL_WEIGHS * usual) / (lately + USUAL_WEIGHS)

    def curves(self, live: Live, patience: timedelta) -> Curves:
        lasting = Lasting(self.answers, self.failures, self.talks, self.wrap_ups, self.returns)
        return curves(lasting, live, self.talk_level.value, patience.total_seconds())

    def wrap_up_ended(self, age: float, *, is_ready: bool | None) -> None:
        """``is_ready``: whether the agent is ready again; None: had asked to go, which tells nothing of others."""
        self.wrap_ups.ended(age)
        if is_ready is None:
            return
        self.lately_returned = FADES * self.lately_returned + is_ready
        self.lately_went = FADES * self.lately_went + (not is_ready)
        self.returned += is_ready
        self.went += not is_ready
        if self.returned + self.went > MEMORY:
            self.returned, self.went = self.returned / 2, self.went / 2

    def to_json(self) -> dict[str, Any]:
        """Levels are of the moment, and not kept."""
        return (
            {"version": VERSION, "chances": self.chances.to_json()}
            | {name: getattr(self, name).to_json() for name in DURATIONS}
            | {name: round(getattr(self, name), 5) for name in FIGURES}
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Learned":
        """
        Raises:
            ValueError: it was kept by another version; begin anew.
        """
        if kept.get("version") != VERSION:
            raise ValueError(f"version {kept.get('version')} was kept, and this is {VERSION}")
        new = cls(chances=Chances.from_json(kept["chances"]))
        for name in DURATIONS:
            setattr(new, name, getattr(new, name).with_counts(kept[name]))
        for name in FIGURES:
            setattr(new, name, float(kept[name]))
        new.calls_ended = min(new.calls_ended, TRUSTED_OVERNIGHT)
        return new
