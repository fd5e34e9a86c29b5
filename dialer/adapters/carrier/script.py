"""What does each number do when it is called?

The format of sim_outcomes.csv: `number,type,attempt_1..attempt_4`, each attempt `kind/ring seconds/keys`. Keys: `1,4`
pressed one after another (`0512` in one burst), `wait` lets a menu pass in silence, `hangup@2s` hangs up two seconds
after answering. Whoever answers may have a voice, `kind/ring seconds/keys/voice`: what is said at the answer.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

ATTEMPTS = 4


class ScriptProblem(Exception):
    """The file is no such script; the message names the line."""


class Kind(StrEnum):
    """How the far end meets a call."""

    HUMAN = "human"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NO_ANSWER = "noanswer"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    CONGESTION = "congestion"
    UNALLOCATED = "unallocated"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What happens on one attempt; keys and hangs_up_after are a person's only."""

    kind: Kind
    ring: timedelta
    keys: tuple[str, ...] = ()
    hangs_up_after: timedelta | None = None
    voice: str = ""  # the name of a sound at the carrier; empty: the kind's own


@dataclass(frozen=True, slots=True)
class Role:
    """A number and its behaviour on each attempt; the last one stays for all that follow."""

    number: str
    attempts: tuple[Behaviour, ...]

    def on_attempt(self, ordinal: int) -> Behaviour:
        """The behaviour on the first (1), second (2), … call."""
        return self.attempts[min(ordinal, len(self.attempts)) - 1]


def read_script(lines: Iterable[str]) -> list[Role]:
    """The roles of a script file, in its order; raises ScriptProblem."""
    rows = csv.DictReader(lines)
    columns = [name for name in rows.fieldnames or () if name.startswith("attempt_")]
    if "number" not in (rows.fieldnames or ()) or not columns:
        raise ScriptProblem("a carrier script needs the columns number and attempt_1 …")
    roles = []
    for row in rows:
        try:
            roles.append(role(row["number"], *(row[column] for column in columns if row[column])))
        except ValueError as error:
            raise ScriptProblem(f"carrier script, line {rows.line_num}: {error}") from error
    return roles


VOICE = re.compile(r"[a-z0-9_-]{0,40}")
NUMBER = re.compile(r"\+?\d+")
KEYS = re.compile(r"[0-9*#]+|wait")
HANGS_UP = re.compile(r"hangup@(\d+(?:\.\d+)?)s")


def role(number: str, *attempts: str) -> Role:
    """A role from its written form: `role("+48280000001", "busy/3/", "human/6/1,4")`."""
    if not NUMBER.fullmatch(number):
        raise ValueError(f"{number!r} is no telephone number")
    if not 1 <= len(attempts) <= ATTEMPTS:
        raise ValueError(f"{number} has {len(attempts)} attempts, 1 to {ATTEMPTS} are possible")
    return Role(number, tuple(behaviour(text) for text in attempts))


def behaviour(text: str) -> Behaviour:
    """A behaviour from `kind/ring seconds/keys/voice`."""
    kind, _, rest = text.partition("/")
    ring, _, rest = rest.partition("/")
    keys, _, voice = rest.partition("/")
    if not VOICE.fullmatch(voice):
        raise ValueError(f"{text!r}: a voice is the name of a sound")
    seconds = timedelta(seconds=float(ring or 0))
    if leaving := HANGS_UP.fullmatch(keys):
        return Behaviour(Kind(kind), seconds, (), timedelta(seconds=float(leaving[1])), voice)
    pressed = tuple(keys.split(",")) if keys else ()
    if any(not KEYS.fullmatch(key) for key in pressed):
        raise ValueError(f"{text!r}: keys are 0-9, *, #, wait, or hangup@<n>s")
    return Behaviour(Kind(kind), seconds, pressed, voice=voice)
