"""How much longer does something last that has lasted so long?

Learned as hazards: ends per second at risk, by age. What is still going on counts with the time it has lasted so far:
who learns from what has ended alone believes that everything ends early whenever there is more of it than before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMOOTHING = 1.0  # ends that the average hazard weighs against those seen at an age


@dataclass(slots=True)
class Durations:
    """Ends and time at risk per span of ages. Whoever holds it changes it with ``ended``."""

    edges: Floats  # s, from 0 on; n + 1 of them
    ends: Floats  # n
    exposure: Floats  # s, n
    memory: float  # ends; when there are more, what is older counts half

    def ended(self, age: float, weight: float = 1.0) -> None:
        """Something has ended at that age, s."""
        self._expose(age, weight)
        self.ends[self.span(age)] += weight
        if self.ends.sum() > self.memory:
            self.ends *= 0.5
            self.exposure *= 0.5

    def left(self, age: float) -> None:
        """Something went out of sight at that age, s: it had not ended until then."""
        self._expose(age, 1.0)

    def span(self, age: float) -> int:
        return min(int(np.searchsorted(self.edges, age, side="right")) - 1, len(self.ends) - 1)

    def _expose(self, age: float, weight: float) -> None:
        last = self.span(age)
        self.exposure[:last] += weight * np.diff(self.edges[: last + 1])
        self.exposure[last] += weight * (min(age, self.edges[-1]) - self.edges[last])

    def hazard(self, live: Floats) -> Floats:
        """Ends per second by span of ages, given the ages (s) of those that go on; smoothed towards the average."""
        exposure = self.exposure + exposed(self.edges, live)
        average = self.ends.sum() / max(exposure.sum(), 1e-9)
        spans = len(self.ends)
        weight = SMOOTHING / max(average * spans, 1e-9)  # s in each span
        hazard: Floats = (self.ends + weight * average) / (exposure + weight)
        return hazard

    def to_json(self) -> dict[str, Any]:
        return {"ends": _rounded(self.ends), "exposure": _rounded(self.exposure)}

    def with_counts(self, kept: Mapping[str, Sequence[float]]) -> "Durations":
        """The same spans with counts of another day.

        Raises:
            ValueError: the counts were kept by other spans.
        """
        ends, exposure = np.array(kept["ends"], dtype=float), np.array(kept["exposure"], dtype=float)
        if ends.shape != self.ends.shape or exposure.shape != self.exposure.shape:
            raise ValueError(f"{len(ends)} spans were kept, and there are {len(self.ends)}")
        return Durations(self.edges, ends, exposure, self.memory)


def exposed(edges: Floats, ages: Floats) -> Floats:
    """The seconds that things of these ages have spent in each span of ages."""
    if not len(ages):
        return np.zeros(len(edges) - 1)
    passed = np.clip(ages[:, None] - edges[None, :-1], 0.0, np.diff(edges)[None, :])
    return np.asarray(passed.sum(axis=0), dtype=float)


def believed(edges: Floats, survival: Callable[[Floats], Floats], weight: float, memory: float) -> Durations:
    """As if ``weight`` of them had been seen that last as ``survival`` (share by age, s) says."""
    at_edges = survival(edges)
    width = np.diff(edges)
    return Durations(edges, -weight * np.diff(at_edges), weight * width * (at_edges[1:] + at_edges[:-1]) / 2, memory)


def spans_of_ages(first: float, growth: float, last: float) -> Floats:
    """Edges (s) of spans that grow with age."""
    edges = [0.0, first]
    while edges[-1] < last:
        edges.append(edges[-1] + (edges[-1] - edges[-2]) * growth)
    return np.array(edges)


def _rounded(counts: Floats) -> list[float]:
    return [float(f"{each:.6g}") for each in counts]
