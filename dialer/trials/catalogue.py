"""In which worlds must the limit hold?"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from dialer.trials.worlds import Hearing, World

HOUR = 3600.0

# The world in which rivals were compared before: 30 % answer after 12 s, talks of 90 s, wrap-ups of 20 s.
TEAMS = tuple(World(f"{agents} agents", agents) for agents in (3, 5, 10, 20, 50, 100))


def _world(name: str, agents: int, hours: float, **about: object) -> World:
    return World(name, agents, lasts=timedelta(hours=hours), **about)  # type: ignore[arg-type]


_USUAL: Sequence[World] = (
    _world("few answer", 20, 2, answered=0.1),
    _world("most answer", 20, 2, answered=0.7),
    _world("a team of three, most answer", 3, 3, answered=0.7),
    _world("long talks of every length", 10, 4, answered=0.2, talk_mean=240.0, talk_cv=1.5, wrap_mean=40.0),
    _world("very long tails", 20, 4, talk_mean=120.0, talk_cv=2.0),
    _world("answers threefold after an hour", 20, 2, answered=0.15, changes=((HOUR, 4.7),)),
    _world("answers drift", 15, 4, swing=0.8),
    _world("talks shorten, then lengthen", 30, 3, talk_changes=((HOUR, 0.3), (2 * HOUR, 2.0))),
    _world("a large team", 200, 0.75),
)

# What campaigns of a thousand live answers, below, have nothing of.
ODD: Sequence[World] = (
    _world("short talks", 10, 2, answered=0.6, talk_mean=25.0, wrap_mean=5.0),
    _world("slow answers, long rings", 10, 3, ring_mean=16.0, quick_failures=0.0, ring_limit=45.0),
    _world("failures at once", 10, 3, quick_failures=1.0),
    _world("answers threefold at the end", 100, 1, answered=0.15, changes=((0.92 * HOUR, 4.7),)),
    _world("answers fall and rise", 10, 3, answered=0.5, changes=((HOUR, 0.2), (2 * HOUR, 1.0))),
    _world("agents leave and come", 40, 4, staffing=((HOUR, 20), (2 * HOUR, 40), (3 * HOUR, 10))),
    _world("breaks", 15, 4, breaks=0.1),
    _world("machines, told from people", 20, 3, answered=0.5, machines=0.4, hearing=Hearing(0.22, 0.04)),
)

HARD = (*_USUAL, *ODD)

# Numbers that differ, and are known by their traits.
DIFFERENT = tuple(
    _world(f"{agents} agents, numbers differ{also}", agents, hours, variety=1.5, in_a_row=in_a_row, rhythm=rhythm)
    for also, in_a_row, rhythm in (("", 100, 0.0), (", by the hour", 100, 1.5), (", in any order", 1, 1.5))
    for agents, hours in ((10, 4), (30, 3))
)

ENOUGH = 1_000  # live answers: the fewest at which the limit must hold in every campaign
_LENGTHS = {3: (20.0, 4.0), 8: (60.0, 10.0), 20: (90.0, 20.0), 60: (150.0, 30.0), 200: (120.0, 20.0)}


def _campaigns(agents: int) -> Iterator[World]:
    """Whoever answers, however long talks are, and whatever changes on the way."""
    talk, wrap_up = _LENGTHS[agents]
    takes = ENOUGH * (talk + wrap_up) / (0.85 * agents)  # s, about
    early, late = 0.4 * takes, 0.7 * takes

    def world(name: str, answered: float, **about: object) -> World:
        team = {"talk_mean": talk, "wrap_mean": wrap_up, "ends_after": ENOUGH, "answered": answered}
        return _world(f"{agents} agents, {answered:.0%} answer, {name}", agents, takes / 900.0, **team, **about)

    yield world("heavy tails that change", 0.4, talk_cv=3.0, talk_changes=((early, 0.4), (late, 2.0)))
    if agents != 8:
        yield world("steady", 0.7)
    if agents > 3:  # with three, a thousand talks with the few who answer take days
        yield world("a drift", 0.1, talk_cv=2.0, swing=0.8)
    if agents > 8:
        yield world("a jump to three times, then a fall", 0.2, talk_cv=1.5, changes=((early, 3.9), (late, 0.5)))


def _half_of_them() -> Iterator[tuple[float, int]]:
    """Every five minutes half of the team goes, after the talk that each has, and is back after two and a half."""
    for at in range(300, 7_200, 450):
        yield from ((at, 60), (at + 150, 120))


COMING_AND_GOING = _world(
    "120 agents, 50% answer, half of them go and come", 120, 2,
    answered=0.5, talk_mean=60.0, staffing=tuple(_half_of_them()), ends_after=3 * ENOUGH,
)  # fmt: skip

CAMPAIGNS = tuple(world for agents in _LENGTHS for world in _campaigns(agents))
