"""What can happen in a conversation with one callee, and what can be done next?

A session is a value: ``after(what happened)`` gives the session that follows and the one thing to do now. It
knows neither bytes nor clocks; whoever carries it (ivr/conversation.py) says how long a clip took. What concerns agents
alone is in ``agent_acts.py``.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from ivr.agent_acts import AgentFound, Ask, Join, Parted, RecordingBegun, StartRecording, Value, WaitForAgent, WaitOver
from ivr.answers import NO_ANSWERS, Answers

NOTHING = timedelta()


class How(StrEnum):
    """How much of the message was heard. Whole only if Asterisk confirmed the end of every clip."""

    NONE = "none"
    PART = "part"
    WHOLE = "whole"


class EndedBy(StrEnum):
    CALLEE = "callee"
    US = "us"
    BREAK_OFF = "break_off"  # from outside: it was not to go on, and something else was said instead
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Outcome:
    heard: timedelta
    total: timedelta
    how: How
    ended_by: EndedBy
    answers: Answers = NO_ANSWERS
    pressed: str = ""  # the key that ended it
    instead: How = How.NONE  # how much was heard of what was said in its place


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound file: an absolute path without its extension, as Asterisk wants it, and its exact length."""

    path: str
    length: timedelta

    def __post_init__(self) -> None:
        if not self.path or not self.path.isprintable():
            raise ValueError(f"no path Asterisk could be told: {self.path!r}")
        if self.length <= NOTHING:
            raise ValueError(f"{self.path} is {self.length} long")


# What happened


@dataclass(frozen=True, slots=True)
class ClipEnded:
    """The clip is over, ``took`` after it was begun; Asterisk says it got as far as ``position``."""

    position: timedelta
    took: timedelta


@dataclass(frozen=True, slots=True)
class ClipBroken:
    """The clip stopped: because the callee left, or because the file cannot be played."""

    position: timedelta
    took: timedelta


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The callee pressed one of the keys that the clip, or the recording, was to end on."""

    key: str
    position: timedelta
    took: timedelta


@dataclass(frozen=True, slots=True)
class ClipInterrupted:
    """The clip stopped because we asked for it, ``took`` after it was begun."""

    took: timedelta


@dataclass(frozen=True, slots=True)
class CalleePresent:
    """Asked, the platform says that the callee is still there."""


@dataclass(frozen=True, slots=True)
class CalleeGone:
    """The callee had left before the clip could begin."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The platform refused, fell silent or went away.

    ``took`` is the time since the clip was begun, nothing if none was playing.
    """

    took: timedelta


@dataclass(frozen=True, slots=True)
class Stopped:
    """We go. ``took`` is the time since the clip was begun, nothing if none was playing."""

    took: timedelta


@dataclass(frozen=True, slots=True)
class BreakOff:
    """While a clip plays: the message must not go on, another is to be said in its place."""

    instead: "Script"


OfClip = ClipEnded | ClipBroken | KeyPressed | ClipInterrupted
OfAgent = AgentFound | WaitOver | RecordingBegun | Parted | Value
Happening = OfClip | OfAgent | CalleePresent | CalleeGone | Lost | Stopped | BreakOff

# What to do next


@dataclass(frozen=True, slots=True)
class Play:
    """Play the file; it takes ``length``, or something is wrong. One of the ``keys`` ends it at once."""

    path: str
    length: timedelta
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Hold(Play):
    """Play the file while an agent is looked for, for ``limit`` at most."""

    limit: timedelta = NOTHING


@dataclass(frozen=True, slots=True)
class Notice(Play):
    """Play the file to whoever is about to be joined with an agent."""


@dataclass(frozen=True, slots=True)
class Record:
    """Record what the callee says, after a tone, until one of the keys or the limit. Ends as a clip does."""

    path: str
    limit: timedelta
    keys: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop the clip that plays."""


@dataclass(frozen=True, slots=True)
class AskPresence:
    """Ask whether the callee is still there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the call: it is one to us, and rings."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The session is over: hang up, if there still is somebody, and report the outcome."""

    outcome: Outcome


Act = Play | Record | Interrupt | AskPresence | Answer | WaitForAgent | StartRecording | Join | Ask | HangUp


class Session(Protocol):
    """A conversation with one callee, as a value."""

    def after(self, happening: Happening) -> "tuple[Session, Act]":
        """The session that follows, and what to do now. Not to be asked again after HangUp."""


@runtime_checkable
class Interruptible(Session, Protocol):
    """A session that can be broken off."""

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported, with ``heard`` of the present clip."""


class Script(Protocol):
    """What a session is begun from."""

    def begin(self) -> tuple[Session, Act]:
        """A new session and its first act."""
