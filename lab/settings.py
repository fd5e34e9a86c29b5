"""Which addresses, ports and directories does the laboratory use?"""

from __future__ import annotations

import os
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import LaboratoryError

PROJECT = Path(__file__).resolve().parent.parent
FILE = Path(__file__).with_name("settings.env")
PREFIX = "LAB_"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a port on loopback."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Ports:
    """A range of UDP ports, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Switchboard:
    """One of the two Asterisks."""

    name: str
    sip: Endpoint
    ami: Endpoint
    rtp: Ports


@dataclass(frozen=True, slots=True)
class Softphone:
    """One agent's headless telephone."""

    name: str
    sip: Endpoint
    control: Endpoint
    rtp: Ports
    hertz: int  # of the tone that is its voice


AGENTS = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """The laboratory as settings.env and the environment describe it."""

    pbx: Switchboard
    carrier: Switchboard
    load_sip: Endpoint
    load_sink: Endpoint
    softphones: tuple[Softphone, ...]
    agi: Endpoint
    state: Path
    cache: Path
    shared_paths: tuple[Path, ...]
    mirror: str | None
    suite: str


def parse(text: str, environment: Mapping[str, str]) -> dict[str, str]:
    """KEY=value lines, in which a value may use the keys before it; LAB_KEY in the environment wins."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise LaboratoryError(f"{FILE.name}: {line!r} is not of the form NAME=value")
        raw = environment.get(PREFIX + name.strip(), value.strip())
        values[name.strip()] = string.Template(raw).substitute(values)
    return values


def load(environment: Mapping[str, str] = os.environ, text: str | None = None) -> Settings:
    """Read settings.env (or the given text of one) under the given environment."""
    values = parse(FILE.read_text("utf-8") if text is None else text, environment)
    try:
        return _settings(values, environment)
    except KeyError as error:
        raise LaboratoryError(f"{FILE.name} lacks {error.args[0]}") from error
    except ValueError as error:
        raise LaboratoryError(f"{FILE.name} or a {PREFIX}… variable: {error}") from error


def _settings(values: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    def endpoint(address: str, port: str) -> Endpoint:
        return Endpoint(values[address], int(values[port]))

    def ports(name: str) -> Ports:
        first, _, last = values[name].partition("-")
        return Ports(int(first), int(last))

    def switchboard(name: str) -> Switchboard:
        key = name.upper()
        sip = endpoint(f"{key}_ADDRESS", f"{key}_SIP_PORT")
        return Switchboard(name, sip, endpoint(f"{key}_ADDRESS", f"{key}_AMI_PORT"), ports(f"{key}_RTP_PORTS"))

    def softphone(name: str) -> Softphone:
        address = f"{name.upper()}_ADDRESS"
        sip, control = endpoint(address, "AGENT_SIP_PORT"), endpoint(address, "AGENT_CONTROL_PORT")
        return Softphone(name, sip, control, ports("AGENT_RTP_PORTS"), int(values[f"{name.upper()}_HERTZ"]))

    return Settings(
        pbx=switchboard("pbx"),
        carrier=switchboard("carrier"),
        load_sip=endpoint("LOAD_ADDRESS", "LOAD_SIP_PORT"),
        load_sink=endpoint("LOAD_ADDRESS", "LOAD_SINK_PORT"),
        softphones=tuple(softphone(f"agent{number}") for number in range(1, AGENTS + 1)),
        agi=endpoint("AGI_ADDRESS", "AGI_PORT"),
        state=PROJECT / values["STATE"],
        cache=Path(values["CACHE"]) if values["CACHE"] else _user_cache(environment),
        shared_paths=tuple(Path(path) for path in values["SHARED_PATHS"].split(":") if path),
        mirror=values["MIRROR"] or None,
        suite=values["DEBIAN_SUITE"],
    )


def _user_cache(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "dzwonek"
