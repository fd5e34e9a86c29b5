"""How is a simulation asked for on the command line?"""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.adapters.carrier.script import Role, ScriptProblem, read_script
from dialer.adapters.simulated.stories import Errors
from dialer.commands import simulate_agents, simulate_team
from dialer.commands.simulate import Wanted
from dialer.config import ConfigurationProblem
from dialer.config_files import profiles_in
from dialer.core.numbers import NumberingPlan
from dialer.core.trunks import TrunkLimits
from dialer.model import Mode

HOME = ZoneInfo("Europe/Warsaw")  # of moments without an offset
LONGEST = timedelta(days=7)  # unless --until says otherwise
NAMES = {"detects": "detect-machines", "missed": "machines-missed", "mistaken": "people-mistaken", "keep": "database"}
OUTSTANDING = 50  # calls sent that have not begun: a simulated switch begins each at once


def add_flags(parser: ArgumentParser) -> None:
    """They are not settings of the installation, though some are named as those are: hence the other destinations."""
    parser.add_argument("--list", type=Path, required=True, metavar="CSV", help="the call list")
    parser.add_argument(
        "--campaigns", type=Path, metavar="JSON", help="an array of the campaigns it names; optional with --agents"
    )
    parser.add_argument(
        "--outcomes", type=Path, metavar="CSV", help="what each number does when it is called [all listen]"
    )
    parser.add_argument(
        "--detect-machines",
        dest="detects",
        action="store_true",
        help="tell answering machines from people in every campaign, and on a floor of agents [where machine_detection "
        "says so]",
    )
    parser.add_argument(
        "--machines-missed", dest="missed", type=float, default=0.0, metavar="SHARE",
        help="of the machines, those that are taken for people [0]",
    )  # fmt: skip
    parser.add_argument(
        "--people-mistaken", dest="mistaken", type=float, default=0.0, metavar="SHARE",
        help="of the people, those who are taken for machines [0]",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="begins", metavar="MOMENT", required=True, help="e.g. 2026-11-23T07:50, in Warsaw"
    )
    parser.add_argument("--until", metavar="MOMENT", help="the end, if not everybody is called before [7 days later]")
    parser.add_argument("--channels", type=int, default=200, help="calls that may exist at the same time [200]")
    parser.add_argument(
        "--calls-per-second", dest="rate", type=float, default=20.0, help="calls that may be placed in any second [20]"
    )
    parser.add_argument("--copies", type=int, default=1, help="take the list so often, for clients of its own each [1]")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same days [1]")
    parser.add_argument(
        "--plan", dest="numbers", choices=list(NumberingPlan), default=NumberingPlan.TEST, help="numbering plan [test]"
    )
    parser.add_argument(
        "--profiles", dest="profiles_file", default="", metavar="JSON", help="rule profiles beside the shipped ones"
    )
    parser.add_argument(
        "--database", dest="keep", metavar="URL", help="an empty database that is to keep the rows [a file in memory]"
    )
    simulate_agents.add_flags(parser)
    parser.add_argument(
        "--mode",
        choices=[Mode.PREDICTIVE, Mode.PROGRESSIVE, Mode.PREVIEW],
        help="of every campaign, with --agents [as each says]",
    )
    parser.add_argument("--report", type=Path, metavar="JSON", help="write the outcome there, for machines")


def wanted(given: Namespace) -> Wanted:
    """What the flags ask for.

    Raises:
        ConfigurationProblem: they cannot be met; the message names the flag.
    """
    if given.campaigns is None:
        raise ConfigurationProblem("--campaigns is missing: the settings of the campaigns that the list names")
    begins, until = _hours(given)
    team = _team(given)
    until = begins + team.floor.world.lasts if team else until or begins + LONGEST
    if not 1 <= given.copies <= 100:
        raise ConfigurationProblem(f"--copies {given.copies}: 1 to 100 are possible")
    try:
        limits = TrunkLimits(given.rate, given.channels, OUTSTANDING)
    except ValueError as error:
        raise ConfigurationProblem(f"--channels, --calls-per-second: {error}") from error
    try:
        errors = Errors(given.missed, given.mistaken)
    except ValueError as error:
        raise ConfigurationProblem(f"--machines-missed, --people-mistaken: {error}") from error
    return Wanted(
        call_list=given.list,
        campaigns=given.campaigns,
        script=_script(given.outcomes) if given.outcomes else None,
        begins=begins,
        until=until,
        limits=limits,
        profiles=profiles_in(given.profiles_file),
        plan=NumberingPlan(given.numbers),
        seed=given.seed,
        copies=given.copies,
        detects_machines=given.detects,
        errors=errors,
        team=team,
        database=given.keep,
    )


def _team(given: Namespace) -> simulate_team.Team | None:
    """Agents within the whole engine."""
    if not simulate_agents.is_asked_for(given):
        _refuse(given, ("mode", *simulate_agents.DICE, *simulate_agents.PLAN, "compare", "plot"), "without --agents")
        return None
    _refuse(given, simulate_agents.PLAN, "with --campaigns, which say it")
    _refuse(given, ("compare",), "with --campaigns: other dialers are compared on floors alone")
    if given.outcomes:
        _refuse(given, simulate_agents.DICE, "with --outcomes, which say what every number does")
    begins, until = _hours(given)
    floor = simulate_agents.wanted(given, begins.astimezone(HOME), until)
    return simulate_team.Team(floor, Mode(given.mode) if given.mode else None)


def _refuse(given: Namespace, flags: Iterable[str], where: str) -> None:
    for flag in flags:
        if getattr(given, flag):
            raise ConfigurationProblem(f"--{NAMES.get(flag, flag).replace('_', '-')} has no meaning {where}")


def wanted_of_agents(given: Namespace) -> simulate_agents.Wanted:
    """What the flags ask for if they name agents.

    Raises:
        ConfigurationProblem: they cannot be met; the message names the flag.
    """
    of_the_engine = ("outcomes", "keep", "report", "mode")
    _refuse(given, of_the_engine, "with --agents or --roster without --campaigns, which simulate the floor alone")
    begins, until = _hours(given)
    return simulate_agents.wanted(given, begins.astimezone(HOME), until)


def _hours(given: Namespace) -> tuple[datetime, datetime | None]:
    begins = _moment("--from", given.begins)
    until = _moment("--until", given.until) if given.until else None
    if until is not None and until <= begins:
        raise ConfigurationProblem(f"--until {given.until} must lie after --from {given.begins}")
    return begins, until


def _moment(flag: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationProblem(f"{flag} is {text!r}; it should be like 2026-11-23T07:50") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=HOME)).astimezone(UTC)


def _script(file: Path) -> Sequence[Role]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return read_script(lines)
    except OSError as error:
        raise ConfigurationProblem(f"--outcomes {file}: {error.strerror}") from error
    except ScriptProblem as error:
        raise ConfigurationProblem(f"--outcomes {file}: {error}") from error
