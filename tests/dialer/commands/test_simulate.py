"""What does ``dzwonek simulate`` make of its flags, and how does it end?"""

import subprocess
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import lab
from dialer.commands import simulate_flags
from dialer.commands.simulate import Wanted
from dialer.config import ConfigurationProblem
from dialer.core.numbers import NumberingPlan

DATA = Path(lab.__file__).parent / "data"
FILES = ["--list", str(DATA / "calllist_2000.csv"), "--campaigns", str(DATA / "campaigns.json")]


def wanted(*flags: str) -> Wanted:
    parser = ArgumentParser()
    simulate_flags.add_flags(parser)
    return simulate_flags.wanted(parser.parse_args([*FILES, *flags]))


def test_a_moment_without_an_offset_is_warsaw_s() -> None:
    given = wanted("--from", "2026-11-23T07:50")
    assert given.begins == datetime(2026, 11, 23, 6, 50, tzinfo=UTC)
    assert given.until - given.begins == timedelta(days=7)
    assert wanted("--from", "2026-11-23T07:50Z").begins == datetime(2026, 11, 23, 7, 50, tzinfo=UTC)


def test_every_flag_has_its_effect() -> None:
    given = wanted(
        "--from", "2026-11-23", "--until", "2026-11-24", "--outcomes", str(DATA / "sim_outcomes.csv"),
        "--channels", "30", "--calls-per-second", "2.5", "--copies", "3", "--seed", "7", "--plan", "pl", "--database", "sqlite:///kept.db",
    )  # fmt: skip
    assert given.until - given.begins == timedelta(days=1)
    assert given.script is not None
    assert (given.limits.concurrent_calls, given.limits.calls_per_second) == (30, 2.5)
    assert (given.copies, given.seed, given.plan) == (3, 7, NumberingPlan.PL)
    assert given.database == "sqlite:///kept.db"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--from", "soon"], "--from is 'soon'"),
        (["--from", "2026-11-23", "--until", "2026-11-22"], "must lie after"),
        (["--from", "2026-11-23", "--copies", "0"], "--copies 0"),
        (["--from", "2026-11-23", "--channels", "0"], "--channels"),
        (["--from", "2026-11-23", "--outcomes", "none.csv"], "--outcomes none.csv: No such file"),
        (["--from", "2026-11-23", "--outcomes", str(DATA / "calllist_2000.csv")], "needs the columns"),
    ],
)
def test_what_cannot_be_simulated_is_named(flags: list[str], named: str) -> None:
    with pytest.raises(ConfigurationProblem, match=named):
        wanted(*flags)


@pytest.mark.parametrize(
    ("flags", "code", "told"),
    [
        (["--from", "2026-11-22T12:00", "--until", "2026-11-22T13:00"], 1, "BROKEN every attempt has one disposition"),
        (["--from", "2026-11-22T12:00", "--database", "mysql://x"], 2, "mysql is no database we know"),
    ],
)
def test_the_exit_code_tells_how_it_went(flags: list[str], code: int, told: str) -> None:
    """A Sunday on which nobody may be called proves nothing, so it is no success."""
    command = [sys.executable, "-m", "dialer", "simulate", *FILES, *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert told in ended.stdout + ended.stderr
    assert ended.returncode == code
