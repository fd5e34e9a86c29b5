"""What do learnt durations say of the next half minute, for every age that something may have now?

Tables of chances, made anew every few seconds and used for every decision in between. Rows are ages, columns are
instants ahead.
"""

from dataclasses import dataclass

import numpy as np

from dialer.core.durations import Durations, Floats
from dialer.core.live import Live

STEP = 1.0  # s between the instants looked at
AHEAD = 26  # of them
ROWS = 2  # for each second of ringing


@dataclass(frozen=True, slots=True)
class Curves:
    silent: Floats  # share of the calls that somebody answers which ring longer, by ring age
    failing: Floats  # the same of the calls that nobody answers
    answers: Floats  # share of calls still to be answered that are, in each step ahead, by ring age
    holds: Floats  # share of them that hold an agent at each instant, by ring age
    holds_powers: Floats  # the same with its squares and cubes, side by side: sums of them are moments
    talk_edges: Floats  # s
    wrap_edges: Floats  # s
    # Chance to be free within the patience of who is answered at each instant, with squares and cubes; by talk age and,
    # below, by age of the wrap-up.
    frees_powers: Floats
    talk_ends: Floats  # per s, by talk age

    @property
    def when_answered(self) -> Floats:
        """When a new call is answered: the share of its answers in each step, of those near enough to be foreseen."""
        answers = self.answers[0]
        return np.asarray(answers / max(float(answers.sum()), 1e-9), dtype=float)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long it lasts: what the tables are made of."""

    answers: Durations  # from dialling to the answer
    failures: Durations  # from dialling to the end of a call that nobody answers
    talks: Durations
    wrap_ups: Durations
    returns: float  # share of wrap-ups after which the agent is ready


def curves(lasting: Lasting, live: Live, talk_level: float, patience: float) -> Curves:
    """``talk_level``: how much faster talks end now than was learnt; ``patience``: s that an answered caller waits."""
    talk_hazard = lasting.talks.hazard(live.talking) * talk_level
    talk = Passing(lasting.talks.edges, talk_hazard)
    wrap = Passing(lasting.wrap_ups.edges, lasting.wrap_ups.hazard(live.wrapping_up))
    freeing = Freeing(talk, wrap, lasting.returns)
    until = np.arange(1.0, AHEAD + 1.0) * STEP + patience
    silent, failing = _ringing(lasting.answers.hazard(live.ringing), lasting.failures.hazard(live.ringing))
    edges = lasting.answers.edges
    ages = (np.arange(int(edges[-1] * ROWS)) + 0.5) / ROWS
    still = np.interp(ages, edges, silent)
    later = np.interp(ages[:, None] + np.arange(AHEAD + 1) * STEP, edges, silent)
    answers = -np.diff(later, axis=1) / np.maximum(still, 1e-6)[:, None]
    holds = answers @ _stays(freeing, patience)
    free_after_talk = freeing.after_talk(_middles(lasting.talks.edges), until)
    free_after_wrap = freeing.after_wrap(_middles(lasting.wrap_ups.edges), until)
    return Curves(
        silent=still,
        failing=np.interp(ages, edges, failing),
        answers=answers,
        holds=holds,
        holds_powers=_powers(holds),
        talk_edges=lasting.talks.edges,
        wrap_edges=lasting.wrap_ups.edges,
        frees_powers=_powers(np.vstack([free_after_talk, free_after_wrap])),
        talk_ends=talk_hazard,
    )


def _stays(freeing: "Freeing", patience: float) -> Floats:
    """Whether an agent who took a call in one step (row) is still busy with it for who is answered at an instant."""
    free_again = freeing.after_talk(np.zeros(1), (np.arange(float(AHEAD)) + 0.5) * STEP + patience)[0]
    stays = np.zeros((AHEAD, AHEAD))
    for step in range(AHEAD):
        stays[step, step:] = 1.0 - free_again[: AHEAD - step]
    return stays


class Freeing:
    """When are busy agents free again?"""

    def __init__(self, talk: "Passing", wrap: "Passing", returns: float) -> None:
        self._talk, self._wrap, self._returns = talk, wrap, returns

    def after_talk(self, ages: Floats, until: Floats) -> Floats:
        """The chances to be ready within ``until`` (s, columns), by the age of the talk (s, rows)."""
        steps = np.arange(0.0, float(until[-1]) + STEP, STEP)
        ends = np.diff(self._talk.within(ages, steps), axis=1)
        left = until[None, :] - (steps[:-1, None] + STEP / 2)  # for the wrap-up, after a talk that ends in that step
        wrapped = self._wrap.within(np.zeros(1), np.maximum(left, 0.0).ravel()).reshape(left.shape)
        return np.asarray(ends @ (self._returns * wrapped * (left > 0.0)), dtype=float)

    def after_wrap(self, ages: Floats, until: Floats) -> Floats:
        return self._returns * self._wrap.within(ages, until)


class Passing:
    """A hazard by age, as chances."""

    def __init__(self, edges: Floats, hazard: Floats) -> None:
        self._edges = edges
        self._sum = np.concatenate([[0.0], np.cumsum(hazard * np.diff(edges))])

    def within(self, ages: Floats, spans: Floats) -> Floats:
        """The chance that what has lasted ``ages`` ends within ``spans``, s: one row for each age."""
        before = np.interp(ages, self._edges, self._sum)
        after = np.interp(ages[:, None] + spans[None, :], self._edges, self._sum)
        return np.asarray(1.0 - np.exp(before[:, None] - after), dtype=float)


def _ringing(answers: Floats, failures: Floats) -> tuple[Floats, Floats]:
    """Of calls that end in an answer, and of those that do not: the shares that ring longer, at each second."""
    both = answers + failures
    lasting = np.concatenate([[1.0], np.exp(-np.cumsum(both))])
    ending = lasting[:-1] - lasting[1:]
    answered = np.concatenate([[0.0], np.cumsum(ending * answers / np.maximum(both, 1e-12))])
    failed = np.concatenate([[0.0], np.cumsum(ending * failures / np.maximum(both, 1e-12))])
    failed[-1] += lasting[-1]  # what rings longer than any age known
    return 1.0 - answered / max(answered[-1], 1e-9), 1.0 - failed / max(failed[-1], 1e-9)


def _powers(table: Floats) -> Floats:
    return np.hstack([table, table**2, table**3])


def _middles(edges: Floats) -> Floats:
    return np.asarray((edges[:-1] + edges[1:]) / 2, dtype=float)
