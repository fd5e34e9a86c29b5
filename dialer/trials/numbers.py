"""Which number is called next, and is there any?"""

from collections import deque

from dialer.trials.dice import Chance, Number
from dialer.trials.worlds import World

PLENTY = 1_000_000


class Numbers:
    """A list that is called once through, and again after the gap; or one that never ends."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world = world
        self._chance = chance
        self._fresh = world.contacts  # not called yet
        self._again: deque[tuple[float, Number]] = deque()  # in the order of their moments
        self._tried: dict[Number, int] = {}
        self._done = 0

    @property
    def are_called(self) -> bool:
        return self._done == self._world.contacts

    @property
    def called(self) -> float:
        return self._done / self._world.contacts if self._world.contacts else 0.0

    def due(self, now: float) -> int:
        if self._fresh is None:
            return PLENTY
        return self._fresh + sum(at <= now for at, _ in self._again)

    def next(self, now: float) -> Number:
        if self._again and self._again[0][0] <= now:
            return self._again.popleft()[1]
        if self._fresh is not None:
            self._fresh -= 1
        return self._chance.number()

    def rang(self, number: Number, now: float, *, answered: bool, reached: bool) -> None:
        """A call to it is over, or is a talk now; ``reached``: with a person."""
        number.past.append((self._chance.hour(now), answered))
        if self._fresh is None:
            return
        tried = self._tried[number] = self._tried.get(number, 0) + 1
        if reached or tried >= self._world.attempts:
            self._done += 1
        else:
            self._again.append((now + self._world.gap, number))
