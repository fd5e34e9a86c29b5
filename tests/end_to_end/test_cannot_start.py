"""What does the engine say when it cannot start? One line that says what to do, and exit code 2."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.engine import Engine

pytestmark = pytest.mark.lab

UNUSABLE = 2


def refuses(engine: Engine) -> str:
    """What it says."""
    done = engine.try_to_run("up")
    said = [line for line in done.stderr.splitlines() if line.startswith("dzwonek: ")]
    assert (done.returncode, len(said)) == (UNUSABLE, 1), done.stderr
    assert "Traceback" not in done.stderr
    return said[0]


def test_without_a_speech_engine(engine: Engine, tmp_path: Path) -> None:
    engine.variables |= {"PATH": str(tmp_path)}
    assert "espeak-ng is not installed: install it" in refuses(engine)


def in_a_file(engine: Engine) -> str:
    """A path that nobody can write, not even root."""
    engine.folder.mkdir(exist_ok=True)
    file = engine.folder / "file"
    file.touch()
    return f"{file}/inside"


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("database", lambda path: f"sqlite:///{path}", "File exists"),
        ("sounds", lambda path: path, "check its rights"),
        ("spool", lambda path: path, "name a folder that the engine may write"),
        ("placing", lambda path: path, "name a folder that the engine may write"),
    ],
)
def test_where_nothing_can_be_written(engine: Engine, setting: str, value: Callable[[str], str], remedy: str) -> None:
    engine.settings |= {setting: value(in_a_file(engine))}
    assert remedy in refuses(engine)


@pytest.mark.parametrize("setting", ["listen", "agi_listen"])
def test_on_an_address_that_is_taken(engine: Engine, setting: str) -> None:
    with socket.create_server((engine.laboratory.settings.agi.host, 0)) as taken:
        host, port = taken.getsockname()
        engine.settings |= {setting: f"{host}:{port}"}
        said = refuses(engine)
    assert f"{setting}={host}:{port} cannot be used: " in said
    assert "is another Dzwonek running?" in said


def test_on_an_address_of_another_machine(engine: Engine) -> None:
    engine.settings |= {"listen": "192.0.2.1:8080", "trusted_proxy": "192.0.2.2"}
    assert "listen=192.0.2.1:8080 cannot be used: " in refuses(engine)
