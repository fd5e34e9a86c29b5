"""What has happened to one call so far, and is it over?

One call's events come from two sources (the switch and the flow) in any order, some of them twice. Every pair of
state and event that can occur is a row of ``TRANSITIONS``; a pair that is missing is a broken assumption.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import get_args

from dialer.core.answers import NO_ANSWERS, Answers
from dialer.core.machines import Detection


class End(StrEnum):
    """Why the switch says a call is over."""

    NORMAL = "normal"  # either side hung up after the answer
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # it rang, and our ring time passed
    NO_REPLY = "no_reply"  # our ring time passed without any sign from the network
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    CONGESTION = "congestion"
    NOT_PLACED = "not_placed"  # the switch refused it, or its trunk was not there: no call was ever made
    MEDIA_LOST = "media_lost"  # the far side's audio stopped coming
    BY_US = "by_us"  # we asked the switch to end it before it was answered
    OTHER = "other"
    LOST = "lost"  # the switch no longer knows the call; how it ended is unknown


@dataclass(frozen=True, slots=True)
class Started:
    """The switch has begun the call."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rang:
    """The network shows progress: ringing, or an announcement before the answer."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The flow took the answered call, and it waits for an agent; again, when the one it had is lost."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentAsked:
    """The callee asked for an agent while the flow spoke, and waits for one."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """Callee and agent hear each other."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageStarted:
    """The flow took the answered call and began to speak; after ``Waiting``, for want of an agent."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageEnded:
    """The flow is over.

    ``failed``: it could not be played, whatever was heard. ``broken_off``: we ended it with a farewell.
    ``unidentified``: it asked who listens, and nobody was the person meant. ``flow``: which one, and its version.
    ``is_left``: the whole of the limited message, with a machine.
    """

    attempt_id: str
    at: datetime
    heard: timedelta
    whole: bool
    failed: bool = False
    broken_off: bool = False
    unidentified: bool = False
    answers: Answers = NO_ANSWERS
    flow: str | None = None
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Greeted:
    """The flow took the answered call, and the callee hears a greeting before waiting in silence for an agent."""

    attempt_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Detected:
    """It is decided whether a person has answered."""

    attempt_id: str
    at: datetime
    detection: Detection


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is gone from the switch. ``platform_code`` is kept for diagnosis only."""

    attempt_id: str
    at: datetime
    why: End
    platform_code: str = ""


Event = (
    Started
    | Rang
    | Answered
    | Waiting
    | AgentAsked
    | Joined
    | MessageStarted
    | MessageEnded
    | Greeted
    | Detected
    | Ended
)
EVENTS: tuple[type[Event], ...] = get_args(Event)


class State(StrEnum):
    PLACED = "placed"
    STARTED = "started"
    RINGING = "ringing"
    ANSWERED = "answered"
    WAITING = "waiting"
    TALKING = "talking"
    PLAYING = "playing"
    PLAYED = "played"
    ENDING = "ending"  # gone from the switch; the flow has yet to say how much was heard
    ENDED = "ended"


ANSWERED = (State.ANSWERED, State.WAITING, State.TALKING, State.PLAYING, State.PLAYED)

