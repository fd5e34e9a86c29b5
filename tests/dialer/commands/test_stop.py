"""Can everything be stopped from the command line, with or without a running engine?"""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from lab import process
from lab.process import Daemon, wait_until

PROJECT = Path(__file__).parents[3]
SOON = timedelta(seconds=30)


@dataclass
class Installation:
    """An engine without Asterisk, in a folder of its own."""

    folder: Path
    url: str
    engine: Daemon | None = None

    @property
    def environment(self) -> dict[str, str]:
        settings = {
            "database": self.url,
            "listen": "127.0.0.1:0",
            "agi_listen": "127.0.0.1:0",
            "ami": "127.0.0.1:1",  # nobody listens there
            "speech": "tone",
            "sounds": str(self.folder / "sounds"),
            "spool": str(self.folder / "spool"),
            "log_format": "json",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DZWONEK_")}
        ours = {f"DZWONEK_{name.upper()}": value for name, value in settings.items()}
        return inherited | ours | {"PYTHONPATH": str(PROJECT)}

    def dzwonek(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and what was said."""
        done = subprocess.run(
            [sys.executable, "-m", "dialer", *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def start(self) -> None:
        self.log.unlink(missing_ok=True)
        self.engine = process.start("engine", [sys.executable, "-m", "dialer", "up"], self.log, self.environment)
        assert wait_until(lambda: bool(self.address()), SOON), self.log.read_text("utf-8")

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"

    def address(self) -> str:
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.startswith("{")]
        return next((line["url"] for line in lines if line["event"] == "api_listening"), "")

    def figures(self) -> str:
        with urllib.request.urlopen(f"{self.address()}/metrics", timeout=10) as answer:
            said: bytes = answer.read()
        return said.decode()


@pytest.fixture
def installation(migrated_file: Path, tmp_path: Path) -> Iterator[Installation]:
    shutil.copy(migrated_file, tmp_path / "dzwonek.db")
    with installed(tmp_path, f"sqlite:///{tmp_path / 'dzwonek.db'}") as made:
        yield made


@contextmanager
def installed(folder: Path, url: str) -> Iterator[Installation]:
    made = Installation(folder, url)
    try:
        yield made
    finally:
        if made.engine is not None:
            os.kill(made.engine.pid, signal.SIGCONT)
            made.engine.kill()


@pytest.fixture
def on_either(url: str, tmp_path: Path) -> Iterator[Installation]:
    """On both kinds of database, one after the other."""
    with installed(tmp_path, url) as made:
        yield made


def test_a_running_engine_obeys_before_the_command_says_so_and_still_after_a_restart(on_either: Installation) -> None:
    installation = on_either
    installation.start()
    assert installation.dzwonek("status")[0] == 0

    code, said = installation.dzwonek("stop", "--reason", "wrong amounts")

    assert (code, "the engine places no more calls" in said) == (0, True), said
    assert "dzwonek_stopped 1.0" in installation.figures()
    assert installation.engine is not None
    installation.engine.kill()
    installation.start()
    assert wait_until(lambda: "dzwonek_stopped 1.0" in installation.figures(), SOON)
    code, said = installation.dzwonek("status")
    assert code == 1
    assert "stopped at " in said
    assert "by cli (wrong amounts)" in said

    code, said = installation.dzwonek("resume")

    assert (code, said) == (0, "Resumed: the engine may place calls.\n")
    assert "dzwonek_stopped 0.0" in installation.figures()
    assert installation.dzwonek("status")[0] == 0


def test_an_engine_that_hangs_is_told_apart_from_one_that_obeys(installation: Installation) -> None:
    installation.start()
    assert installation.engine is not None
    os.kill(installation.engine.pid, signal.SIGSTOP)

    code, said = installation.dzwonek("stop")

    assert (code, "kill" in said) == (1, True), said
    os.kill(installation.engine.pid, signal.SIGCONT)
    assert wait_until(lambda: "dzwonek_stopped 1.0" in installation.figures(), SOON)
    assert "has not obeyed" not in installation.dzwonek("stop")[1]


def test_with_no_engine_running_the_order_holds_from_the_next_start(installation: Installation) -> None:
    code, said = installation.dzwonek("stop")
    assert (code, "no engine is running" in said) == (0, True), said
    assert "not running" in installation.dzwonek("status")[1]

    installation.start()

    assert wait_until(lambda: "dzwonek_stopped 1.0" in installation.figures(), SOON)


@pytest.mark.parametrize("command", ["stop", "resume", "status"])
def test_where_there_is_no_database_none_is_made(tmp_path: Path, command: str) -> None:
    elsewhere = Installation(tmp_path, f"sqlite:///{tmp_path / 'var' / 'dzwonek.db'}")

    code, said = elsewhere.dzwonek(command)

    assert (code, "DZWONEK_DATABASE" in said) == (2, True), said
    assert not (tmp_path / "var").exists()


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "dzwonek.db"
    path.touch()
    code, said = Installation(tmp_path, f"sqlite:///{path}").dzwonek("stop")
    assert (code, "not this version's" in said, "nothing was stopped" in said) == (2, True, True), said


@pytest.mark.parametrize("reason", ["x" * 501, "two\nlines"])
def test_a_reason_that_cannot_be_kept_is_refused(tmp_path: Path, reason: str) -> None:
    code, said = Installation(tmp_path, "sqlite:///any.db").dzwonek("stop", "--reason", reason)
    assert (code, "one line of at most 500 characters" in said) == (2, True), said
