"""What does a campaign's pacing follow, from call to call and from agent to agent?

Told of every change in the lives of calls and agents, it keeps their ages and what is learnt of them, and asks
``core.pacing`` at every event and twice a second. It knows no clock: moments are monotonic seconds that it is told.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.abandonment import Tally, drifted
from dialer.core.chances import Traits
from dialer.core.curves import ROWS, Curves
from dialer.core.durations import Floats
from dialer.core.forecasts import still_answered
from dialer.core.learned import Learned
from dialer.core.live import Live
from dialer.core.pacing import Known, Pace, PacingRules, pace

REFRESHED = 10.0  # s after which tables are made anew
ANOTHER_SHARE = 0.05  # of wrap-ups that free somebody, by which the tables are made anew at once
LEARNED_AFTER = 40.0  # s after its placing, whatever became of a call: answers come earlier than their absence
FORGOTTEN_AFTER = 180.0  # s: no call rings for so long, its end was lost


@dataclass(slots=True)
class _Call:
    placed: float
    traits: Traits
    chance: float
    answered: float | None = None  # 1, 0, or the chance that was left


class Pacer:
    """Follows one campaign's calls and agents, and says how many calls to place."""

    def __init__(self, rules: PacingRules, learned: Learned | None = None) -> None:
        self.rules = rules
        self.learned = learned or Learned()
        self._ringing: dict[Hashable, _Call] = {}
        self._free: set[Hashable] = set()
        self._talking: dict[Hashable, float] = {}
        self._wrapping: dict[Hashable, float] = {}
        self._leaving: set[Hashable] = set()
        self._waiting: set[Hashable] = set()
        self._to_learn: deque[_Call] = deque()
        self._curves: Curves | None = None
        self._refreshed = 0.0
        self._returns = 0.0  # that the tables were made of
        self._looked = 0.0
        self._last: Pace | None = None
        self._next_chance = 0.0

    def placed(self, call: Hashable, traits: Traits, now: float) -> None:
        placed = _Call(now, traits, self.learned.chances.of(traits))
        self._ringing[call] = placed
        self._to_learn.append(placed)
        self._next_chance = placed.chance if not self._next_chance else 0.95 * self._next_chance + 0.05 * placed.chance

    def answered(self, call: Hashable, now: float) -> None:
        """It waits for an agent from now on. Calls that were placed before this pacer began teach nothing."""
        self._waiting.add(call)
        if (known := self._ringing.pop(call, None)) is None:
            return
        known.answered = 1.0
        self.learned.answers.ended(now - known.placed)
        self.learned.failures.left(now - known.placed)
        self.learned.answer_level.happened()
        self.learned.calls_ended += 1
        if self._last is not None:
            self.learned.risk_level = drifted(self.learned.risk_level, self._last.credit)

    def unanswered(self, call: Hashable, now: float) -> None:
        if (known := self._ringing.pop(call, None)) is None:
            return
        known.answered = 0.0
        self.learned.failures.ended(now - known.placed)
        self.learned.answers.left(now - known.placed)
        self.learned.calls_ended += 1

    def given_up(self, call: Hashable, now: float) -> None:
        """We ended it while it rang: what it had left of its chance is what it teaches."""
        if (known := self._ringing.pop(call, None)) is None:
            return
        known.answered = self._chance_left(known, now)
        self.learned.answers.left(now - known.placed)
        self.learned.failures.left(now - known.placed)
        self.learned.calls_ended += 1

    def gone(self, call: Hashable) -> None:
        """An answered call that no agent has taken is over: abandoned, or hung up by the callee."""
        self._waiting.discard(call)

    def ready(self, agent: Hashable, now: float) -> None:
        self._leaves(agent, now, is_ready=True)
        self._free.add(agent)

    def talks(self, agent: Hashable, call: Hashable, now: float) -> None:
        """From the moment the agent is reserved for the call; told again when they are joined, nothing changes."""
        self._waiting.discard(call)
        self._free.discard(agent)
        self._talking.setdefault(agent, now)

    def wraps_up(self, agent: Hashable, now: float) -> None:
        if (began := self._talking.pop(agent, None)) is not None:
            self._talk_ended(now - began)
        self._wrapping.setdefault(agent, now)

    def will_leave(self, agent: Hashable) -> None:
        """After this talk or wrap-up, as was asked for: no call is placed for who goes."""
        self._leaving.add(agent)

    def left(self, agent: Hashable, now: float) -> None:
        """Paused or logged out."""
        self._leaves(agent, now, is_ready=False)

    def _leaves(self, agent: Hashable, now: float, *, is_ready: bool) -> None:
        self._free.discard(agent)
        comes_back = None if agent in self._leaving else is_ready
        self._leaving.discard(agent)
        if (began := self._talking.pop(agent, None)) is not None:
            self._talk_ended(now - began)
            self.learned.wrap_up_ended(0.0, is_ready=comes_back)
        elif (began := self._wrapping.pop(agent, None)) is not None:
            self.learned.wrap_up_ended(now - began, is_ready=comes_back)

    def _talk_ended(self, age: float) -> None:
        self.learned.talks.ended(age)
        self.learned.talk_level.happened()

    def decide(self, now: float, tallies: Sequence[Tally], trunk_room: int) -> Pace:
        live = self._live(now)
        self._learn(now, live)
        known = Known(
            curves=self._curves_for(now, live),
            answer_level=self.learned.answer_level.value,
            next_chance=self._next_chance or self.learned.chances.of(Traits()),
            risk_level=self.learned.risk_level,
            calls_ended=self.learned.calls_ended,
        )
        self._last = pace(live, known, tallies, trunk_room, self.rules)
        return self._last

    def named(self, pace: Pace) -> tuple[Hashable, ...]:
        """The calls that are to be given up, of the decision just taken."""
        calls = tuple(self._ringing) if pace.give_up else ()
        return tuple(calls[position] for position in pace.give_up)

    def _chance_left(self, call: _Call, now: float) -> float:
        if self._curves is None:
            return 0.0
        age = min(int((now - call.placed) * ROWS), len(self._curves.silent) - 1)
        silent, failing = self._curves.silent[age : age + 1], self._curves.failing[age : age + 1]
        return float(still_answered(np.array([call.chance]), silent, failing)[0])

    def _live(self, now: float) -> Live:
        count = len(self._ringing)
        calls = self._ringing.values()
        return Live(
            free=len(self._free),
            talking=now - self._began(self._talking),
            wrapping_up=now - self._began(self._wrapping),
            ringing=now - np.fromiter((each.placed for each in calls), float, count),
            chances=np.fromiter((each.chance for each in calls), float, count),
            waiting=len(self._waiting),
        )

    def _began(self, busy: Mapping[Hashable, float]) -> Floats:
        if self._leaving:
            return np.array([began for agent, began in busy.items() if agent not in self._leaving], dtype=float)
        return np.fromiter(busy.values(), float, len(busy))

    def _learn(self, now: float, live: Live) -> None:
        if self._last is not None:
            passed = now - self._looked
            self.learned.answer_level.pass_by(self._last.outlook.answers_per_second * passed)
            self.learned.talk_level.pass_by(self._last.outlook.talk_ends_per_second * passed)
        self._looked = now
        while self._to_learn and self._to_learn[0].placed + LEARNED_AFTER <= now:
            call = self._to_learn[0]
            if call.answered is not None:
                self.learned.chances.learn(call.traits, call.answered)
            elif now < call.placed + FORGOTTEN_AFTER:
                break  # it rings for longer than others: those behind it wait, too
            self._to_learn.popleft()

    def _curves_for(self, now: float, live: Live) -> Curves:
        returns = self.learned.returns
        if self._curves is None or now - self._refreshed >= REFRESHED or abs(returns - self._returns) > ANOTHER_SHARE:
            self._returns = returns
            self._curves = self.learned.curves(live, self.rules.patience)
            self._refreshed = now
            self.learned.answer_level.look()
        return self._curves
