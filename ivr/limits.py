"""What may a peer take of the FastAGI server, and what has happened so far?"""

from dataclasses import dataclass, field
from datetime import timedelta

from ivr.protocol import Bounds


@dataclass(frozen=True, slots=True)
class Limits:
    """What one peer, and all of them together, may take of us."""

    header: timedelta = timedelta(seconds=5)
    """How long the environment may take; Asterisk sends it within a millisecond."""
    reply: timedelta = timedelta(seconds=10)
    """How long an answer may take, beyond the length of what is played."""
    interrupt: timedelta = timedelta(milliseconds=100)
    """How soon a clip is asked again to stop; Asterisk answers within a millisecond, or has not seen it."""
    connections: int = 2_000
    grace: timedelta = timedelta(seconds=30)
    """How long running messages may go on when the server stops."""
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(slots=True)
class Counts:
    """Totals since the start, for whoever publishes metrics."""

    connections: int = 0
    sessions: int = 0
    finished: int = 0
    unknown: int = 0
    strangers: int = 0
    refused_full: int = 0
    displaced: int = 0
    left_early: int = 0
    garbled: int = 0
    header_timeouts: int = 0
    reply_timeouts: int = 0
    broken_callbacks: int = 0
