"""How long does a pacing decision take, and what does each way of pacing make of the same hours?

    python -m bench.pacing                                     the time of a decision
    python -m bench.pacing --compare [--agents 10,20,50]       rivals and ours, in the world that flags describe
    python -m bench.pacing --worlds                            ours, in the worlds in which the limit must hold
    python -m bench.pacing --campaigns                         ours, in campaigns of a thousand live answers
    python -m bench.pacing --numbers                           what a chance per number is worth

One seed is one campaign; the same seed is the same day for every policy, as far as they place the same calls. Decisions
are measured in processor time of their thread, and by the clock, which other work on the machine disturbs.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from dialer.agents.pacer import Pacer
from dialer.core.abandonment import Tally
from dialer.core.chances import Traits
from dialer.core.pacing import PacingRules
from dialer.trials.catalogue import CAMPAIGNS, DIFFERENT, HARD
from dialer.trials.compare import OURS, POLICIES, Trial, summaries
from dialer.trials.worlds import World

DECISIONS = 4_000
APART = 0.025  # s between decisions: some of them make the tables anew
SIZES = ((10, 30), (50, 200), (200, 1_000))  # agents, calls that ring
GOAL = 1.0  # ms of processor time, for 99 of 100 decisions of the largest team
TALLY = [Tally(20_000, 560)]


def crowd(agents: int, calls: int) -> Pacer:
    """A floor in full swing, with calls and talks of every age."""
    dice, pacer = random.Random(1), Pacer(PacingRules())
    for agent in range(agents):
        pacer.ready(agent, -300.0)
        if (doing := dice.random()) < 0.78:
            pacer.talks(agent, f"call of {agent}", -dice.expovariate(1 / 90.0))
        elif doing < 0.95:
            pacer.wraps_up(agent, -dice.expovariate(1 / 20.0))
    for call in range(calls):
        pacer.placed(call, Traits(number_type=dice.choice(("mobile", "fixed"))), -dice.uniform(0.0, 25.0))
    return pacer


def decisions(agents: int, calls: int, clock: Callable[[], float]) -> list[float]:
    """Milliseconds of each, in order of length."""
    pacer, took = crowd(agents, calls), []
    for decision in range(DECISIONS):
        begun = clock()
        pacer.decide(decision * APART, TALLY, 500)
        took.append((clock() - begun) * 1e3)
    return sorted(took)


def measure() -> None:
    print("one decision, ms        processor time              by the clock")
    rare = 0.0
    for agents, calls in SIZES:
        shown = []
        for clock in (time.thread_time, time.perf_counter):
            took = decisions(agents, calls, clock)
            shown.append(f"p50 {took[len(took) // 2]:.3f} p99 {took[int(len(took) * 0.99)]:.3f}")
            if clock is time.thread_time:
                rare = took[int(len(took) * 0.99)]
        print(f"{agents:4} agents {calls:5} ring   {'   '.join(shown)}")
    print(f"99 of 100 decisions for the largest team take {rare:.3f} ms at most; {GOAL} ms are the goal"
          f" ({'kept' if rare < GOAL else 'MISSED'})")  # fmt: skip


def compare(worlds: Iterable[World], policies: Sequence[str], seeds: int, title: str) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("world", "pacing", "utilisation", "abandoned", "worst campaign", "worst hour", "live answers"):
        table.add_column(column, justify="left" if column in ("world", "pacing") else "right")
    trials = [Trial(world, policy, 1 + seed) for world in worlds for policy in policies for seed in range(seeds)]
    for each in summaries(trials):
        table.add_row(
            each.world,
            each.policy,
            f"{each.utilisation:.1%}",
            f"{each.abandoned:.2%}",
            f"{each.most_abandoned:.2%}",
            f"{each.worst_hour:.1%}",
            f"{each.live_answers:.0f}",
        )
    Console(width=140).print(table)


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--compare", action="store_true", help="rivals and ours")
    parser.add_argument("--worlds", action="store_true", help="ours in hard worlds")
    parser.add_argument("--campaigns", action="store_true", help="ours, in campaigns of a thousand live answers")
    parser.add_argument(
        "--numbers", action="store_true", help="with a chance per number, without its past, and with none"
    )
    parser.add_argument("--agents", default="10,20,50", help="teams, e.g. 5,10,20 [10,20,50]")
    parser.add_argument("--answered", type=float, default=0.3, help="share of calls that are answered [0.3]")
    parser.add_argument("--ring", type=float, default=12.0, help="mean seconds until an answer [12]")
    parser.add_argument("--talk", type=float, default=90.0, help="mean seconds of a talk [90]")
    parser.add_argument("--talk-cv", type=float, default=1.0, help="its spread over its mean [1]")
    parser.add_argument("--wrap-up", type=float, default=20.0, help="mean seconds of a wrap-up [20]")
    parser.add_argument("--hours", type=float, help="of a shift [8, or the world's own]")
    parser.add_argument("--seeds", type=int, default=2, help="campaigns in each world [2]")
    parser.add_argument("--policies", help=f"some of: {', '.join(POLICIES)}")
    return parser.parse_args()


def lasting(worlds: Iterable[World], hours: float | None) -> list[World]:
    return [replace(world, lasts=timedelta(hours=hours)) if hours else world for world in worlds]


def main() -> None:
    given = flags()
    policies = given.policies.split(",") if given.policies else list(POLICIES)
    if given.compare:
        described = World(
            "", 1, given.answered, ring_mean=given.ring, talk_mean=given.talk, talk_cv=given.talk_cv,
            wrap_mean=given.wrap_up,
        )  # fmt: skip
        teams = [replace(described, name=f"{team} agents", agents=int(team)) for team in given.agents.split(",")]
        compare(lasting(teams, given.hours), policies, given.seeds, "Ways of pacing")
    if given.worlds:
        compare(lasting(HARD, given.hours), [OURS], given.seeds, "Worlds in which the limit must hold")
    if given.campaigns:
        compare(lasting(CAMPAIGNS, given.hours), [OURS], given.seeds, "Campaigns of a thousand live answers")
    if given.numbers:
        known = [OURS, f"{OURS}, past unknown", f"{OURS}, numbers alike"]
        compare(lasting(DIFFERENT, given.hours), known, given.seeds, "A chance per number")
    if not (given.compare or given.worlds or given.campaigns or given.numbers):
        measure()


if __name__ == "__main__":
    main()
