"""What becomes of a call, by chance? For trials where no script says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random

from dialer.adapters.simulated.switch import Listening, Story
from dialer.core.call import End
from dialer.model import OutgoingCall


@dataclass(frozen=True, slots=True)
class Shares:
    """How often each end comes (weights, in any unit) and how long things take on average."""

    ends: Mapping[End, float]
    setup: timedelta = timedelta(milliseconds=50)
    rings_for: timedelta = timedelta(seconds=12)
    message: timedelta = timedelta(seconds=20)
    patience: float = 0.8  # the share of those who answered that hear the message to its end


class SeededStories:
    """Stories by chance, the same for the same seed and number of the attempt id, in whatever order they are asked."""

    def __init__(self, seed: int, shares: Shares) -> None:
        if not shares.ends:
            raise ValueError("shares of no ends")
        self._seed = seed
        self._shares = shares
        self._ends = list(shares.ends)
        self._bounds = list(accumulate(shares.ends.values()))

    def __call__(self, call: OutgoingCall) -> Story:
        chance = Random(f"{self._seed}/{call.attempt_id}")  # noqa: S311 - a simulation, not a secret
        [end] = chance.choices(self._ends, cum_weights=self._bounds)
        setup = self._shares.setup * chance.uniform(0.5, 1.5)
        later = setup + self._shares.rings_for * chance.uniform(0.3, 1.7)
        match end:
            case End.NORMAL | End.MEDIA_LOST:
                return self._answered(end, setup, later, chance)
            case End.NOT_PLACED:
                return Story(end, setup, starts=None)
            case End.NO_ANSWER:
                return Story(end, ends=timedelta.max, starts=setup / 2, rings=setup)
            case End.NO_REPLY:
                return Story(end, ends=timedelta.max, starts=setup / 2)
            case _:
                return Story(end, ends=later, starts=setup / 2)

    def _answered(self, end: End, setup: timedelta, answers: timedelta, chance: Random) -> Story:
        whole = end is End.NORMAL and chance.random() < self._shares.patience
        heard = self._shares.message if whole else self._shares.message * chance.random()
        listening = Listening(heard, whole)
        return Story(end, answers + heard, starts=setup / 2, rings=setup, answers=answers, listening=listening)
