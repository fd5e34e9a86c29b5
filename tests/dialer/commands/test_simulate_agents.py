"""What does ``dzwonek simulate --agents`` make of its flags, and what does it show?"""

import io
import re
from argparse import ArgumentParser
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

import lab
from dialer.commands import simulate_agents, simulate_agents_screen, simulate_flags
from dialer.commands.simulate_agents import Wanted
from dialer.config import ConfigurationProblem
from dialer.trials.compare import OURS, RIVALS, Outcome, summary
from dialer.trials.floor import Counts
from dialer.trials.worlds import Hearing

LIST = Path(lab.__file__).parent / "data" / "calllist_2000.csv"
SHIFTS = LIST.with_name("roster_12.csv")


def wanted(*flags: str) -> Wanted:
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)
    given = ["--list", str(LIST), "--from", "2026-11-23T09:00", "--agents", "5", *flags]
    return simulate_flags.wanted_of_agents(parser.parse_args(given))


def test_the_list_says_how_many_are_to_be_called() -> None:
    assert 1_500 < (wanted().world.contacts or 0) < 2_000


def test_a_shift_lasts_eight_hours_unless_it_is_said() -> None:
    assert wanted().world.lasts == timedelta(hours=8)
    assert wanted("--until", "2026-11-23T12:30").world.lasts == timedelta(hours=3, minutes=30)


def test_every_flag_has_its_effect() -> None:
    given = wanted(
        "--answered", "0.4", "--ring", "9", "--ring-limit", "30", "--talk", "60", "--talk-cv", "1.5", "--wrap-up", "5",
        "--variety", "1", "--attempts", "2", "--gap-minutes", "30", "--abandonment-limit", "0.02", "--seeds", "4",
        "--channels", "50", "--machines", "0.3", "--detect-machines", "--machines-missed", "0.2",
        "--people-mistaken", "0.05", "--compare", "--plot", "day.svg",
    )  # fmt: skip

    world = given.world
    assert (world.agents, world.answered, world.ring_mean, world.ring_limit) == (5, 0.4, 9.0, 30.0)
    assert (world.talk_mean, world.talk_cv, world.wrap_mean, world.variety) == (60.0, 1.5, 5.0, 1.0)
    assert (world.attempts, world.gap, world.trunk, world.begins_at) == (2, 1_800.0, 50, 9)
    assert (world.machines, world.hearing) == (0.3, Hearing(missed=0.2, mistaken=0.05))
    assert (given.rules.abandonment_limit, given.seeds, given.plot) == (0.02, 4, Path("day.svg"))
    assert list(given.policies) == [OURS, *RIVALS]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--agents", "0"], "--agents 0"),
        (["--answered", "30"], "--answered 30"),
        (["--until", "2026-11-25"], "--until"),
        (["--until", "2026-11-22"], "must lie after"),
        (["--talk-cv", "0"], "--talk-cv"),
        (["--wrap-up", "-1"], "--wrap-up"),
        (["--variety", "3"], "--variety 3"),
        (["--talk", "inf"], "--talk inf: 0.1 to 36000 are possible"),
        (["--talk-cv", "1e200"], "--talk-cv"),
        (["--gap-minutes", "nan"], "--gap-minutes nan"),
        (["--channels", "0"], "--channels 0"),
        (["--plot", str(LIST.parent)], "it is a folder"),
        (["--seeds", "0"], "--seeds"),
        (["--abandonment-limit", "3"], "--abandonment-limit 3"),
        (["--machines", "30"], "--machines 30"),
        (["--machines-missed", "0.2"], "--machines-missed .* --detect-machines does"),
        (["--detect-machines", "--people-mistaken", "4"], "--people-mistaken 4"),
        (["--mode", "predictive"], "--mode has no meaning with --agents or --roster without --campaigns"),
        (["--outcomes", "outcomes.csv"], "--outcomes has no meaning with --agents"),
        (["--report", "report.json"], "--report has no meaning with --agents"),
        (["--list", "none.csv"], "none.csv: No such file"),
        (["--plot", "none/day.svg"], "--plot none/day.svg: there is no such folder"),
        (["--roster", "roster.csv"], "--agents and --roster"),
    ],
)
def test_what_cannot_be_simulated_is_named(flags: list[str], named: str) -> None:
    with pytest.raises(ConfigurationProblem, match=named):
        wanted(*flags)


def test_machines_that_agents_took_and_people_taken_for_them_are_told() -> None:
    asked = wanted("--machines", "0.4", "--detect-machines", "--machines-missed", "0.5", "--people-mistaken", "0.1",
                   "--seeds", "1", "--until", "2026-11-23T10:00")  # fmt: skip
    screen = Console(file=io.StringIO(), width=120)

    simulate_agents_screen.show(screen, asked, simulate_agents.simulate(asked))

    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    told = re.search(r"machines: ([0-9.]+)% of the calls that agents took; ([0-9.]+)% as many people", shown)
    assert told, shown
    assert float(told[1]) == pytest.approx(100 * 0.2 / (0.2 + 0.54), abs=12)
    assert float(told[2]) == pytest.approx(100 * 0.06 / 0.54, abs=8)


def by_roster(roster: Path, *flags: str) -> Wanted:
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)
    given = ["--list", str(LIST), "--from", "2026-11-23T09:00", "--roster", str(roster), *flags]
    return simulate_flags.wanted_of_agents(parser.parse_args(given))


