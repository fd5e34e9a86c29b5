"""Builders of what the pacing core is asked about."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from dialer.core.abandonment import FIRST_RISK_LEVEL
from dialer.core.learned import Learned
from dialer.core.live import Live
from dialer.core.pacing import Known

PATIENCE = timedelta(seconds=2)


def live(
    free: int = 0,
    talking: Sequence[float] = (),
    wrapping_up: Sequence[float] = (),
    ringing: Sequence[float] = (),
    chance: float = 0.3,
    waiting: int = 0,
) -> Live:
    """Ages in s."""
    return Live(
        free=free,
        talking=np.array(talking, dtype=float),
        wrapping_up=np.array(wrapping_up, dtype=float),
        ringing=np.array(ringing, dtype=float),
        chances=np.full(len(ringing), chance),
        waiting=waiting,
    )


def known(
    learned: Learned | None = None,
    answer_level: float = 1.0,
    next_chance: float = 0.3,
    risk_level: float = FIRST_RISK_LEVEL,
    calls_ended: float = 1_000.0,
) -> Known:
    """What a campaign knows before its first call, but trusted as if it had placed many."""
    return Known((learned or Learned()).curves(live(), PATIENCE), answer_level, next_chance, risk_level, calls_ended)