_S = State
TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (_S.PLACED, Started): _S.STARTED,
    (_S.PLACED, Rang): _S.RINGING,
    (_S.PLACED, Answered): _S.ANSWERED,
    (_S.PLACED, MessageStarted): _S.PLAYING,  # the flow was quicker than the switch's events
    (_S.PLACED, Ended): _S.ENDED,
    (_S.PLACED, Waiting): _S.WAITING,
    (_S.PLACED, Joined): _S.TALKING,
    (_S.STARTED, Started): _S.STARTED,
    (_S.STARTED, Rang): _S.RINGING,
    (_S.STARTED, Answered): _S.ANSWERED,  # some trunks never ring
    (_S.STARTED, MessageStarted): _S.PLAYING,
    (_S.STARTED, Ended): _S.ENDED,
    (_S.STARTED, Waiting): _S.WAITING,
    (_S.STARTED, Joined): _S.TALKING,
    (_S.RINGING, Started): _S.RINGING,
    (_S.RINGING, Rang): _S.RINGING,
    (_S.RINGING, Answered): _S.ANSWERED,
    (_S.RINGING, MessageStarted): _S.PLAYING,
    (_S.RINGING, Ended): _S.ENDED,
    (_S.RINGING, Waiting): _S.WAITING,
    (_S.RINGING, Joined): _S.TALKING,
    (_S.ANSWERED, MessageStarted): _S.PLAYING,
    (_S.ANSWERED, Ended): _S.ENDED,
    (_S.ANSWERED, Waiting): _S.WAITING,
    (_S.ANSWERED, Joined): _S.TALKING,  # found so, after a restart of ours
    (_S.WAITING, Waiting): _S.WAITING,
    (_S.WAITING, AgentAsked): _S.WAITING,
    (_S.WAITING, Joined): _S.TALKING,
    (_S.WAITING, MessageStarted): _S.PLAYING,
    (_S.WAITING, MessageEnded): _S.PLAYED,
    (_S.WAITING, Ended): _S.ENDING,
    (_S.TALKING, Waiting): _S.TALKING,  # the agent was lost
    (_S.TALKING, Joined): _S.TALKING,
    (_S.TALKING, MessageStarted): _S.PLAYING,
    (_S.TALKING, MessageEnded): _S.PLAYED,
    (_S.TALKING, Ended): _S.ENDING,
    (_S.PLAYING, MessageEnded): _S.PLAYED,
    (_S.PLAYING, Ended): _S.ENDING,
    (_S.PLAYING, AgentAsked): _S.WAITING,  # what was said by then stays said
    (_S.PLAYING, Joined): _S.PLAYING,  # told late: they were parted already
    (_S.PLAYED, Ended): _S.ENDED,
    (_S.PLAYED, Joined): _S.PLAYED,
    **{(_S.ENDING, event): _S.ENDING for event in EVENTS},  # the flow has not noticed yet
    (_S.ENDING, MessageEnded): _S.ENDED,
    **{(_S.ENDED, event): _S.ENDED for event in EVENTS},  # too late
    (_S.PLACED, Greeted): _S.WAITING,
    (_S.STARTED, Greeted): _S.WAITING,
    (_S.RINGING, Greeted): _S.WAITING,
    (_S.ANSWERED, Greeted): _S.WAITING,
    (_S.WAITING, Greeted): _S.WAITING,
    (_S.TALKING, Greeted): _S.TALKING,
    **{(state, event): state for state in ANSWERED for event in (Started, Rang, Answered)},  # told late
    **{(state, Detected): state for state in State},  # at any moment: it changes nothing of how far the call has come
}


@dataclass(frozen=True, slots=True)
class Call:
    """Everything known of one call; the first report of each moment counts."""

    attempt_id: str
    placed_at: datetime
    state: State = State.PLACED
    started_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    waiting_at: datetime | None = None
    asked_at: datetime | None = None  # for an agent, by the callee
    joined_at: datetime | None = None
    message_at: datetime | None = None
    message: MessageEnded | None = None
    ended_at: datetime | None = None
    end: End | None = None
    platform_code: str = ""
    greeted_at: datetime | None = None
    detection: Detection | None = None  # the first; None: nobody asked, or it ended before

    @property
    def is_over(self) -> bool:
        return self.state is State.ENDED


def step(call: Call, event: Event) -> Call:
    """The call after the event.

    Raises:
        ValueError: the table has no row for it; a broken assumption, the call is named.
    """
    state = TRANSITIONS.get((call.state, type(event)))
    if state is None:
        raise ValueError(f"call {call.attempt_id}: {type(event).__name__} cannot happen while {call.state}")
    return call if call.is_over else _after(call, state, event)


def _after(call: Call, state: State, event: Event) -> Call:
    match event:
        case Started(at=at):
            return replace(call, state=state, started_at=call.started_at or at)
        case Rang(at=at):
            return replace(call, state=state, rang_at=call.rang_at or at)
        case Answered(at=at):
            return replace(call, state=state, answered_at=call.answered_at or at)
        # The flow runs on answered calls only: its word is the answer's too, should the switch's be late.
        case Waiting(at=at):
            return replace(call, state=state, waiting_at=call.waiting_at or at, answered_at=call.answered_at or at)
        case AgentAsked(at=at):
            return replace(call, state=state, waiting_at=call.waiting_at or at, asked_at=call.asked_at or at)
        case Joined(at=at):
            return replace(call, state=state, joined_at=call.joined_at or at, answered_at=call.answered_at or at)
        case MessageStarted(at=at):
            return replace(call, state=state, message_at=call.message_at or at, answered_at=call.answered_at or at)
        case MessageEnded():
            return replace(call, state=state, message=event)
        case Greeted(at=at):
            return replace(call, state=state, greeted_at=call.greeted_at or at, answered_at=call.answered_at or at)
        case Detected(detection=detection):
            return replace(call, detection=call.detection or detection)
        case _ if call.end:
            return call
        case _:
            return replace(call, state=state, ended_at=event.at, end=event.why, platform_code=event.platform_code)
