"""What do Asterisk's events say about one call? Pure: messages and moments in, domain events out.

Events of one call come in any order: channel events travel another road inside Asterisk than OriginateResponse, which
was seen after the Hangup in a third of the failures, and before the answer's Newstate in a quarter of the answers. So
nothing here depends on their order: every message only adds to what is known, and the end is told once, when enough is.

    answered                          over at Hangup
    unanswered                        over when Hangup and OriginateResponse are both in
    OriginateResponse Failure alone   no channel ever was: over when none has appeared within a bounded wait
    Hangup alone                      over without OriginateResponse after a bounded wait
    Response: Error                   over at once: Asterisk did not take the action
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from dialer.adapters.ami import contract
from dialer.adapters.ami.causes import HangupCause, end_of_answered, end_of_unanswered
from dialer.adapters.ami.protocol import Message
from dialer.core.call import Answered, End, Ended, Event, Joined, Rang, Started
from dialer.ports import CallPhase

_IDENTITY: Final[Mapping[str, str]] = {
    # ActionID, because the Uniqueid of a refused duplicate names the living call.
    "OriginateResponse": "ActionID",
    "DialState": "DestUniqueid",
}
_RINGING: Final = "5"  # ChannelState
_UP: Final = "6"
_PROGRESS: Final = frozenset({"RINGING", "PROGRESS"})  # DialStatus; PROCEEDING tells of the next hop only
_ENDINGS: Final = frozenset({"HangupRequest", "Hangup"})
_LONGEST_CODE: Final = 60


def call_of(message: Message) -> str:
    """The identity of the call that a call event is about; empty when it names none."""
    return message.get(_IDENTITY.get(message.name, "Uniqueid"))


def phase_of(channel_state: str) -> CallPhase:
    """How far a channel in this ChannelState has come."""
    return {_RINGING: CallPhase.RINGING, _UP: CallPhase.ANSWERED}.get(channel_state, CallPhase.DIALING)


class CallTrail:
    """What is known of one call so far; each method answers with the news, nothing is told twice."""

    __slots__ = (
        "_answered",
        "_began_at",
        "_hangup",
        "_left_at",
        "_rang",
        "_reason",
        "asked_to_end",
        "attempt_id",
        "began",
        "is_over",
    )

    def __init__(self, attempt_id: str, phase: CallPhase | None = None) -> None:
        """``phase``: how far a call has come that an earlier run placed; what came before is not told again."""
        self.attempt_id = attempt_id
        self.began = phase is not None
        self.asked_to_end = False
        self.is_over = False
        self._rang = phase is CallPhase.RINGING
        self._answered = phase is CallPhase.ANSWERED
        self._reason: int | None = None
        self._hangup: HangupCause | None = None
        self._began_at: datetime | None = None
        self._left_at: datetime | None = None

    @property
    def is_answered(self) -> bool:
        return self._answered

    @property
    def awaits_other_half(self) -> bool:
        """Whether one of Hangup and OriginateResponse is in, and the other must come soon or never."""
        if self.is_over:
            return False
        return self._hangup is not None or (self._reason is not None and not self._answered)

    def hear(self, message: Message, at: datetime) -> list[Event]:
        """The news of a call event of this call."""
        if self.is_over:
            return []
        news: list[Event] = []
        at = self._left_at or at  # nothing happens to a call after its end, it is only told late
        if message.name == "OriginateResponse":
            self._hear_outcome(message, at, news)
        elif message.name == "DialState":
            if message.get("DialStatus") in _PROGRESS:
                self._progress(at, news)
        else:
            self._hear_channel(message, at, news)
        if self._hangup is not None and (self._answered or self._reason is not None):
            news.append(self._end(at))
        return news

    def see(self, phase: CallPhase, at: datetime) -> list[Event]:
        """The news of a list of channels: what happened while nobody could hear it."""
        news: list[Event] = []
        if not self.is_over and phase is CallPhase.RINGING:
            self._progress(at, news)
        elif not self.is_over and phase is CallPhase.ANSWERED:
            self._answer(at, news)
        return news

    def refuse(self, message: Message, at: datetime) -> list[Event]:
        """The news that Asterisk did not take the action."""
        return self._over(Ended(self.attempt_id, at, End.NOT_PLACED, message.get("Message")[:_LONGEST_CODE]))

    def give_up(self, at: datetime) -> list[Event]:
        """The news when the other half did not come within the bounded wait."""
        return [] if self.is_over else [self._end(at)]

    def lose(self, at: datetime) -> list[Event]:
        """The news that Asterisk does not know the call any more and nobody heard it end."""
        return self._over(Ended(self.attempt_id, at, End.LOST))

    def _hear_outcome(self, message: Message, at: datetime, news: list[Event]) -> None:
        if message.get("Response") == "Success":
            self._answer(at, news)
        else:
            self._reason = _figure(message.get("Reason"))

    def _hear_channel(self, message: Message, at: datetime, news: list[Event]) -> None:
        if not self.began:
            self.began = True
            self._began_at = at
            news.append(Started(self.attempt_id, at))
        # Every channel event repeats the state, so that none of the others is indispensable.
        state = message.get("ChannelState")
        if state == _RINGING:
            self._progress(at, news)
        elif state == _UP:
            self._answer(at, news)
        if message.name == contract.BRIDGED:
            news.append(Joined(self.attempt_id, at))
        if message.name == "Hangup":
            self._hangup = HangupCause(_figure(message.get("Cause")), _figure(message.get("TechCause")))
        if message.name in _ENDINGS:
            # The first is the true moment: Hangup itself waits until the message's flow has let go of the channel.
            self._left_at = self._left_at or at

    def _progress(self, at: datetime, news: list[Event]) -> None:
        if not (self._rang or self._answered):
            news.append(Rang(self.attempt_id, at))
        self._rang = True

    def _answer(self, at: datetime, news: list[Event]) -> None:
        if not self._answered:
            news.append(Answered(self.attempt_id, at))
        self._answered = True

    def _end(self, at: datetime) -> Ended:
        self.is_over = True
        if not self.began:
            return Ended(self.attempt_id, at, End.NOT_PLACED, f"reason/{self._reason}")
        why = self._hangup or HangupCause()
        left_at = self._left_at or at
        if self._answered:
            end = end_of_answered(why)
        else:
            lasted = left_at - self._began_at if self._began_at else timedelta()
            end = end_of_unanswered(why, self._reason, self._rang, self.asked_to_end, lasted)
        return Ended(self.attempt_id, left_at, end, str(why))

    def _over(self, end: Ended) -> list[Event]:
        if self.is_over:
            return []
        self.is_over = True
        return [end]


def _figure(value: str) -> int:
    return int(value) if value.isdecimal() else 0
