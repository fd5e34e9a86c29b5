"""Is the process we started still the same process, and how does it end for certain?"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process by its id and its start, in kernel ticks since boot: together they are never reused."""

    name: str
    pid: int
    started: int

    @property
    def is_running(self) -> bool:
        return _birth(self.pid) == self.started

    def end(self, grace: timedelta = GRACE) -> None:
        """SIGTERM, then SIGKILL when the grace has passed; returns when the process is gone."""
        self._signal(signal.SIGTERM, grace)
        self.kill()

    def kill(self) -> None:
        """SIGKILL; returns when the process is gone."""
        self._signal(signal.SIGKILL, GRACE)

    def _signal(self, number: signal.Signals, patience: timedelta) -> None:
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            # Compared only after the handle is open: from here on the pid cannot come to mean another process.
            if self.is_running:
                signal.pidfd_send_signal(handle, number)
                select.select([handle], [], [], patience.total_seconds())
        finally:
            os.close(handle)
        with contextlib.suppress(ChildProcessError):  # usually a former command's child, not ours
            os.waitpid(self.pid, os.WNOHANG)


def start(name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] = os.environ) -> Daemon:
    """Start a command in a session of its own, its output in the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawnp(
        command[0],
        list(command),
        dict(environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.fspath(log), writing, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    started = _birth(pid)
    return Daemon(name, pid, -1 if started is None else started)


class Register:
    """The daemons of one laboratory, remembered in its state directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def add(self, daemon: Daemon) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._path(daemon.name).write_text(json.dumps(asdict(daemon)), "utf-8")

    def running(self, name: str) -> Daemon | None:
        """The daemon of that name if it still runs; its record is removed when it does not."""
        try:
            daemon = Daemon(**json.loads(self._path(name).read_text("utf-8")))
        except FileNotFoundError:
            return None
        if daemon.is_running:
            return daemon
        self._path(name).unlink(missing_ok=True)
        return None

    def all_running(self) -> list[Daemon]:
        names = sorted(path.stem for path in self._directory.glob("*.json"))
        return [daemon for name in names if (daemon := self.running(name))]

    def end(self, daemon: Daemon) -> None:
        daemon.end()
        self._path(daemon.name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.json"


def wait_until(
    condition: Callable[[], bool], patience: timedelta, pause: timedelta = timedelta(milliseconds=20)
) -> bool:
    """Ask the condition again and again; False when the patience is over."""
    deadline = time.monotonic() + patience.total_seconds()
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause.total_seconds())
    return True


def _birth(pid: int) -> int | None:
    """The start of a living process in ticks since boot (proc(5), field 22); None for a dead one or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the command's name before it may hold blanks and brackets
    return None if fields[0] in "ZX" else int(fields[19])
