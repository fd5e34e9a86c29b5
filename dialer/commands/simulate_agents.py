"""How long do so many agents, or those of a roster, need for this list, how busy are they, and what is abandoned?

A floor of agents without the rest of the engine: the pacing is the one in service, the calls and talks are dice.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.adapters.simulated.shifts import Shift, Span
from dialer.config import ConfigurationProblem
from dialer.core.pacing import PacingRules
from dialer.lists.calllist import RawRow, chunks_of, read_csv
from dialer.model import Mode
from dialer.trials.compare import OURS, RIVALS, Summary, Trial, summaries
from dialer.trials.roster import RosterProblem, last_end, read_roster, staffing
from dialer.trials.worlds import Hearing, World

SHIFT = timedelta(hours=8)
MOST = 1_000  # agents
LONGEST = timedelta(hours=24)
PHONES = ("phone_1", "phone_2", "phone_3")
LONGEST_RING = 60.0  # s; campaigns have limits of their own below it

POSSIBLE = {
    "ring": (0.1, 600),
    "ring_limit": (1, 600),
    "talk": (0.1, 36_000),
    "talk_cv": (0.01, 10),
    "wrap_up": (0, 3_600),
    "variety": (0, 2),
    "attempts": (1, 1_000),
    "gap_minutes": (0, 10_080),
    "seeds": (1, 1_000),
    "channels": (1, 10_000),
}

# What the flags say that are left out.
DICE = {
    "answered": 0.3,
    "ring": 12.0,
    "variety": 0.0,
    "machines": 0.0,
}  # of no use where a script says what every number does
PLAN = {
    "ring_limit": 25.0,
    "attempts": 3,
    "gap_minutes": 60.0,
    "abandonment_limit": 0.03,
    "seeds": 3,
}  # or campaigns do


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be simulated; the course of the first seed is plotted."""

    world: World
    begins: datetime
    seeds: int
    policies: Sequence[str]
    rules: PacingRules
    plot: Path | None
    shifts: Sequence[Shift] = ()


