"""Is the process we started still the same, and does it end?"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from lab import process
from lab.process import Daemon, Register


def test_a_daemon_ends_when_told(tmp_path: Path) -> None:
    daemon = process.start("sleeper", ["sleep", "60"], tmp_path / "log")
    assert daemon.is_running
    daemon.end()
    assert not daemon.is_running


def test_a_daemon_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 60; done"
    daemon = process.start("stubborn", ["sh", "-c", script], tmp_path / "log")
    ready = process.wait_until(lambda: "ready" in (tmp_path / "log").read_text(), timedelta(seconds=5))
    assert ready
    daemon.end(grace=timedelta(milliseconds=50))
    assert not daemon.is_running


def test_another_process_with_the_same_pid_is_left_alone() -> None:
    stranger = Daemon("stranger", os.getpid(), started=1)
    assert not stranger.is_running
    stranger.kill()  # would end this very test


def test_a_later_command_finds_the_daemon_again(tmp_path: Path) -> None:
    daemon = process.start("sleeper", ["sleep", "60"], tmp_path / "log")
    Register(tmp_path / "daemons").add(daemon)
    later = Register(tmp_path / "daemons")
    assert later.all_running() == [daemon]
    later.end(daemon)
    assert later.all_running() == []
