"""What is the world like in which calls are placed: who answers, when, and for how long do they talk?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import cos, log, pi


@dataclass(frozen=True, slots=True)
class Hearing:
    """How machines are told from people while whoever answers is greeted; what it takes is of decision 0027."""

    missed: float = 0.0  # share of the machines that are taken for people
    mistaken: float = 0.0  # share of the people who are taken for machines
    greets: float = 6.0  # s from the answer until who is taken for a person waits for an agent
    verdict: float = 5.4  # s from the answer until who is taken for a machine is hung up on


@dataclass(frozen=True, slots=True)
class World:
    """Times in s, but for ``lasts``. Everything is drawn from a seed when it is asked for."""

    name: str
    agents: int
    answered: float = 0.3  # chance that somebody answers
    lasts: timedelta = timedelta(hours=8)
    ring_mean: float = 12.0  # of calls that are answered; gamma with shape 4
    ring_limit: float = 25.0
    quick_failures: float = 0.2  # share of unanswered calls that end at once: busy, switched off
    talk_mean: float = 90.0
    talk_cv: float = 1.0  # lognormal
    wrap_mean: float = 20.0  # exponential
    patience: float = 2.0
    changes: Sequence[tuple[float, float]] = ()  # from this second on, the odds of an answer are multiplied so
    swing: float = 0.0  # of the logarithm of the odds, up and down twice in the time
    talk_changes: Sequence[tuple[float, float]] = ()  # from this second on, talks are longer by this factor
    staffing: Sequence[tuple[float, int]] = ()  # from this second on, so many agents
    breaks: float = 0.0  # share of wrap-ups that end in a break
    break_mean: float = 300.0
    variety: float = 0.0  # spread of the logarithm of the odds between numbers
    rhythm: float = 0.0  # by which the logarithm of a number's odds is higher at its best hour, and lower at its worst
    in_a_row: int = 1  # numbers of one type and past that the list has together, as sorted lists have
    machines: float = 0.0  # share of the answers that are answering machines'
    machine_talk: float = 10.0  # until an agent has noticed one and hung up; exponential
    hearing: Hearing | None = None  # None: nobody asks, and agents get the machines as well
    trunk: int = 2_000  # calls at the same time
    begins_at: int = 9  # hour of the day
    ends_after: int | None = None  # live answers
    contacts: int | None = None  # of the list, with a number each; None: it never ends
    attempts: int = 3  # for each of them
    gap: float = 3_600.0  # between two attempts

    def odds(self, now: float) -> float:
        factor = 1.0
        for since, change in self.changes:
            factor = change if now >= since else factor
        wave = self.swing * cos(4 * pi * now / self.lasts.total_seconds())
        return log(self.answered / (1 - self.answered)) + log(factor) + wave

    def talk_factor(self, now: float) -> float:
        factor = 1.0
        for since, change in self.talk_changes:
            factor = change if now >= since else factor
        return factor

    def staff(self, now: float) -> int:
        agents = self.agents
        for since, count in self.staffing:
            agents = count if now >= since else agents
        return agents
