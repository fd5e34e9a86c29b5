"""What can happen on the way to an agent, and what can be done about it?"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ivr.lines import Line


class Wanted(StrEnum):
    """Why an agent is looked for."""

    FIRST = "first"
    NOT_JOINED = "not_joined"  # the one that was found could not be joined
    LOST = "lost"  # the one that was joined has gone, and the callee is still there


# What happened


@dataclass(frozen=True, slots=True)
class AgentFound:
    """The caller is to be joined with an agent, having waited so long this time."""

    line: Line
    waited: timedelta


@dataclass(frozen=True, slots=True)
class WaitOver:
    """No agent was found in time."""


@dataclass(frozen=True, slots=True)
class RecordingBegun:
    """Whatever the callee and an agent say to each other from now on is recorded."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The two are apart again, or were never joined: the caller left, or the agent, or there was no such agent."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value of the variable that was asked for; empty if there is none."""

    text: str


# What to do next


@dataclass(frozen=True, slots=True)
class WaitForAgent:
    """Do nothing until one is found, for so long at most."""

    limit: timedelta
    why: Wanted


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record, in that file, what the callee and agents say to each other."""

    path: str  # with its ending


@dataclass(frozen=True, slots=True)
class Join:
    """Join the two; it lasts until they part."""

    line: Line


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a variable's value."""

    variable: str
