"""Does a day of the whole engine with agents keep every promise, and is it the same as on the floor alone?"""

import csv
import json
from argparse import ArgumentParser
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import lab
from dialer.adapters.carrier.witness import Promise
from dialer.adapters.simulated.time import in_simulated_time
from dialer.commands import simulate_agents, simulate_flags
from dialer.commands.simulate import Outcome, simulate
from dialer.commands.simulate_screen import draw_team, show_outcome, write_report
from dialer.config import ConfigurationProblem
from dialer.model import Disposition
from tests.support.quiet import without_log_lines

DATA = Path(lab.__file__).parent / "data"
LIST, CAMPAIGNS, OUTCOMES = (DATA / name for name in ("calllist_2000.csv", "campaigns.json", "sim_outcomes.csv"))
MORNING = ("--from", "2026-11-23T09:00")


def simulated(*flags: str, call_list: Path = LIST, campaigns: Path = CAMPAIGNS) -> Outcome:
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)
    given = parser.parse_args(["--list", str(call_list), "--campaigns", str(campaigns), *MORNING, *flags])
    with without_log_lines():
        return in_simulated_time(simulate(simulate_flags.wanted(given), lambda *_: None))


def broken(outcome: Outcome) -> list[Promise]:
    return [promise for promise in outcome.promises if not promise.is_kept]


def one_campaign(folder: Path, contacts: int) -> tuple[Path, Path]:
    """A list of one campaign as long as wanted, of telephones of the test's own numbering."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        [row, *_] = [row for row in csv.DictReader(lines) if row["case_id"] == "TE/2026/000026"]
    call_list, campaigns = folder / "list.csv", folder / "campaigns.json"
    with call_list.open("w", encoding="utf-8", newline="") as lines:
        written = csv.DictWriter(lines, list(row))
        written.writeheader()
        for number in range(contacts):
            own = {"case_id": f"C/{number}", "debtor_id": f"D{number}", "phone_1": f"+4828{number:07d}", "phone_2": ""}
            written.writerow(row | own)
    named = json.loads(CAMPAIGNS.read_text("utf-8"))
    campaigns.write_text(json.dumps([each for each in named if each["campaign_id"] == row["campaign_id"]]), "utf-8")
    return call_list, campaigns


@cache
def a_predictive_hour() -> Outcome:
    return simulated("--agents", "6", "--mode", "predictive", "--until", "2026-11-23T09:25", "--talk", "40")


def test_a_predictive_day_keeps_every_promise_to_callees_and_agents() -> None:
    outcome = a_predictive_hour()
    assert broken(outcome) == []
    assert {promise.what for promise in outcome.promises} >= {
        "whoever answers hears an agent, or that nobody is free, within two seconds",
        "no agent has two callers at once",
        "the ledger's abandoned calls are those whose callees heard no agent",
        "every agent goes home after the last talk",
    }
    assert outcome.team is not None
    assert outcome.team.floor.utilisation > 0.6
    assert outcome.dispositions[Disposition.CONNECTED] == outcome.team.floor.counts.joined > 70


def test_the_floor_alone_and_the_whole_engine_keep_agents_as_busy(tmp_path: Path) -> None:
    """One campaign, the same dice: what the floor leaves out costs the engine next to nothing."""
    flags = ("--agents", "8", "--until", "2026-11-23T09:50", "--talk", "30", "--wrap-up", "5", "--answered", "0.5")
    call_list, campaigns = one_campaign(tmp_path, 1_500)
    engine = simulated(*flags, "--mode", "predictive", call_list=call_list, campaigns=campaigns)
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)
    given = parser.parse_args(["--list", str(call_list), *MORNING, *flags, "--seeds", "3"])
    [floor] = simulate_agents.simulate(simulate_flags.wanted_of_agents(given))

    assert broken(engine) == []
    assert engine.team is not None
    assert engine.team.floor.utilisation == pytest.approx(floor.utilisation, abs=0.03)
    assert engine.team.floor.abandoned == pytest.approx(floor.abandoned, abs=0.01)


def test_agents_who_are_shown_contacts_first_are_never_waited_for() -> None:
    outcome = simulated(
        "--agents", "3", "--mode", "preview", "--until", "2026-11-23T09:30", "--outcomes", str(OUTCOMES)
    )
    assert broken(outcome) == []
    assert Disposition.ABANDONED not in outcome.dispositions
    assert outcome.dispositions[Disposition.CONNECTED] > 20
    assert outcome.most_at_once <= 3


def test_who_comes_and_rests_by_a_roster_goes_home_when_the_day_is_over(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("agent,from,to,breaks\nanna,09:00,12:00,09:15-09:20\nbert,09:10,09:25,\ncleo,09:30,10:00,\n")
    outcome = simulated("--roster", str(roster), "--mode", "progressive", "--until", "2026-11-23T09:30")
    assert broken(outcome) == []
    assert outcome.team is not None
    assert set(outcome.team.talks) == {"anna", "bert"}
    there = [round(part.staffed / 60) for part in outcome.team.floor.course[:6]]
    assert there[0] == 5, "anna alone"
    assert there[3] < 8, "anna rests, bert is there"
    assert there[4] in (9, 10), "both, for five minutes"


def test_a_callee_who_leaves_is_none_whom_we_abandoned() -> None:
    """People of the script hang up after so many seconds, whoever speaks to them."""
    outcome = simulated(
        "--agents", "2", "--mode", "progressive", "--until", "2026-11-23T09:20", "--outcomes", str(OUTCOMES)
    )
    assert broken(outcome) == []
    assert outcome.team is not None
    assert outcome.team.floor.abandoned == 0.0


def test_the_outcome_is_shown_drawn_and_written(tmp_path: Path) -> None:
    outcome, screen = a_predictive_hour(), Console(file=StringIO(), width=130)
    show_outcome(screen, outcome)
    write_report(outcome, tmp_path / "report.json")
    assert outcome.team is not None
    draw_team(outcome.team, tmp_path / "day.svg")

    assert isinstance(screen.file, StringIO)
    assert f"6 agents, {sum(outcome.contacts.values())} contacts" in screen.file.getvalue()
    assert "the whole engine" in screen.file.getvalue()
    assert len(outcome.team.floor.course) == 5, "what comes after the end is no part of the day"
    assert "longest silence after an answer" in screen.file.getvalue()
    told = json.loads((tmp_path / "report.json").read_text())["team"]
    assert told["agents"] == 6
    assert told["live_answers"] == told["connected"] + told["abandoned"]
    assert (tmp_path / "day.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("flags", "problem", "named"),
    [
        (["--mode", "predictive"], ConfigurationProblem, "--mode has no meaning without --agents"),
        (["--agents", "3", "--attempts", "2"], ConfigurationProblem, "--attempts has no meaning with --campaigns"),
        (["--agents", "3", "--compare"], ConfigurationProblem, "--compare has no meaning with --campaigns"),
        (
            ["--agents", "3", "--answered", "0.2", "--outcomes", str(OUTCOMES)],
            ConfigurationProblem,
            "--answered has no meaning with --outcomes",
        ),
        (["--agents", "3"], ConfigurationProblem, "no campaign .* has calls for agents"),
    ],
)
def test_contradictory_flags_are_named(flags: list[str], problem: type[Exception], named: str) -> None:
    with pytest.raises(problem, match=named):
        simulated(*flags)
