"""Agents who take the calls of a whole engine, at softphones of the laboratory."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPResponse
from typing import Any

import numpy as np

from lab import chords, hearing
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until
from tests.support.calling import Calling

SOON = timedelta(seconds=15)
TO_BE_SURE = timedelta(milliseconds=500)


@contextmanager
def at_work(calling: Calling, manner: Manner, count: int) -> Iterator[Agents]:
    """Agents at their softphones, which have recorded nothing yet, while the engine runs."""
    laboratory = calling.engine.laboratory
    laboratory.up(with_agents=True)
    calling.people([], manner)
    calling.engine.start()
    for phone in laboratory.settings.softphones:
        for file in laboratory.heard_by_agent(phone.name):
            file.unlink()
    agents = Agents(calling.engine, count)
    agents.create()
    agents.come()
    try:
        yield agents
    finally:
        laboratory.start_softphones()


class Screen:
    """What an agent's screen is told."""

    def __init__(self, stream: HTTPResponse) -> None:
        self._stream = stream

    def until(self, state: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The events, with their data, up to the one by which the agent is in that state."""
        name = ""
        for line in self._stream:
            word, _, rest = line.decode().strip().partition(": ")
            if word == "event":
                name = rest
            elif word == "data":
                shown = json.loads(rest)
                yield name, shown
                if name == "state" and shown["state"] == state:
                    return


class Agents:
    """As many agents as there are softphones; the n-th is named ``anna1``, and sits at ``agent1``."""

    def __init__(self, engine: Engine, count: int = 4) -> None:
        self.engine = engine
        self.names = {f"anna{number}": f"agent{number}" for number in range(1, count + 1)}

    def create(self) -> None:
        for name, phone in self.names.items():
            self.engine.api.put(f"/v1/agents/{name}", {"name": name, "phone": phone})

    def come(self) -> None:
        """Everybody logs in and is ready."""
        for name in self.names:
            self.do(name, "login")
            self.do(name, "ready")
        self.are("ready")

    def do(self, name: str, what: str, **body: object) -> Any:
        return self.engine.api.post(f"/v1/agents/{name}/{what}", json.dumps(body).encode() if body else b"")

    def shown(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.engine.api.get(f"/v1/agents/{name}")
        return found

    def are(self, state: str) -> None:
        """Wait until everybody is."""
        for name in self.names:
            self.is_in(name, state)

    @contextmanager
    def screen(self, name: str) -> Iterator[Screen]:
        api = self.engine.api
        request = urllib.request.Request(f"{api.url}/v1/agents/{name}/stream")
        request.add_header("Authorization", f"Bearer {api.key}")
        with urllib.request.urlopen(request, timeout=2 * SOON.total_seconds()) as stream:
            yield Screen(stream)

    def is_in(self, name: str, state: str, reason: str | None = None, patience: timedelta = SOON) -> None:
        """Wait until that one is."""

        def so() -> bool:
            shown = self.shown(name)
            return shown["state"] == state and reason in (None, shown["reason"])

        assert wait_until(so, patience, timedelta(milliseconds=50)), self.shown(name)

    def one_talks(self) -> str:
        """Wait until somebody does; who."""

        def talking() -> list[str]:
            return [name for name in self.names if self.shown(name)["state"] == "talking"]

        assert wait_until(lambda: bool(talking()), SOON, timedelta(milliseconds=50))
        return talking()[0]

    def voice_of(self, name: str) -> int:
        """The tone of that agent, in hertz."""
        phones = {phone.name: phone.hertz for phone in self.engine.laboratory.settings.softphones}
        return phones[self.names[name]]

    @property
    def voices(self) -> list[int]:
        return [self.voice_of(name) for name in self.names]

    def heard(self, name: str) -> set[int]:
        """Whose chords came to the agent's ear, for long enough to be no accident."""
        files = self.engine.laboratory.heard_by_agent(self.names[name])
        ear = np.concatenate([hearing.recording(file) for file in files])
        return {who for who, lasted in chords.durations(ear).items() if lasted >= TO_BE_SURE}
