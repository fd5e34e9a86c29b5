"""What happens on a floor of agents while a policy places calls?

A model of discrete events: calls ring, are answered or fail; an answered call takes the agent who has been free for
longest, or waits for one, and is abandoned when its patience is over.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from heapq import heappop, heappush
from typing import Protocol

from dialer.trials.dice import Chance, Fate
from dialer.trials.numbers import Numbers
from dialer.trials.worlds import World

SPAN = 300.0  # s of each part of the course


class Phase(Enum):
    FREE = auto()
    TALKING = auto()
    WRAPPING_UP = auto()
    AWAY = auto()


@dataclass(slots=True, eq=False)
class Agent:
    id: int
    phase: Phase = Phase.AWAY
    since: float = 0.0


@dataclass(slots=True, eq=False)
class Call:
    id: int
    fate: Fate
    placed: float
    is_ringing: bool = True
    answered: float | None = None

    def is_picked_up(self, now: float) -> bool:
        """Whether somebody has answered, if only to be greeted by now."""
        return self.fate.picked_up is not None and now >= self.placed + self.fate.picked_up


@dataclass(frozen=True, slots=True)
class Order:
    """What a policy wants done now."""

    place: int
    give_up: Sequence[Call] = ()


class Policy(Protocol):
    """Told of what happens, asked every ``tick`` seconds, and after every event if ``is_eager``."""

    tick: float
    is_eager: bool

    def decide(self, floor: "Floor") -> Order: ...
    def placed(self, call: Call, now: float) -> None: ...
    def answered(self, call: Call, now: float) -> None: ...
    def unanswered(self, call: Call, now: float) -> None: ...
    def given_up(self, call: Call, now: float) -> None: ...
    def abandoned(self, call: Call, now: float) -> None: ...
    def changed(self, agent: Agent, call: Call | None, now: float) -> None: ...


@dataclass(slots=True)
class Counts:
    live_answers: int = 0
    abandoned: int = 0
    placed: int = 0
    given_up: int = 0
    joined: int = 0  # answered calls that an agent took
    waited: float = 0.0  # s until then, of all of them
    machines: int = 0  # of those calls
    mistaken: int = 0  # people who were taken for machines, and hung up on
    busy: float = 0.0  # s of talks and wrap-ups
    staffed: float = 0.0  # s


@dataclass(slots=True)
class Floor:
    """Everything that policies may see, and the dice that they may not."""

    world: World
    seed: int
    policy: Policy
    now: float = 0.0
    agents: list[Agent] = field(default_factory=list)
    free: deque[Agent] = field(default_factory=deque)
    ringing: dict[Call, None] = field(default_factory=dict)
    waiting: deque[Call] = field(default_factory=deque)
    counts: Counts = field(default_factory=Counts)
    course: list[Counts] = field(default_factory=list)  # one for each SPAN
    _events: list[tuple[float, int, object]] = field(default_factory=list)
    _order: int = 0
    _chance: Chance = field(init=False)
    _numbers: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self._chance = Chance(self.world, self.seed)
        self._numbers = Numbers(self.world, self._chance)

    # Seen by policies

    def in_phase(self, phase: Phase) -> list[Agent]:
        return [agent for agent in self.agents if agent.phase is phase]

    @property
    def trunk_room(self) -> int:
        return min(self._numbers.due(self.now), self.world.trunk - self._calls_up)

    @property
    def _calls_up(self) -> int:
        return len(self.ringing) + len(self.waiting) + len(self.in_phase(Phase.TALKING))

    @property
    def is_finished(self) -> bool:
        """Nobody on the list is to be called any more."""
        return self._numbers.are_called and not self._calls_up

    @property
    def called(self) -> float:
        """The share of the list that is not to be called any more; 0 of one that never ends."""
        return self._numbers.called

    # Driven

    def run(self) -> Counts:
        ends = self.world.lasts.total_seconds()
        self._staff()
        for since, _ in self.world.staffing:
            self._later(since, "staff")
        self._later(0.0, "tick")
        while self._events:
            at, _, event = heappop(self._events)
            if at > ends or self._is_over():
                break
            self._spend(min(at, ends))
            self._happen(event)
        else:
            self._spend(ends)
        return self.counts

    def _is_over(self) -> bool:
        enough = self.world.ends_after is not None and self.counts.live_answers >= self.world.ends_after
        return enough or self.is_finished

    def _later(self, at: float, event: object) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, event))

    def _spend(self, until: float) -> None:
        """Agents' time up to that moment."""
        span = until - self.now
        if span > 0:
            busy = sum(agent.phase in (Phase.TALKING, Phase.WRAPPING_UP) for agent in self.agents)
            staffed = busy + len(self.free)
            for counts in (self.counts, self._lately()):
                counts.busy += busy * span
                counts.staffed += staffed * span
            self.now = until

    def _lately(self) -> Counts:
        while len(self.course) <= self.now // SPAN:
            self.course.append(Counts())
        return self.course[-1]

    def _happen(self, event: object) -> None:
        match event:
            case "tick":
                self._decide()
                self._later(self.now + self.policy.tick, "tick")
                return
            case "staff":
                self._staff()
            case Call():
                self._ring_ends(event) if event.is_ringing else self._patience_ends(event)
            case Agent():
                self._moves_on(event)
        if self.policy.is_eager:
            self._decide()

    def _decide(self) -> None:
        order = self.policy.decide(self)
        for call in order.give_up:
            if call.is_ringing and not call.is_picked_up(self.now):
                call.is_ringing = False
                del self.ringing[call]
                self.counts.given_up += 1
                self._numbers.rang(call.fate.number, self.now, answered=False, reached=False)
                self.policy.given_up(call, self.now)
        for _ in range(min(order.place, self.trunk_room)):
            self.counts.placed += 1
            number = self._numbers.next(self.now)
            call = Call(self.counts.placed, self._chance.call(number, self.now), self.now)
            self.ringing[call] = None
            self._later(self.now + call.fate.rings, call)
            self.policy.placed(call, self.now)

    def _ring_ends(self, call: Call) -> None:
        call.is_ringing = False
        del self.ringing[call]
        fate = call.fate
        self._numbers.rang(fate.number, self.now, answered=fate.answered, reached=fate.answered and not fate.is_machine)
        if not fate.answered:
            self.counts.mistaken += fate.is_mistaken
            self.policy.unanswered(call, self.now)
            return
        call.answered = self.now
        for counts in (self.counts, self._lately()):
            counts.live_answers += 1
        self.policy.answered(call, self.now)
        self.waiting.append(call)
        self._later(self.now + self.world.patience, call)
        self._join()

    def _patience_ends(self, call: Call) -> None:
        if call in self.waiting:
            self.waiting.remove(call)
            for counts in (self.counts, self._lately()):
                counts.abandoned += 1
            self.policy.abandoned(call, self.now)

    def _join(self) -> None:
        while self.waiting and self.free:
            call = self.waiting.popleft()
            self.counts.joined += 1
            self.counts.machines += call.fate.is_machine
            self.counts.waited += self.now - (call.answered or self.now)
            self._change(self.free.popleft(), Phase.TALKING, call)

    def _change(self, agent: Agent, phase: Phase, call: Call | None = None) -> None:
        agent.phase, agent.since = phase, self.now
        if phase is Phase.TALKING and call is not None:
            self._later(self.now + self._chance.talk(self.now, call.fate), agent)
        self.policy.changed(agent, call, self.now)

    def _moves_on(self, agent: Agent) -> None:
        if agent.phase is Phase.TALKING:
            self._change(agent, Phase.WRAPPING_UP)
            self._later(self.now + self._chance.wrap_up(), agent)
        elif agent.phase is Phase.WRAPPING_UP and self._too_many():
            self._change(agent, Phase.AWAY)
        elif agent.phase is Phase.WRAPPING_UP and (pause := self._chance.break_after_it()) is not None:
            self._change(agent, Phase.AWAY)
            self._later(self.now + pause, agent)
        elif agent.phase is Phase.WRAPPING_UP or (agent.phase is Phase.AWAY and not self._too_many()):
            self._becomes_free(agent)

    def _becomes_free(self, agent: Agent) -> None:
        self.free.append(agent)
        self._change(agent, Phase.FREE)
        self._join()

    def _too_many(self) -> bool:
        present = sum(agent.phase is not Phase.AWAY for agent in self.agents)
        return present > self.world.staff(self.now)

    def _staff(self) -> None:
        """Agents come; free ones go at once, busy ones after their wrap-up."""
        wanted = self.world.staff(self.now)
        while self._too_many() and self.free:
            self._change(self.free.popleft(), Phase.AWAY)
        present = sum(agent.phase is not Phase.AWAY for agent in self.agents)
        for agent in self.in_phase(Phase.AWAY)[: max(0, wanted - present)]:
            self._becomes_free(agent)
            present += 1
        for _ in range(wanted - present):
            agent = Agent(len(self.agents))
            self.agents.append(agent)
            self._becomes_free(agent)
