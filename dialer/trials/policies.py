"""How do others pace? Their published rules, for comparison on the same floor.

Written from their documentation; what is an assumption says so. A rule's symbols: F free agents, B talking,
W wrapping up, R calls that ring, Q answered calls that wait.
"""

from collections import deque
from dataclasses import dataclass, field
from math import exp
from math import floor as whole

from dialer.trials.floor import Agent, Call, Floor, Order, Phase


class Rival:
    """Hears of nothing and is asked every ``tick`` seconds, until a subclass says more."""

    tick: float = 1.0
    is_eager: bool = False

    def decide(self, floor: Floor) -> Order:
        return Order(max(0, self.calls(floor)))

    def calls(self, floor: Floor) -> int:
        raise NotImplementedError

    def placed(self, call: Call, now: float) -> None: ...
    def answered(self, call: Call, now: float) -> None: ...
    def unanswered(self, call: Call, now: float) -> None: ...
    def given_up(self, call: Call, now: float) -> None: ...
    def abandoned(self, call: Call, now: float) -> None: ...
    def changed(self, agent: Agent, call: Call | None, now: float) -> None: ...


class Progressive(Rival):
    """One call per free agent."""

    tick = 0.5
    is_eager = True

    def calls(self, floor: Floor) -> int:
        return len(floor.free) - len(floor.ringing) - len(floor.waiting)


@dataclass(slots=True)
class FixedRatio(Rival):
    """So many calls for each free agent; Wombat's boost without its model, with its gate on waiting calls."""

    ratio: float
    most_waiting: int = 0
    tick: float = 0.5
    is_eager: bool = True

    def calls(self, floor: Floor) -> int:
        if len(floor.waiting) > self.most_waiting:
            return 0
        return int(len(floor.free) * self.ratio + 1e-9) - len(floor.ringing) - len(floor.waiting)


@dataclass(slots=True)
class Wombat(Rival):
    """A stand-in for Wombat's undocumented model, an assumption: boost by the success of the last 100 attempts."""

    boost: float = 1.0
    tick: float = 1.0
    is_eager: bool = False
    _results: deque[bool] = field(default_factory=lambda: deque(maxlen=100))

    def calls(self, floor: Floor) -> int:
        if floor.waiting:
            return 0
        success = sum(self._results) / len(self._results) if self._results else 1.0
        return int(self.boost * len(floor.free) / max(success, 0.1)) - len(floor.ringing) - len(floor.waiting)

    def answered(self, call: Call, now: float) -> None:
        self._results.append(True)

    def unanswered(self, call: Call, now: float) -> None:
        self._results.append(False)


@dataclass(slots=True)
class Vicidial(Rival):
    """VICIdial's adaptive methods: ``hard_limit``, ``average``, ``tapered``; 3 % drops, level 1 to 3, intensity 0."""

    method: str = "hard_limit"
    available_only: bool = False
    latest: int = 2100  # clock time of the last calls, for ``tapered``
    tick: float = 0.5
    is_eager: bool = False
    level: float = 1.0
    _free: deque[int] = field(default_factory=lambda: deque(maxlen=15))
    _waiting: deque[int] = field(default_factory=lambda: deque(maxlen=15))
    _staffed: deque[int] = field(default_factory=lambda: deque(maxlen=15))
    _minute: deque[tuple[float, int]] = field(default_factory=deque)  # ended calls, 1 if dropped
    _drops: int = 0
    _answers: int = 0
    _shown: tuple[int, int, int, int] = (0, 0, 0, 0)  # drops, answers; of the last minute: drops, calls
    _asked: int = 0

    def calls(self, floor: Floor) -> int:
        self._asked += 1
        halves = self._asked
        if halves % 2 == 0:
            self._free.append(len(floor.free))
            self._waiting.append(len(floor.waiting))
            self._staffed.append(sum(agent.phase is not Phase.AWAY for agent in floor.agents))
        if halves % 120 == 0:
            self._refresh(floor.now)
        if halves % 30 == 0:
            self._adapt(floor)
        return self._dial(floor) if halves % 5 == 0 else 0

    def _refresh(self, now: float) -> None:
        while self._minute and self._minute[0][0] < now - 60:
            self._minute.popleft()
        self._shown = (self._drops, self._answers, sum(each for _, each in self._minute), len(self._minute))

    def _adapt(self, floor: Floor) -> None:
        staffed = sum(self._staffed) / len(self._staffed)
        target = (sum(self._free) - sum(self._waiting)) / len(self._free)
        level = min(self.level * (1 + (target / staffed if staffed else 0.0)), 3.0)
        drops, answers, lately, ended = self._shown
        if ended > 20 and lately > 0.5 * ended:
            level /= 2
        if answers > 50 and drops > 0.03 * answers:
            level = self._limited(level, floor)
        self.level = max(level, 1.0)

    def _limited(self, level: float, floor: Floor) -> float:
        if self.method == "hard_limit":
            return 1.0
        if self.method == "average":
            return level / 2
        clock = floor.world.begins_at + floor.now / 3600  # digits of the clock are subtracted as if they were numbers
        left = self.latest - (int(clock) * 100 + int(clock % 1 * 60))
        return level * min(1.0, left / 1000) if left > 0 else 1.0

    def _dial(self, floor: Floor) -> int:
        talking = len(floor.in_phase(Phase.TALKING))
        agents = len(floor.free) + (0 if self.available_only else talking)
        goal = round(self.level * agents) + (talking if self.available_only else 0)
        return min(goal - len(floor.ringing) - len(floor.waiting) - talking, 12)  # five a second, for 2.5 s

    def answered(self, call: Call, now: float) -> None:
        self._answers += 1
        self._minute.append((now, 0))

    def unanswered(self, call: Call, now: float) -> None:
        self._minute.append((now, 0))

    def abandoned(self, call: Call, now: float) -> None:
        self._drops += 1
        self._minute.append((now, 1))