def test_a_roster_says_who_is_there_and_how_long_the_day_is(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("agent;from;to;breaks\nanna;08:00;12:00;10:00-10:30\nbert;11:00;13:00;\n")
    world = by_roster(roster).world
    assert (world.name, world.agents, world.lasts) == ("2 agents by their roster", 1, timedelta(hours=4))
    assert [(since / 3600, agents) for since, agents in world.staffing] == [(1, 0), (1.5, 1), (2, 2), (3, 1), (4, 0)]
    assert by_roster(roster, "--until", "2026-11-23T10:00").world.lasts == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("agent,from\nanna,08:00\n", "to is missing"),
        ("agent,from,to\n", "nobody has a shift"),
        ("agent,from,to\nanna,5:00,08:00\n", "everybody has gone"),
        ("agent,from,to,breaks\nanna,09:00,17:00,10:00-10:15,12:00-12:30\n", "row 2: it has more columns"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(ConfigurationProblem, match=rf"roster\.csv: .*{named}"):
        by_roster(tmp_path / "roster.csv")
    with pytest.raises(ConfigurationProblem, match=r"none\.csv: No such file"):
        by_roster(tmp_path / "none.csv")


def test_neither_a_list_without_numbers_nor_a_roster_of_bytes_is_simulated(tmp_path: Path) -> None:
    empty, strange = tmp_path / "list.csv", tmp_path / "roster.csv"
    empty.write_text(LIST.read_text("utf-8").splitlines()[0] + "\n")
    strange.write_bytes(b"\xff\xfeagent,from,to\n")
    with pytest.raises(ConfigurationProblem, match="nobody on it has a number"):
        wanted("--list", str(empty))
    with pytest.raises(ConfigurationProblem, match="not UTF-8"):
        by_roster(strange)


def test_a_day_on_which_nothing_may_be_abandoned_and_nobody_comes_is_shown(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("agent,from,to\nanna,12:00,17:00\n")
    asked = by_roster(roster, "--seeds", "1", "--until", "2026-11-23T10:00", "--abandonment-limit", "0")
    screen = Console(file=io.StringIO(), width=120)

    simulate_agents_screen.show(screen, asked, simulate_agents.simulate(asked))

    assert "0.0%" in screen.file.getvalue()  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationProblem, match="--plot"):
        simulate_agents_screen.draw(asked, simulate_agents.simulate(asked), tmp_path / "none" / "day.svg")


def test_a_day_by_the_roster_shows_who_was_there_and_how_long_callers_and_agents_waited(tmp_path: Path) -> None:
    asked = by_roster(SHIFTS, "--seeds", "1", "--until", "2026-11-23T13:00")
    screen = Console(file=io.StringIO(), width=120)

    found = simulate_agents.simulate(asked)
    simulate_agents_screen.show(screen, asked, found)
    simulate_agents_screen.draw(asked, found, tmp_path / "day.svg")

    [ours] = found[0].outcomes
    there = [round(part.staffed / 300) for part in ours.course]
    assert there[6] == 6, "half past nine"
    assert there[18] == 9, "half past ten"
    assert 0 < ours.wait < asked.rules.patience.total_seconds()
    assert 5 < ours.idle < 100
    assert isinstance(screen.file, io.StringIO)
    assert "agents there, 0 to" in screen.file.getvalue()
    assert "grey: agents there" in (tmp_path / "day.svg").read_text()


def test_without_agents_campaigns_are_needed() -> None:
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)

    with pytest.raises(ConfigurationProblem, match="--campaigns is missing"):
        simulate_flags.wanted(parser.parse_args(["--list", str(LIST), "--from", "2026-11-23"]))


def test_it_says_when_the_list_was_called_how_busy_agents_were_and_what_was_abandoned(tmp_path: Path) -> None:
    asked = wanted("--talk", "20", "--answered", "0.6", "--seeds", "1", "--attempts", "1")
    short = replace(asked, world=replace(asked.world, contacts=100, lasts=timedelta(hours=3)))
    screen = Console(file=io.StringIO(), width=120)

    found = simulate_agents.simulate(short)
    simulate_agents_screen.show(screen, short, found)
    simulate_agents_screen.draw(short, found, tmp_path / "day.svg")

    assert isinstance(screen.file, io.StringIO)
    told = screen.file.getvalue()
    assert OURS in told
    assert "by 09:" in told
    assert "busy, each half hour from 09:00" in told
    assert (tmp_path / "day.svg").read_text().startswith("<svg")


def test_every_hour_is_shown_beside_the_others_with_that_of_the_worst_day() -> None:
    asked = wanted("--seeds", "2")
    quiet, bad = Counts(live_answers=50), Counts(live_answers=50, abandoned=3)
    days = [
        Outcome(asked.world, OURS, seed, Counts(), course, timedelta(hours=2), is_finished=False, called=0.5)
        for seed, course in enumerate([[quiet] * 12 + [bad] * 12, [quiet] * 24], 1)
    ]
    screen = Console(file=io.StringIO(), width=80)

    screen.print(simulate_agents_screen.hours(asked, [summary(days)]))

    assert isinstance(screen.file, io.StringIO)
    told = screen.file.getvalue()
    assert [line.split() for line in told.splitlines() if OURS in line] == [[OURS, "0.0/0.0", "3.0/6.0"]]
    assert [line.split() for line in told.splitlines() if "09:00" in line] == [["pacing", "09:00", "10:00"]]
