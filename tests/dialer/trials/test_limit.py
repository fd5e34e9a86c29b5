"""Does the pacing keep the limit for abandoned calls, and agents busy, whatever the world is like?

Seeds are fixed. Campaigns end at about a thousand live answers, the fewest at which the limit must hold in each.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.core.pacing import PacingRules
from dialer.trials.catalogue import CAMPAIGNS, COMING_AND_GOING, ENOUGH, ODD
from dialer.trials.compare import OURS, Outcome, Trial
from dialer.trials.worlds import World

LIMIT = 0.03


def campaign(world: World, seed: int = 1, policy: str = OURS, rules: PacingRules | None = None) -> Outcome:
    return Trial(world, policy, seed, rules or PacingRules()).run()


def together(outcomes: Sequence[Outcome]) -> float:
    return sum(each.counts.abandoned for each in outcomes) / sum(each.counts.live_answers for each in outcomes)


@pytest.mark.parametrize("world", ODD, ids=lambda world: world.name)
def test_the_limit_holds_in_odd_worlds(world: World) -> None:
    """Steady worlds until there are enough answers, others for as long as they change."""
    outcome = campaign(world if world.changes or world.staffing else replace(world, ends_after=ENOUGH))

    if outcome.counts.live_answers >= ENOUGH:
        assert outcome.abandoned <= LIMIT
    else:
        assert outcome.counts.abandoned <= LIMIT * outcome.counts.live_answers + 2


@pytest.mark.parametrize("world", CAMPAIGNS, ids=lambda world: world.name)
def test_the_limit_holds_in_every_campaign_of_a_thousand_live_answers(world: World) -> None:
    """From 3 agents to 200, where 10 to 70 % answer, with talks of heavy tails, jumps and drifts."""
    outcome = campaign(world)

    assert outcome.counts.live_answers >= ENOUGH
    assert outcome.abandoned <= LIMIT


def test_the_limit_holds_and_agents_are_busy_while_half_of_a_team_goes_and_comes() -> None:
    outcome = campaign(COMING_AND_GOING, seed=2)

    assert outcome.abandoned <= LIMIT
    assert outcome.utilisation >= 0.82


@pytest.mark.parametrize(("agents", "answers"), [(3, 40), (10, 60), (10, 150), (50, 150), (200, 400)])
def test_the_limit_holds_in_expectation_for_small_campaigns(agents: int, answers: int) -> None:
    world = World("small", agents, ends_after=answers)

    assert together([campaign(world, seed) for seed in range(1, 1 + 600 // answers)]) <= LIMIT


def test_a_lower_limit_holds_in_expectation_too() -> None:
    world, rules = World("small", 50, ends_after=150), PacingRules(abandonment_limit=0.01)

    assert together([campaign(world, seed, rules=rules) for seed in range(1, 7)]) <= rules.abandonment_limit


@pytest.mark.parametrize(("agents", "hours", "goal"), [(10, 3.0, 0.79), (20, 2.0, 0.85), (50, 1.5, 0.91)])
def test_agents_are_as_busy_as_the_best_ratio_chosen_in_hindsight_would_keep_them(
    agents: int, hours: float, goal: float
) -> None:
    outcome = campaign(World("rivals' world", agents, lasts=timedelta(hours=hours)))

    assert outcome.utilisation >= goal
    assert outcome.abandoned <= LIMIT


def test_agents_are_busier_than_with_rivals_that_keep_the_limit() -> None:
    world = World("rivals' world", 10, lasts=timedelta(hours=2))
    rivals = ("progressive", "VICIdial available only", "Wombat boost 1.3", "Issabel")

    best = max(campaign(world, policy=rival).utilisation for rival in rivals)

    assert campaign(world).utilisation > best + 0.05


def test_a_chance_for_each_number_keeps_agents_busier_where_numbers_differ() -> None:
    """Of a list that is sorted, as lists are."""
    world = World("numbers differ", 30, lasts=timedelta(hours=1.5), variety=1.5, in_a_row=100)

    assert campaign(world).utilisation > campaign(world, policy=f"{OURS}, numbers alike").utilisation + 0.005


def test_a_day_s_credit_is_not_burnt_in_one_hour() -> None:
    assert campaign(World("steady", 20, lasts=timedelta(hours=2))).worst_hour < 0.045


def test_a_stricter_limit_is_kept_too() -> None:
    world = World("strict", 20, ends_after=ENOUGH)

    assert campaign(world, rules=PacingRules(abandonment_limit=0.01)).abandoned <= 0.01


def test_calls_that_may_not_be_given_up_are_not() -> None:
    world = World("patient", 10, ends_after=300)

    outcome = campaign(world, rules=PacingRules(shortest_ring=None))

    assert outcome.counts.given_up == 0
    assert outcome.abandoned <= LIMIT
