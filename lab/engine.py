"""How is the engine itself run against the laboratory: started, asked over HTTP, stopped, killed?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from lab import LaboratoryError, process
from lab.laboratory import Laboratory

READY = timedelta(seconds=20)  # until the engine answers and sees the switch
STOPPING = timedelta(seconds=60)
COMMAND_TAKES = timedelta(seconds=300)  # at most; a simulated day
PROJECT = Path(__file__).parents[1]
PROFILES = Path(__file__).parent / "data" / "profiles.json"


class Refused(LaboratoryError):
    """The API said no."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP API, as a CRM would use it."""

    url: str
    key: str = ""

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def put(self, path: str, body: object) -> Any:
        return self._ask("PUT", path, json.dumps(body).encode())

    def post(self, path: str, body: bytes = b"", content_type: str = "application/json") -> Any:
        return self._ask("POST", path, body, content_type)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def pages(self, path: str, items: str) -> Iterator[Any]:
        """Everything of a list that comes in pages."""
        following: str | None = path
        while following:
            page = self.get(following)
            yield from page[items]
            following = page["next"]

    def _ask(self, method: str, path: str, body: bytes | None = None, content_type: str = "application/json") -> Any:
        request = urllib.request.Request(self.url + path, body, method=method)
        request.add_header("Content-Type", content_type)
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)) from error


@dataclass(slots=True)
class Engine:
    """One engine with a folder of its own.

    ``settings`` are those of ``dzwonek up``, by name; ``variables`` replace others of the environment, such as PATH.
    """

    laboratory: Laboratory
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 8080
    variables: dict[str, str] = field(default_factory=dict)
    _daemon: process.Daemon | None = None
    _key: str = ""

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"

    @property
    def sounds(self) -> Path:
        return self.folder / "sounds"

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    @property
    def daemon(self) -> process.Daemon:
        if self._daemon is None:
            raise LaboratoryError("the engine was not started")
        return self._daemon

    @property
    def is_running(self) -> bool:
        return self._daemon is not None and self._daemon.is_running

    @property
    def api(self) -> Api:
        return Api(f"http://{self._listen}", self._key)

    def begin_like(self, unused: Engine) -> None:
        """Know what an engine that never ran knows, a key: to copy it is quicker than to make another."""
        unused._let_us_in()
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(unused._database, self._database)
        self._key = unused._key

    def start(self) -> None:
        """Start it and wait until calls could be placed; its database and sounds of before are kept."""
        self.launch()
        self.await_switch()

    def launch(self) -> None:
        """Start it, whether or not there is a switch; returns when the API answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._let_us_in()
        self._daemon = process.start("engine", [*_COMMAND, "up"], self.log, self.environment())
        if not process.wait_until(self._answers, READY):
            raise LaboratoryError(f"the engine's API does not answer:\n{self._tail()}")

    def await_switch(self, patience: timedelta = READY) -> None:
        """Wait until calls can be placed."""
        if not process.wait_until(lambda: self.health()["switch"] == "ready", patience):
            raise LaboratoryError(f"the engine did not get ready:\n{self._tail()}")

    def health(self) -> dict[str, Any]:
        """What it says of itself, be it well or not."""
        try:
            return dict(self.api.get("/health"))
        except Refused as unwell:
            return unwell.problem

    def stop(self) -> None:
        """As its operator would; waits until it has gone."""
        if self._daemon is not None:
            self._daemon.end(STOPPING)

    def kill(self) -> None:
        """SIGKILL: whatever it was doing."""
        if self._daemon is not None:
            self._daemon.kill()

    def run(self, *arguments: str) -> str:
        """What another command of ``dzwonek`` prints, with the same settings."""
        done = self.try_to_run(*arguments)
        if done.returncode:
            raise LaboratoryError(f"dzwonek {arguments[0]} failed: {done.stderr or done.stdout}")
        return done.stdout

    def try_to_run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """How a command of ``dzwonek`` that ends by itself has ended."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            [*_COMMAND, *arguments],
            env=self.environment(),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=COMMAND_TAKES.total_seconds(),
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """The variables it runs with."""
        ami = self.laboratory.pbx_ami
        settings = {
            "database": f"sqlite:///{self._database}",
            "listen": self._listen,
            "plan": "test",
            "ami": str(ami.endpoint),
            "ami_secret": ami.secret,
            "agi_listen": str(self.laboratory.settings.agi),
            "sounds": str(self.sounds),
            "recordings": str(self.recordings),
            "spool": str(self.folder / "spool"),
            "placing": str(self.folder / "placing"),
            "min_gap_minutes": "0.01",
            "profiles": str(PROFILES),
        } | self.settings
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DZWONEK_")}
        return inherited | self.variables | {f"DZWONEK_{name.upper()}": value for name, value in settings.items()}

    def _let_us_in(self) -> None:
        if not self._key:
            self._key = self.run("keys", "create", "--scope", "all", "--label", "laboratory").strip()

    @property
    def _database(self) -> Path:
        return self.folder / "dzwonek.db"

    @property
    def _listen(self) -> str:
        return f"{self.laboratory.settings.agi.host}:{self.port}"

    def _answers(self) -> bool:
        if not self.daemon.is_running:
            raise LaboratoryError(f"the engine ended by itself:\n{self._tail()}")
        try:
            self.health()
        except (urllib.error.URLError, ConnectionError):
            return False
        return True

    def _tail(self) -> str:
        return "\n".join(self.log.read_text("utf-8").splitlines()[-15:]) if self.log.exists() else ""


_COMMAND = (sys.executable, "-m", "dialer")