@dataclass(slots=True)
class OmniDialer(Rival):
    """OMniDialer's predictive mode: three calls a second, patience and weights as they are set at first."""

    boost: float = 1.0
    calls_per_second: int = 3
    tick: float = 1.0
    is_eager: bool = False
    _answer: float | None = None
    _drop: float = 0.0
    _ring: float = 15.0
    _rings: int = 0
    _handled: int = 0
    _talk: tuple[float, int] = (0.0, 0)
    _wrap: tuple[float, int] = (0.0, 0)
    _since: dict[int, tuple[Phase, float]] = field(default_factory=dict)
    _streak: int = 0
    _is_latched: bool = False

    def calls(self, floor: Floor) -> int:
        one_each = len(floor.free) - len(floor.ringing) - len(floor.waiting)
        gamma = self._gamma()
        if self._handled < 50 or self._answer is None or self._is_latched:
            return min(one_each, self.calls_per_second)
        chance = max(self._answer, 0.05)
        soon = sum(self._free_soon(agent, floor.now) for agent in floor.agents)
        wanted = whole(gamma * (len(floor.free) + soon - len(floor.ringing) * chance) / chance)
        return min(wanted, self.calls_per_second)

    def _gamma(self) -> float:
        if self._drop >= 0.03:
            self._streak += 1
            self._is_latched = self._is_latched or self._streak >= 5
            return 0.2
        self._streak = 0
        self._is_latched = self._is_latched and self._drop >= 0.024
        falling = max(0.0, self._drop - 0.015) / 0.015
        return self.boost + (0.2 - self.boost) * falling

    def _free_soon(self, agent: Agent, now: float) -> float:
        if agent.phase not in (Phase.TALKING, Phase.WRAPPING_UP):
            return 0.0
        total, count = self._talk if agent.phase is Phase.TALKING else self._wrap
        mean = total / count if count else 60.0
        return 1 - exp(-self._ring / max(1.0, mean - (now - agent.since)))

    def answered(self, call: Call, now: float) -> None:
        self._answer = 1.0 if self._answer is None else self._answer + 0.1 * (1 - self._answer)
        self._drop -= 0.1 * self._drop
        self._rings += 1
        self._ring += (now - call.placed - self._ring) / self._rings

    def unanswered(self, call: Call, now: float) -> None:
        self._answer = 0.0 if self._answer is None else self._answer - 0.1 * self._answer

    def abandoned(self, call: Call, now: float) -> None:
        self._drop += 0.1 * (1 - self._drop)

    def changed(self, agent: Agent, call: Call | None, now: float) -> None:
        phase, since = self._since.get(agent.id, (Phase.FREE, now))
        if phase is Phase.TALKING:
            self._handled += 1
            self._talk = (self._talk[0] + now - since, self._talk[1] + 1)
        elif phase is Phase.WRAPPING_UP:
            self._wrap = (self._wrap[0] + now - since, self._wrap[1] + 1)
        self._since[agent.id] = agent.phase, now


@dataclass(slots=True)
class Issabel(Rival):
    """Issabel's dialerd with predictive pacing; ``overcommits``: divided by the share of answers in half an hour."""

    overcommits: bool = False
    quality: float = 0.97
    tick: float = 3.0
    is_eager: bool = False
    _rings: deque[float] = field(default_factory=lambda: deque([8.0] * 20, maxlen=20))
    _talk: tuple[float, int] = (0.0, 0)
    _results: deque[tuple[float, bool]] = field(default_factory=deque)
    _since: dict[int, float] = field(default_factory=dict)

    def calls(self, floor: Floor) -> int:
        ring = sum(self._rings) / len(self._rings)
        soon = 0
        if self._talk[1] >= 10:
            mean = self._talk[0] / self._talk[1]
            ages = (floor.now - agent.since for agent in floor.in_phase(Phase.TALKING))
            soon = sum(1 - exp(-(age + ring) / mean) >= self.quality for age in ages)
        wanted = len(floor.free) + soon - len(floor.waiting) - len(floor.ringing)
        return round(wanted / self._success(floor.now)) if self.overcommits and wanted > 0 else wanted

    def _success(self, now: float) -> float:
        while self._results and self._results[0][0] < now - 1800:
            self._results.popleft()
        answers = sum(each for _, each in self._results)
        return max(answers / len(self._results), 0.2) if len(self._results) >= 10 and answers else 1.0

    def answered(self, call: Call, now: float) -> None:
        self._rings.append(now - call.placed)
        self._results.append((now, True))

    def unanswered(self, call: Call, now: float) -> None:
        self._results.append((now, False))

    def changed(self, agent: Agent, call: Call | None, now: float) -> None:
        began = self._since.pop(agent.id, None)
        if agent.phase is Phase.TALKING:
            self._since[agent.id] = now
        elif began is not None and now - began >= 10:
            self._talk = (self._talk[0] + now - began, self._talk[1] + 1)
