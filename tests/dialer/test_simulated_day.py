"""Does a day of the engine keep every promise? The sample list in ten campaigns, the sample's callees."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

import lab
from dialer.adapters.carrier.witness import Promise
from dialer.adapters.simulated.lists import UnusableFile
from dialer.adapters.simulated.stories import Errors
from dialer.adapters.simulated.time import in_simulated_time
from dialer.commands.simulate import Outcome, Wanted, simulate
from dialer.commands.simulate_screen import Progress, show_outcome, write_report
from dialer.config import ConfigurationProblem
from dialer.config_files import profiles_in
from dialer.core.trunks import TrunkLimits
from lab.carrier import read_roles
from tests.support.quiet import without_log_lines

WARSAW = ZoneInfo("Europe/Warsaw")
DATA = Path(lab.__file__).parent / "data"
SATURDAY = datetime(
    2026, 11, 21, 12, tzinfo=WARSAW
)  # the sample's own moment: every case that may be called may be then
MONDAY_EVENING = datetime(2026, 11, 23, 20, tzinfo=WARSAW)
MINUTE = timedelta(minutes=1)
WANTED = Wanted(
    DATA / "calllist_2000.csv",
    DATA / "campaigns.json",
    read_roles(DATA / "sim_outcomes.csv"),
    SATURDAY,
    MONDAY_EVENING,
    TrunkLimits(20, 200, 50),
    profiles_in(),
)


def simulated(wanted: Wanted, progress: Progress | None = None) -> Outcome:
    with without_log_lines():
        return in_simulated_time(simulate(wanted, progress.show if progress else lambda *_: None))


@cache
def the_day() -> Outcome:
    return simulated(replace(WANTED, copies=2))


def a_short_list(folder: Path, rows: int = 60) -> Wanted:
    short = folder / "list.csv"
    with WANTED.call_list.open("rb") as lines:
        short.write_bytes(b"".join(line for line, _ in zip(lines, range(rows + 1), strict=False)))
    until = datetime(2026, 11, 23, 8, 59, tzinfo=WARSAW)  # at nine a campaign opens: its first calls would be withdrawn
    return replace(WANTED, call_list=short, begins=datetime(2026, 11, 23, 7, 50, tzinfo=WARSAW), until=until)


def test_the_day_keeps_every_promise() -> None:
    assert [promise for promise in the_day().promises if not promise.is_kept] == []
    assert len(the_day().promises) == 11


def test_nobody_waits_a_minute_past_due_while_channels_are_free() -> None:
    assert the_day().longest_wait <= MINUTE


def test_everybody_who_may_be_called_is_called() -> None:
    """Whoever is left waits for a day of which a budget or the plan of reminders speaks."""
    day = the_day()
    assert (day.rows["accepted"], day.rows["accepted_blocked"]) == (2 * 1769, 2 * 162)
    finished = {"delivered", "exhausted", "no_number"}
    waits = {"answered_day", "debtor_day", "debtor_7_days", "no_case_today", "next_round"}
    assert day.contacts.keys() <= finished | waits
    assert day.calls_per_contact.get(0, 0) <= sum(day.contacts.get(rule, 0) for rule in waits)


def test_every_way_of_ending_happened() -> None:
    assert set(the_day().dispositions) == {
        "delivered", "hung_up", "busy", "no_answer", "unavailable", "rejected", "congestion", "invalid_number",
    }  # fmt: skip


def test_the_whole_trunk_is_used() -> None:
    assert the_day().most_at_once == 200
    assert the_day().busiest_second == 20


def test_days_take_seconds() -> None:
    assert the_day().simulated / the_day().took > 100


def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    wanted = a_short_list(tmp_path)
    first, second = simulated(wanted), simulated(wanted)
    assert replace(first, took=timedelta()) == replace(second, took=timedelta())


def test_without_a_script_everybody_listens(tmp_path: Path) -> None:
    outcome = simulated(replace(a_short_list(tmp_path), script=None))
    assert set(outcome.dispositions) == {"delivered"}
    assert outcome.is_kept


def test_a_simulation_leaves_a_database_with_campaigns_alone(tmp_path: Path) -> None:
    wanted = replace(a_short_list(tmp_path), database=f"sqlite:///{tmp_path}/kept.db")
    assert simulated(wanted).is_kept
    with pytest.raises(ConfigurationProblem, match="empty database"):
        simulated(wanted)


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match=r"none\.csv"):
        simulated(replace(WANTED, call_list=tmp_path / "none.csv"))
    with pytest.raises(UnusableFile, match=r"none\.json"):
        simulated(replace(WANTED, campaigns=tmp_path / "none.json"))


def test_a_person_sees_how_far_it_is_and_what_came_of_it(tmp_path: Path) -> None:
    console = Console(file=StringIO(), width=100)
    progress = Progress(console, WARSAW)
    outcome = simulated(a_short_list(tmp_path), progress)
    progress.end()
    show_outcome(console, replace(outcome, promises=[*outcome.promises, Promise("a rule", False, "twice")]))
    assert isinstance(console.file, StringIO)
    told = console.file.getvalue()
    for words in ("Mon 08:00", "delivered", "past due", "kept   every attempt", "BROKEN a rule: twice"):
        assert words in told


def test_machines_get_the_figures(tmp_path: Path) -> None:
    write_report(the_day(), tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["dispositions"] == the_day().dispositions
    assert report["longest_wait"] == the_day().longest_wait.total_seconds()
    assert all(promise["is_kept"] for promise in report["promises"])


def test_machines_are_told_from_people_as_wrongly_as_is_asked_for(tmp_path: Path) -> None:
    """Without it a machine that hears the whole message has a message delivered."""
    heard = replace(a_short_list(tmp_path, 200), detects_machines=True)
    day = simulated(heard)
    assert [promise for promise in day.promises if not promise.is_kept] == []
    machines = day.dispositions["machine"]
    assert machines > 5
    missed = simulated(replace(heard, errors=Errors(machines_missed=1)))
    assert [promise for promise in missed.promises if not promise.is_kept] == []
    assert "machine" not in missed.dispositions
    mistaken = simulated(replace(heard, errors=Errors(people_mistaken=1)))
    assert [promise for promise in mistaken.promises if not promise.is_kept] == []
    assert mistaken.dispositions["machine"] > machines
