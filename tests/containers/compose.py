"""What would `docker compose` make of docker-compose.yml with that environment?

Enough of the format for tests: profiles and extension fields are left alone, `${NAME:-default}` and
`${NAME:?message}` are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>\w+):(?P<kind>[-?])(?P<rest>[^}]*)\}")


class Refused(Exception):
    """A variable that must be there is not; what compose says about it."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of the host, or a volume, inside a container."""

    kind: str
    source: str
    target: str
    is_read_only: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One container as it would be started."""

    name: str
    said: Mapping[str, Any]
    environment: Mapping[str, str]

    @property
    def mounts(self) -> list[Mount]:
        return [
            Mount(each["type"], each["source"], each["target"], each.get("read_only", False))
            for each in self.said.get("volumes", [])
        ]

    def mount_of(self, path: str) -> Mount:
        """Where what is written to that path ends; KeyError if it is in no volume."""
        for mount in self.mounts:
            if Path(path).is_relative_to(mount.target):
                return mount
        raise KeyError(f"{self.name} keeps {path} in no volume")


def services(environment: Mapping[str, str]) -> dict[str, Service]:
    """Every service, whatever its profile; Refused as compose would refuse."""
    return {
        name: Service(name, said, _environment(said.get("environment", {}), environment))
        for name, said in yaml.safe_load(FILE.read_text("utf-8"))["services"].items()
    }


def _environment(said: Mapping[str, str | None], outside: Mapping[str, str]) -> dict[str, str]:
    """A name without a value is passed through, if it is set outside."""
    given = {name: outside.get(name) if text is None else _replaced(text, outside) for name, text in said.items()}
    return {name: text for name, text in given.items() if text is not None}


def _replaced(text: str, outside: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if outside.get(found["name"]):
            return outside[found["name"]]
        if found["kind"] == "?":
            raise Refused(f"{found['name']}: {found['rest']}")
        return found["rest"]

    return VARIABLE.sub(value, text)
