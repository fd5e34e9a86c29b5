"""When does a machine that has answered listen to a message?

After its greeting comes a beep, of whatever pitch and length, and then nothing: so the message begins when the machine
has been silent for a while. Should it sound once more while the message plays, that was the beep, and the message
begins anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dialer.core.machines import Talk, TalkStarted, TalkStopped


@dataclass(frozen=True, slots=True)
class BeepRules:
    quiet: timedelta = timedelta(seconds=1.5)  # greetings pause for less, and machines listen for longer
    longest_greeting: timedelta = timedelta(seconds=45)  # that is waited for
    shortest_beep: timedelta = timedelta(milliseconds=120)
    beginnings: int = 3  # of the message


@dataclass(frozen=True, slots=True)
class AwaitingBeep:
    """What was heard of a machine since it was known for one; ``silent_since`` None: it talks."""

    silent_since: datetime | None
    speaks_since: datetime | None = None  # we do
    beginnings: int = 0

    def hear(self, talk: Talk, rules: BeepRules) -> "AwaitingBeep":
        match talk:
            case TalkStarted():
                return replace(self, silent_since=None)
            case TalkStopped(at=at, lasted=lasted):
                interrupted = (
                    self.speaks_since is not None
                    and at - lasted > self.speaks_since
                    and lasted >= rules.shortest_beep
                    and self.beginnings < rules.beginnings
                )
                return replace(self, silent_since=at, speaks_since=None if interrupted else self.speaks_since)

    def speaks_at(self, rules: BeepRules) -> datetime | None:
        """When the message begins if nothing more is heard; None: not yet, or it has begun."""
        if self.speaks_since is not None or self.silent_since is None:
            return None
        return self.silent_since + rules.quiet

    def speaking(self, now: datetime) -> "AwaitingBeep":
        """The message has begun."""
        return replace(self, speaks_since=now, beginnings=self.beginnings + 1)
