import random
from itertools import pairwise

import numpy as np
import pytest

from dialer.core.durations import Durations, believed, exposed, spans_of_ages

EDGES = np.arange(0.0, 61.0)


def nothing() -> Durations:
    return Durations(EDGES, np.zeros(60), np.zeros(60), memory=10_000.0)


def test_the_hazard_of_memoryless_times_is_one_over_their_mean() -> None:
    dice, seen = random.Random(1), nothing()
    for _ in range(5_000):
        seen.ended(min(dice.expovariate(1 / 12.0), 60.0))

    assert seen.hazard(np.zeros(0))[:20] == pytest.approx(1 / 12.0, rel=0.25)


def test_what_still_goes_on_is_not_taken_for_what_has_ended() -> None:
    """A hundred things of 20 s begin one after another within 5 s; at that moment only one has ended, after 1 s."""
    seen = nothing()
    seen.ended(1.0)

    alone, together = seen.hazard(np.zeros(0)), seen.hazard(np.linspace(0.0, 5.0, 100))

    assert together[1] < alone[1] / 20


def test_what_went_out_of_sight_had_not_ended() -> None:
    seen, watched = nothing(), nothing()
    for each in (seen, watched):
        each.ended(5.5)
    watched.left(10.0)

    assert watched.hazard(np.zeros(0))[5] < seen.hazard(np.zeros(0))[5]


def test_time_at_risk_is_counted_in_the_span_that_it_was_spent_in() -> None:
    assert exposed(np.array([0.0, 1.0, 3.0]), np.array([0.5, 2.5])) == pytest.approx([1.5, 1.5])


def test_beliefs_fade_with_what_is_seen() -> None:
    seen = believed(EDGES, lambda age: np.exp(-age / 50.0), weight=5.0, memory=200.0)
    for _ in range(2_000):
        seen.ended(4.0)

    assert seen.hazard(np.zeros(0))[4] > 1.0
    assert seen.ends.sum() <= 201.0


def test_counts_of_other_spans_are_refused() -> None:
    kept = nothing().to_json()

    with pytest.raises(ValueError, match="60 spans were kept, and there are 59"):
        believed(EDGES[:-1], lambda age: np.exp(-age), 1.0, 10.0).with_counts(kept)


def test_spans_grow_with_age() -> None:
    edges = spans_of_ages(1.0, 1.5, 10.0)

    widths = np.diff(edges)
    assert edges[-1] >= 10.0
    assert all(later == pytest.approx(1.5 * earlier) for earlier, later in pairwise(widths))
