"""When is somebody at work, and when do they rest meanwhile?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Of presence, or of a break; in UTC."""

    begins: datetime
    ends: datetime

    def holds(self, other: "Span") -> bool:
        return self.begins <= other.begins and other.ends <= self.ends


@dataclass(frozen=True, slots=True)
class Shift:
    agent: str
    span: Span
    breaks: Sequence[Span] = ()
