"""How likely is it that somebody answers this number now?

A logistic model over few traits, learned call by call. Each weight has a variance of its own: traits seen often move
little, traits never seen say nothing, and what is old fades.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Any

from dialer.model import UNCALLED, Record

BELIEVED = 0.35  # chance of an answer before the first call
SPREAD = {"all": 1.0, "attempt": 0.3, "hour": 0.1, "weekday": 0.1, "type": 0.3, "past": 0.5, "habit": 0.5, "then": 0.5}
FADING = 2_000.0  # calls after which what was learnt of a trait weighs half


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a call before it is placed."""

    attempt: int = 1  # ordinal, of this number
    hour: int = 12  # at the callee
    weekday: int = 1  # ISO, at the callee
    number_type: str = "mobile"
    record: Record = UNCALLED


@dataclass(slots=True)
class Weight:
    mean: float
    variance: float


@dataclass(slots=True)
class Chances:
    """Whoever holds it changes it with ``learn``."""

    weights: dict[str, Weight] = field(default_factory=dict)

    def of(self, traits: Traits) -> float:
        return _chance(sum(self._weight(name).mean * value for name, value in features(traits)))

    def learn(self, traits: Traits, answered: float) -> None:
        """A call was answered (1) or not (0); between them if it was given up, by the chance it had left."""
        known = [(name, self._weight(name, keep=True), value) for name, value in features(traits)]
        chance = _chance(sum(weight.mean * value for _, weight, value in known))
        certainty = max(chance * (1.0 - chance), 0.05)
        uncertain = sum(weight.variance * value * value for _, weight, value in known)
        step = (answered - chance) / (1.0 + certainty * uncertain)
        for name, weight, value in known:
            weight.mean += weight.variance * value * step
            weight.variance /= 1.0 + certainty * weight.variance * value * value
            weight.variance = min(weight.variance * 2.0 ** (abs(value) / FADING), SPREAD[name.partition(":")[0]])

    def _weight(self, name: str, *, keep: bool = False) -> Weight:
        known = self.weights.get(name)
        if known is None:
            known = Weight(log(BELIEVED / (1 - BELIEVED)) if name == "all" else 0.0, SPREAD[name.partition(":")[0]])
            if keep:
                self.weights[name] = known
        return known

    def to_json(self) -> dict[str, Any]:
        return {name: [round(each.mean, 5), round(each.variance, 6)] for name, each in sorted(self.weights.items())}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Chances":
        return cls({name: Weight(float(mean), float(variance)) for name, (mean, variance) in kept.items()})


def features(traits: Traits) -> Iterator[tuple[str, float]]:
    yield "all", 1.0
    yield f"attempt:{min(traits.attempt, 6)}", 1.0
    yield f"hour:{traits.hour}", 1.0
    yield f"weekday:{traits.weekday}", 1.0
    yield f"type:{traits.number_type}", 1.0
    past = traits.record
    if past.calls:
        yield f"past:{min(past.calls, 4)}:{min(past.answers, 4)}", 1.0
        yield "habit", _leaning(past.calls, past.answers)
    if past.calls_about_now:
        yield "then", _leaning(past.calls_about_now, past.answers_about_now)


def _leaning(calls: int, answers: int) -> float:
    """The logarithm of the odds that so many answers show, beside those of somebody who answers three of ten calls."""
    return log((answers + 0.6) / (calls - answers + 1.4)) + 0.85


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + exp(-min(max(odds, -6.0), 6.0)))
