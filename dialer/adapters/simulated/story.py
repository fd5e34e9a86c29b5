"""What happens to one call, from the placing on?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.core.call import Answered, End, Ended, Event, MessageEnded, MessageStarted, Rang, Started
from dialer.core.machines import Talk, TalkStarted, TalkStopped, Thresholds
from dialer.model import OutgoingCall


@dataclass(frozen=True, slots=True)
class Listening:
    """How the callee hears the message, told by the switch in place of a flow: for how long, and whether all of it."""

    heard: timedelta
    whole: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to one call; every span counts from the placing, None means never.

    A call that is answered ends NORMAL or MEDIA_LOST. One that is not answered within its ring time ends there
    (NO_ANSWER, or NO_REPLY without ringing), whatever the story goes on to say.
    """

    end: End
    ends: timedelta
    starts: timedelta | None = timedelta()
    rings: timedelta | None = None
    answers: timedelta | None = None
    listening: Listening | None = None
    talks: tuple[tuple[timedelta, timedelta], ...] = ()  # when the far side talks, from the answer on, and for how long
    is_voicemail: bool = False  # whoever is joined with it finds nobody there

    @property
    def is_machine(self) -> bool:
        """Whether the engine, if it asks, is to take the far side for a machine."""
        if self.listening is None or not self.talks:
            return False
        begins, lasts = self.talks[0]
        return lasts >= Thresholds().greeting and self.listening.heard > begins + lasts

    def talking(self, call: OutgoingCall, placed_at: datetime) -> list[Talk]:
        """What is told of the far side's talking, where the engine asks for it."""
        if not call.tells_of_talking or self.answers is None or self.answers >= call.ring_time:
            return []
        told: list[Talk] = []
        for begins, lasts in self.talks:
            at = placed_at + self.answers + begins
            told += [TalkStarted(call.attempt_id, at), TalkStopped(call.attempt_id, at + lasts, lasts)]
        return told

    def events(self, call: OutgoingCall, placed_at: datetime) -> list[Event]:
        """In the order in which they happen."""
        identity = call.attempt_id
        answers = self.answers if self.answers is not None and self.answers < call.ring_time else None
        if answers is None and self.ends >= call.ring_time:
            end, ends = self._unanswered_end, call.ring_time
        else:
            end, ends = self.end, self.ends
        told: list[Event] = []
        if self.starts is not None:
            told.append(Started(identity, placed_at + self.starts))
        if self.rings is not None and self.rings < ends:
            told.append(Rang(identity, placed_at + self.rings))
        if answers is not None:
            told.append(Answered(identity, placed_at + answers))
            told += self._message(identity, placed_at + answers)
        return [*told, Ended(identity, placed_at + ends, end)]

    @property
    def _unanswered_end(self) -> End:
        return End.NO_REPLY if self.rings is None else End.NO_ANSWER

    def _message(self, identity: str, answered_at: datetime) -> list[Event]:
        if self.listening is None:
            return []
        heard, whole = self.listening.heard, self.listening.whole
        return [
            MessageStarted(identity, answered_at),
            MessageEnded(identity, answered_at + heard, heard, whole),
        ]


Stories = Callable[[OutgoingCall], Story]
