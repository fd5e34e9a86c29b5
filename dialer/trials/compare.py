"""What does each way of pacing make of the same hours?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from dialer.core.pacing import PacingRules
from dialer.trials.floor import SPAN, Counts, Floor, Policy
from dialer.trials.paced import Knows, Paced
from dialer.trials.policies import FixedRatio, Issabel, OmniDialer, Progressive, Vicidial, Wombat
from dialer.trials.worlds import World

OURS = "predictive"
Policies = Mapping[str, Callable[[PacingRules], Policy]]
VARIANTS: Policies = {
    f"{OURS}, numbers alike": lambda rules: Paced(rules, knows=Knows.NOTHING),
    f"{OURS}, past unknown": lambda rules: Paced(rules, knows=Knows.TYPE),
}
RIVALS: Policies = {
    "progressive": lambda _: Progressive(),
    "two calls per free agent": lambda _: FixedRatio(2.0, most_waiting=1_000),
    "Wombat boost 1.3": lambda _: FixedRatio(1.3),
    "Wombat by success (assumed)": lambda _: Wombat(),
    "VICIdial hard limit": lambda _: Vicidial("hard_limit"),
    "VICIdial average": lambda _: Vicidial("average"),
    "VICIdial tapered": lambda _: Vicidial("tapered"),
    "VICIdial available only": lambda _: Vicidial("hard_limit", available_only=True),
    "OMniDialer": lambda _: OmniDialer(),
    "Issabel": lambda _: Issabel(),
    "Issabel overcommit": lambda _: Issabel(overcommits=True),
}
POLICIES: Policies = {OURS: Paced, **VARIANTS, **RIVALS}
WINDOW = 12  # parts of the course that make an hour


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one policy in one world with one seed."""

    world: World
    policy: str
    seed: int
    counts: Counts
    course: Sequence[Counts]  # one for each five minutes
    took: timedelta  # until the list was called, or the time was over
    is_finished: bool  # the list
    called: float  # share of the list that is not to be called any more

    @property
    def utilisation(self) -> float:
        return self.counts.busy / max(self.counts.staffed, 1e-9)

    @property
    def abandoned(self) -> float:
        """The share of live answers."""
        return self.counts.abandoned / max(self.counts.live_answers, 1)

    @property
    def wait(self) -> float:
        """Seconds from the answer until an agent takes the call, in the mean."""
        return self.counts.waited / max(self.counts.joined, 1)

    @property
    def idle(self) -> float:
        """Seconds that an agent waits for the next caller, in the mean."""
        return (self.counts.staffed - self.counts.busy) / max(self.counts.joined, 1)

    @property
    def hours(self) -> Sequence[Counts]:
        """Of each hour from the beginning on; the last may be shorter."""
        return [merged(self.course[begin : begin + WINDOW]) for begin in range(0, len(self.course), WINDOW)]

    @property
    def worst_hour(self) -> float:
        """The largest share of any whole hour; minutes at the end count with the hour before them."""
        whole = [*self.hours[: len(self.course) // WINDOW], merged(self.course[-WINDOW:])]
        return max((hour.abandoned / hour.live_answers for hour in whole if hour.live_answers), default=0.0)


@dataclass(frozen=True, slots=True)
class Trial:
    world: World
    policy: str
    seed: int
    rules: PacingRules = field(default_factory=PacingRules)

    def run(self) -> Outcome:
        floor = Floor(self.world, self.seed, POLICIES[self.policy](self.rules))
        counts = floor.run()
        return Outcome(
            world=self.world,
            policy=self.policy,
            seed=self.seed,
            counts=counts,
            course=floor.course[: int(floor.now // SPAN) + 1],
            took=timedelta(seconds=floor.now),
            is_finished=floor.is_finished,
            called=floor.called,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """Of several seeds."""

    world: str
    policy: str
    utilisation: float
    abandoned: float  # of all campaigns together
    most_abandoned: float  # of any campaign
    worst_hour: float
    live_answers: float  # of a campaign
    wait: float  # s, of answered calls until an agent takes them
    idle: float  # s, of agents until the next caller
    given_up: float  # share of calls placed
    machines: float  # share of agents' talks
    mistaken: float  # people hung up on as machines, beside each one with whom an agent spoke
    outcomes: Sequence[Outcome]


def merged(parts: Sequence[Counts]) -> Counts:
    """Live answers and abandoned calls, and how busy agents were, in all of them together."""
    return Counts(
        live_answers=sum(part.live_answers for part in parts),
        abandoned=sum(part.abandoned for part in parts),
        busy=sum(part.busy for part in parts),
        staffed=sum(part.staffed for part in parts),
    )


def compared(trials: Sequence[Trial], processes: int = 2) -> Iterator[Outcome]:
    """In the order of the trials, as they end."""
    if processes == 1:
        yield from (trial.run() for trial in trials)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(Trial.run, trials)


def summaries(trials: Sequence[Trial], processes: int = 2) -> Iterator[Summary]:
    """One for each world and policy, in the order of the trials."""
    outcomes = compared(trials, processes)
    for _, some in groupby(outcomes, key=lambda each: (each.world, each.policy)):
        yield summary(list(some))


def summary(all_of: Sequence[Outcome]) -> Summary:
    """Of one world and one policy."""
    counts = [each.counts for each in all_of]
    joined, machines = sum(each.joined for each in counts), sum(each.machines for each in counts)
    return Summary(
        world=all_of[0].world.name,
        policy=all_of[0].policy,
        utilisation=_mean([each.utilisation for each in all_of]),
        abandoned=sum(each.abandoned for each in counts) / max(sum(each.live_answers for each in counts), 1),
        most_abandoned=max(each.abandoned for each in all_of),
        worst_hour=max(each.worst_hour for each in all_of),
        live_answers=_mean([each.live_answers for each in counts]),
        wait=_mean([each.wait for each in all_of]),
        idle=_mean([each.idle for each in all_of]),
        given_up=sum(each.given_up for each in counts) / max(sum(each.placed for each in counts), 1),
        machines=machines / max(joined, 1),
        mistaken=sum(each.mistaken for each in counts) / max(joined - machines, 1),
        outcomes=all_of,
    )


def _mean(figures: Sequence[float]) -> float:
    return sum(figures) / len(figures)
