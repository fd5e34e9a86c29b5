"""What does somebody see who simulates a day? How far it is, then what came of the calls and of the promises."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.status import Status
from rich.table import Table

from dialer.adapters.carrier.witness import Promise
from dialer.adapters.simulated.carried import CarrierLog
from dialer.commands import simulate_agents_screen
from dialer.commands.simulate import Outcome
from dialer.commands.simulate_team import TeamsDay
from dialer.trials.compare import summary

WIDE = 130  # columns of the widest table


class Progress:
    """A line that changes on a terminal; a line for each simulated hour where there is none."""

    def __init__(self, console: Console, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone
        self._status = Status("reading the list", console=console) if console.is_terminal else None
        self._told = ""
        if self._status is not None:
            self._status.start()

    def show(self, now: datetime, log: CarrierLog) -> None:
        local = now.astimezone(self._zone)
        if self._status is not None:
            self._status.update(f"{local:%a %H:%M}  {log.placed} calls placed, {log.at_once} now")
        elif self._told != (hour := f"{local:%a %H}:00"):
            self._told = hour
            self._console.print(f"{hour}  {log.placed} calls placed, {log.at_once} now")

    def end(self) -> None:
        if self._status is not None:
            self._status.stop()


def show_outcome(console: Console, outcome: Outcome) -> None:
    show_dispositions(console, outcome.dispositions)
    show_counts(console, "Contacts called so often", "calls", outcome.calls_per_contact)
    contacts = ", ".join(f"{count} {word}" for word, count in outcome.contacts.items())
    console.print(f"list: {', '.join(f'{count} {word}' for word, count in outcome.rows.items())}", soft_wrap=True)
    console.print(f"contacts: {contacts}", soft_wrap=True)
    longest = f"{outcome.longest_wait.total_seconds():.0f} s"
    console.print(f"at most {outcome.most_at_once} calls at once, {outcome.busiest_second} in the busiest second")
    console.print(f"longest wait past due while channels were free: {longest}")
    console.print(
        f"{_span(outcome.simulated)} in {_span(outcome.took)}: {outcome.simulated / outcome.took:.0f} times as fast"
    )
    console.print()
    if outcome.team is not None:
        show_team(console, outcome.team)
    show_promises(console, outcome.promises)


def show_team(console: Console, team: TeamsDay) -> None:
    simulate_agents_screen.show(console, team.wanted, [summary([team.floor])])
    talks = sorted(team.talks.values())
    console.print(f"talks of an agent: {talks[0]} to {talks[-1]}" if talks else "nobody talked")
    console.print(f"longest silence after an answer: {team.longest_silence.total_seconds():.2f} s\n")


def draw_team(team: TeamsDay, file: Path) -> None:
    """As SVG."""
    simulate_agents_screen.draw(team.wanted, [summary([team.floor])], file)


def show_dispositions(console: Console, dispositions: Mapping[str, int]) -> None:
    show_counts(console, "Attempts by disposition", "disposition", dispositions)


def show_counts(console: Console, title: str, what: str, counts: Mapping[Any, int]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column(what)
    table.add_column("count", justify="right")
    table.add_column("share", justify="right")
    total = sum(counts.values())
    for word, count in counts.items():
        table.add_row(str(word), str(count), f"{count / total:.0%}")
    console.print(table)


def show_promises(console: Console, promises: Sequence[Promise]) -> None:
    for promise in promises:
        mark = "[green]kept  [/]" if promise.is_kept else "[red]BROKEN[/]"
        console.print(f"{mark} {promise.what}: {promise.found}", soft_wrap=True)


def write_report(outcome: Outcome, file: Path) -> None:
    """Spans in seconds."""
    shown = {each.name: getattr(outcome, each.name) for each in fields(Outcome)} | {
        "promises": [{"what": each.what, "is_kept": each.is_kept, "found": each.found} for each in outcome.promises],
        "team": _team_shown(outcome.team) if outcome.team else None,
    }
    file.write_text(json.dumps(shown, indent=1, default=timedelta.total_seconds) + "\n", "utf-8")


def _team_shown(team: TeamsDay) -> Mapping[str, Any]:
    floor, counts = team.floor, team.floor.counts
    return {
        "agents": len({shift.agent for shift in team.wanted.shifts}),
        "utilisation": floor.utilisation,
        "live_answers": counts.live_answers,
        "connected": counts.joined,
        "abandoned": counts.abandoned,
        "abandoned_share": floor.abandoned,
        "abandonment_limit": team.wanted.rules.abandonment_limit,
        "worst_hour": floor.worst_hour,
        "given_up": counts.given_up,
        "mean_wait": floor.wait,
        "mean_idle": floor.idle,
        "longest_silence": team.longest_silence,
        "talks": team.talks,
    }


def _span(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f} h" if span >= timedelta(hours=2) else f"{span.total_seconds():.0f} s"
