"""The pacing of the engine itself, driven as the engine drives it."""

from dataclasses import replace
from enum import StrEnum

from dialer.agents.pacer import Pacer
from dialer.core.abandonment import Tally
from dialer.core.chances import Traits
from dialer.core.learned import Learned
from dialer.core.pacing import PacingRules
from dialer.model import UNCALLED
from dialer.trials.floor import Agent, Call, Floor, Order, Phase


class Knows(StrEnum):
    """What is known of a number before it is called."""

    NOTHING = "nothing"
    TYPE = "its type"
    PAST = "its type and its past calls"


class Paced:
    """``knows``: of each call, for a chance of its own."""

    tick = 0.5
    is_eager = False

    def __init__(self, rules: PacingRules, learned: Learned | None = None, *, knows: Knows = Knows.PAST) -> None:
        self.pacer = Pacer(rules, learned)
        self._knows = knows

    def decide(self, floor: Floor) -> Order:
        tally = Tally(floor.counts.live_answers, floor.counts.abandoned)
        pace = self.pacer.decide(floor.now, [tally], floor.trunk_room)
        return Order(pace.place, [call for call in self.pacer.named(pace) if isinstance(call, Call)])

    def placed(self, call: Call, now: float) -> None:
        self.pacer.placed(call, self._known_of(call), now)

    def _known_of(self, call: Call) -> Traits:
        traits = call.fate.traits
        match self._knows:
            case Knows.NOTHING:
                return Traits()
            case Knows.TYPE:
                return replace(traits, attempt=1, record=UNCALLED)
            case Knows.PAST:
                return traits

    def answered(self, call: Call, now: float) -> None:
        self.pacer.answered(call, now)

    def unanswered(self, call: Call, now: float) -> None:
        self.pacer.unanswered(call, now)

    def given_up(self, call: Call, now: float) -> None:
        self.pacer.given_up(call, now)

    def abandoned(self, call: Call, now: float) -> None:
        self.pacer.gone(call)

    def changed(self, agent: Agent, call: Call | None, now: float) -> None:
        match agent.phase:
            case Phase.FREE:
                self.pacer.ready(agent, now)
            case Phase.TALKING:
                self.pacer.talks(agent, call, now)
            case Phase.WRAPPING_UP:
                self.pacer.wraps_up(agent, now)
            case Phase.AWAY:
                self.pacer.left(agent, now)
