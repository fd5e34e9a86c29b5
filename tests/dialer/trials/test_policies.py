"""The rivals' rules give here what a model of others, written from the same descriptions, gave for the same world."""

from collections.abc import Callable

import pytest

from dialer.trials.floor import Floor, Policy
from dialer.trials.policies import FixedRatio, Issabel, OmniDialer, Progressive, Vicidial
from dialer.trials.worlds import World


@pytest.mark.parametrize(
    ("policy", "agents", "utilisation", "abandoned"),
    [
        (Progressive, 10, 0.645, 0.0),
        (lambda: FixedRatio(2.0), 10, 0.798, 0.023),
        (Vicidial, 10, 0.657, 0.035),
        (lambda: Vicidial("average"), 10, 0.656, 0.032),
        (lambda: Vicidial("tapered"), 10, 0.796, 0.41),
        (lambda: Vicidial(available_only=True), 20, 0.848, 0.023),
        (OmniDialer, 10, 0.686, 0.117),
        (Issabel, 20, 0.648, 0.0),
        (lambda: Issabel(overcommits=True), 10, 0.801, 0.10),
    ],
)
def test_a_rival_does_as_it_was_described(
    policy: Callable[[], Policy], agents: int, utilisation: float, abandoned: float
) -> None:
    counts = Floor(World("as described", agents), 1, policy()).run()

    assert counts.busy / counts.staffed == pytest.approx(utilisation, abs=0.025)
    assert counts.abandoned / counts.live_answers == pytest.approx(abandoned, abs=max(0.008, 0.2 * abandoned))
