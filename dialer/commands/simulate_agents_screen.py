"""What does somebody see who simulates a floor of agents? A table of policies, and how the day went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialer.commands.simulate_agents import Wanted
from dialer.commands.simulate_team import ENGINE
from dialer.config import ConfigurationProblem
from dialer.trials.compare import OURS, Outcome, Summary, merged
from dialer.trials.floor import SPAN, Counts
from dialer.trials.plot import Line, svg

BARS = "▁▂▃▄▅▆▇█"
PART = 6  # of the course: half an hour


def show(console: Console, wanted: Wanted, found: Sequence[Summary]) -> None:
    console.print(table(wanted, found))
    console.print(hours(wanted, found))
    for each in found:
        if each.policy in (OURS, ENGINE):
            if wanted.world.machines:
                console.print(of_machines(wanted, each))
            _show_course(console, wanted, each.outcomes[0])


def table(wanted: Wanted, found: Sequence[Summary]) -> Table:
    days = f", {wanted.seeds} days" if wanted.seeds > 1 else ""
    title = f"{wanted.world.name}, {wanted.world.contacts} contacts{days}"
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("pacing", no_wrap=True)
    for column in ("busy", "abandoned", "worst", "hour", "answers", "wait", "idle", "called"):
        shown.add_column(column, justify="right")
    limit = wanted.rules.abandonment_limit
    for each in found:
        is_over = each.abandoned > limit
        shown.add_row(
            each.policy,
            f"{each.utilisation:.1%}",
            f"{'[red]' if is_over else ''}{each.abandoned:.2%}",
            f"{each.most_abandoned:.2%}",
            f"{each.worst_hour:.1%}",
            f"{each.live_answers:.0f}",
            f"{each.wait * 1000:.0f} ms",
            f"{each.idle:.0f} s",
            finished(wanted.begins, each.outcomes),
        )
    return shown


def of_machines(wanted: Wanted, found: Summary) -> str:
    """What came of those that answered, and of people who were taken for them."""
    talks = f"machines: {found.machines:.1%} of the calls that agents took"
    mistaken = f"; {found.mistaken:.1%} as many people as agents spoke with were taken for machines and hung up on"
    return talks + (mistaken if wanted.world.hearing else "")


def hours(wanted: Wanted, found: Sequence[Summary]) -> Table:
    """What share of the live answers was abandoned in each hour, and in that hour of the worst day."""
    title = "abandoned, % of live answers, in each hour" + (" of all days / of the worst" if wanted.seeds > 1 else "")
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    shown.add_column("pacing", no_wrap=True)
    lasts = max(len(outcome.hours) for each in found for outcome in each.outcomes)
    for hour in range(lasts):
        shown.add_column(f"{wanted.begins + timedelta(hours=hour):%H:%M}", justify="right")
    for each in found:
        days = [outcome.hours for outcome in each.outcomes]
        shown.add_row(each.policy, *(_share([day[hour] for day in days if hour < len(day)]) for hour in range(lasts)))
    return shown


def _share(days: Sequence[Counts]) -> str:
    """Of one hour on several days; nothing where nobody answered."""
    shares = [100 * each.abandoned / each.live_answers for each in (merged(days), *days) if each.live_answers]
    if len(days) > 1 and shares:
        return f"{shares[0]:.1f}/{max(shares):.1f}"
    return f"{shares[0]:.1f}" if shares else ""


def finished(begins: datetime, outcomes: Sequence[Outcome]) -> str:
    """When the list was called, or how much of it at the end; of several days, the middle one."""
    middle = sorted(outcomes, key=lambda each: (not each.is_finished, each.took, -each.called))[len(outcomes) // 2]
    return f"{begins + middle.took:by %H:%M}" if middle.is_finished else f"{middle.called:.0%}"


def draw(wanted: Wanted, found: Sequence[Summary], file: Path) -> None:
    """Utilisation and abandoned calls so far, over the first day, as SVG.

    Raises:
        ConfigurationProblem: it cannot be written.
    """
    lines = [Line(each.policy, each.outcomes[0].course) for each in found]
    try:
        file.write_text(svg(lines, wanted.begins, wanted.rules.abandonment_limit), "utf-8")
    except OSError as error:
        raise ConfigurationProblem(f"--plot {file}: {error.strerror}") from error


def _show_course(console: Console, wanted: Wanted, outcome: Outcome) -> None:
    parts = [merged(outcome.course[begin : begin + PART]) for begin in range(0, len(outcome.course), PART)]
    busy = [part.busy / part.staffed if part.staffed else 0.0 for part in parts]
    console.print(f"busy, each half hour from {wanted.begins:%H:%M}: {''.join(_bar(each) for each in busy)}  "
                  f"{min(busy):.0%} to {max(busy):.0%}")  # fmt: skip
    if wanted.world.staffing:
        there = [part.staffed / (SPAN * PART) for part in parts]
        console.print(f"agents there, 0 to {max(there):.0f}:               "
                      f"{''.join(_bar(each / (max(there) or 1.0)) for each in there)}")  # fmt: skip
    shares = [part.abandoned / part.live_answers if part.live_answers else 0.0 for part in parts]
    top = max(2 * wanted.rules.abandonment_limit, 0.02)
    console.print(f"abandoned, 0 to {top:.0%}:              {''.join(_bar(each / top) for each in shares)}")


def _bar(share: float) -> str:
    return BARS[min(max(int(share * len(BARS)), 0), len(BARS) - 1)]