def add_flags(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--agents", type=int, metavar="N", help="so many agents take the calls; none of the engine but its pacing"
    )
    parser.add_argument(
        "--roster", type=Path, metavar="CSV", help="the same with agents by their shifts and breaks, instead of N"
    )
    agents = parser.add_argument_group("with --agents or --roster")
    agents.add_argument("--answered", type=float, help="share of calls that somebody answers [0.3]")
    agents.add_argument("--ring", type=float, help="seconds until the answer, in the mean [12]")
    agents.add_argument("--ring-limit", type=float, help="seconds until a call is given up [25]")
    agents.add_argument("--talk", type=float, default=90.0, help="seconds of a talk, in the mean [90]")
    agents.add_argument("--talk-cv", type=float, default=1.0, help="spread of talks over their mean [1]")
    agents.add_argument("--wrap-up", type=float, default=20.0, help="seconds after a talk, in the mean [20]")
    agents.add_argument(
        "--variety", type=float, help="how much numbers differ in their chance of an answer: 0 to 2 [0]"
    )
    agents.add_argument(
        "--machines", type=float,
        help="share of the answers that are answering machines'; see --detect-machines, --machines-missed, "
        "--people-mistaken [0]",
    )  # fmt: skip
    agents.add_argument("--attempts", type=int, help="calls to a contact that does not answer [3]")
    agents.add_argument("--gap-minutes", type=float, help="between them [60]")
    agents.add_argument("--abandonment-limit", type=float, help="share of live answers [0.03]")
    agents.add_argument("--seeds", type=int, help="days of the same kind [3]")
    agents.add_argument("--compare", action="store_true", help="beside the rules of other dialers")
    agents.add_argument("--plot", type=Path, metavar="SVG", help="draw the first day there")


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is there: at first, and from so many seconds on."""

    name: str
    agents: int
    changes: Sequence[tuple[float, int]]
    shifts: Sequence[Shift] = ()  # empty: all are there all the time


def is_asked_for(given: Namespace) -> bool:
    return given.agents is not None or given.roster is not None


def is_alone(given: Namespace) -> bool:
    """Whether the floor is wanted without the rest of the engine."""
    return is_asked_for(given) and given.campaigns is None


def wanted(given: Namespace, begins: datetime, until: datetime | None) -> Wanted:
    """
    Args:
        begins: where the agents are; a roster's times are wall clock there.

    Raises:
        ConfigurationProblem: the flags cannot be met; the message names the flag.
    """
    given = _completed(given)
    staff = _staff(given, begins)
    lasts = (until or (last_end(staff.shifts) if staff.shifts else begins + SHIFT)) - begins
    _hold(timedelta() < lasts <= LONGEST, f"--until: a shift of {lasts} is none; up to 24 hours after --from are")
    _hold(0 < given.answered < 1, f"--answered {given.answered}: it is a share, like 0.3")
    for flag, (least, most) in POSSIBLE.items():
        value = getattr(given, flag)
        named = f"--{flag.replace('_', '-')} {value}"
        _hold(least <= value <= most, f"{named}: {least:g} to {most:g} are possible")
    _hold(0 <= given.machines < 1, f"--machines {given.machines}: it is a share, like 0.2")
    _hold(given.plot is None or given.plot.absolute().parent.is_dir(), f"--plot {given.plot}: there is no such folder")
    _hold(given.plot is None or not given.plot.is_dir(), f"--plot {given.plot}: it is a folder, and no file")
    debtors = contacts(given.list)
    _hold(debtors > 0, f"{given.list}: nobody on it has a number")
    _hold(0 <= given.abandonment_limit < 1, f"--abandonment-limit {given.abandonment_limit}: it is a share, like 0.03")
    return Wanted(
        world=World(
            name=staff.name,
            agents=staff.agents,
            staffing=staff.changes,
            answered=given.answered,
            lasts=lasts,
            ring_mean=given.ring,
            ring_limit=given.ring_limit,
            talk_mean=given.talk,
            talk_cv=given.talk_cv,
            wrap_mean=given.wrap_up,
            variety=given.variety,
            machines=given.machines,
            hearing=None if given.campaigns else _hearing(given),  # the engine has ears of its own
            trunk=given.channels,
            begins_at=begins.hour,
            contacts=debtors,
            attempts=given.attempts,
            gap=given.gap_minutes * 60.0,
        ),
        begins=begins,
        seeds=given.seeds,
        policies=[OURS, *RIVALS] if given.compare else [OURS],
        rules=PacingRules(mode=Mode.PREDICTIVE, abandonment_limit=given.abandonment_limit),
        plot=given.plot,
        shifts=staff.shifts or _all_day(staff.agents, begins, lasts),
    )


def _all_day(agents: int, begins: datetime, lasts: timedelta) -> list[Shift]:
    span = Span(begins.astimezone(UTC), begins.astimezone(UTC) + lasts)
    return [Shift(f"agent-{number:03d}", span) for number in range(1, agents + 1)]


def _completed(given: Namespace) -> Namespace:
    """Whoever says nothing wants what is usual."""
    said = {name: value for name, value in vars(given).items() if value is not None}
    by_campaigns = {"ring_limit": LONGEST_RING} if given.campaigns else {}
    return Namespace(**(vars(given) | DICE | PLAN | by_campaigns | said))


def _staff(given: Namespace, begins: datetime) -> Staff:
    if given.roster is None:
        _hold(0 < given.agents <= MOST, f"--agents {given.agents}: 1 to {MOST} are possible")
        return Staff(f"{given.agents} agents", given.agents, ())
    _hold(given.agents is None, "--agents and --roster: one of them says who is there")
    if not isinstance(begins.tzinfo, ZoneInfo):
        raise TypeError(f"wall clock of nowhere: {begins!r}")
    try:
        with given.roster.open(encoding="utf-8-sig", newline="") as lines:
            shifts = read_roster(lines, begins.date(), begins.tzinfo)
    except OSError as error:
        raise ConfigurationProblem(f"--roster {given.roster}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationProblem(f"--roster {given.roster}: it is not UTF-8") from error
    except RosterProblem as error:
        raise ConfigurationProblem(f"--roster {given.roster}: {error}") from error
    (_, at_first), *changes = staffing(shifts, begins.astimezone(UTC))
    names = {shift.agent for shift in shifts}
    _hold(len(names) <= MOST, f"--roster {given.roster}: {len(names)} agents; {MOST} are possible")
    _hold(last_end(shifts) > begins, f"--roster {given.roster}: everybody has gone before --from")
    return Staff(f"{len(names)} agents by their roster", at_first, changes, shifts)


def _hearing(given: Namespace) -> Hearing | None:
    for flag, share in (("machines-missed", given.missed), ("people-mistaken", given.mistaken)):
        _hold(0 <= share <= 1, f"--{flag} {share}: it is a share, like 0.2")
        _hold(given.detects or not share, f"--{flag} says how well --detect-machines does: give it, too")
    return Hearing(given.missed, given.mistaken) if given.detects else None


def contacts(call_list: Path) -> int:
    """How many debtors of a list have a number.

    Raises:
        ConfigurationProblem: it cannot be read.
        FileProblem: it is no call list.
    """
    try:
        rows = [row.values for row in read_csv(chunks_of(call_list)) if isinstance(row, RawRow)]
    except OSError as error:
        raise ConfigurationProblem(f"{call_list}: {error.strerror}") from error
    return len({(row["client_id"], row["debtor_id"]) for row in rows if any(row.get(phone) for phone in PHONES)})


def simulate(wanted: Wanted) -> list[Summary]:
    """One for each policy, over all seeds."""
    seeds = range(1, wanted.seeds + 1)
    trials = [Trial(wanted.world, policy, seed, wanted.rules) for policy in wanted.policies for seed in seeds]
    return list(summaries(trials))


def _hold(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise ConfigurationProblem(otherwise)
