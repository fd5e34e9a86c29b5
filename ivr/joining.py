"""How does an answered call reach an agent, and what does the callee hear if it does not?

    [greeting] ──►
    Waiting ──AgentFound──► Together ──Parted──► is the callee there? ──no──► over
       │ WaitOver    ▲                              │ yes: did they meet?
       ▼             │                              ▼
    Holding, if there are words for it           Waiting for another agent; then an apology
       │ WaitOver
       ▼
    announcement (key 9: no more calls)

Where talks are recorded, the callee is told so between the two, and by a key goes on unrecorded (``Noticing``).

The callee never waits for longer than ``patience`` before the announcement, whatever fails on the way to an agent, and
with words to wait by nothing is silent for longer than ``AT_ONCE``.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.agent_acts import (
    AgentFound,
    Ask,
    Join,
    Parted,
    RecordingBegun,
    StartRecording,
    Value,
    WaitForAgent,
    WaitOver,
    Wanted,
)
from ivr.lines import Line
from ivr.message import Interrupting, Message, plausible
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    BreakOff,
    CalleeGone,
    CalleePresent,
    Clip,
    ClipBroken,
    ClipEnded,
    ClipInterrupted,
    EndedBy,
    HangUp,
    Happening,
    Hold,
    How,
    Interrupt,
    KeyPressed,
    Notice,
    Outcome,
    Play,
    Session,
    Stopped,
)

NO_MORE = "9"  # the key by which a callee asks not to be called
UNRECORDED = "7"  # the key by which a callee talks without being recorded
AT_ONCE = timedelta(milliseconds=200)  # within it a free agent is joined, and nothing need be said first


@dataclass(frozen=True, slots=True)
class Recording:
    """The talk is recorded, unless the callee refuses while told so."""

    notice: Clip
    path: str  # of the file, with its ending


@dataclass(frozen=True, slots=True)
class Meeting:
    """A script: the callee is joined with an agent, or hears why not."""

    patience: timedelta
    announcement: Message  # nobody is free
    apology: Message  # the agent that they spoke with has gone, and nobody else is free
    no_more: Message  # said after NO_MORE
    hold: Clip | None = None  # said again and again meanwhile; None: nothing, and the patience is short
    greeting: Message | None = None  # heard from the answer on, before the wait
    recording: Recording | None = None  # None: not, or not any more to be spoken of
    leads_back: bool = False  # where nobody is free, whoever led here goes on, and says so in place of the others

    def begin(self) -> tuple[Session, Act]:
        if self.greeting is not None:
            saying, act = self.greeting.begin()
            return Greeted(self, saying), act
        return _wait(self, self.patience, Wanted.FIRST)


@dataclass(frozen=True, slots=True)
class Greeted:
    """The greeting plays; whoever hears its end waits for an agent."""

    meeting: Meeting
    saying: Session

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, BreakOff):
            return Interrupting(self, happening.instead), Interrupt()
        saying, act = self.saying.after(happening)
        if not isinstance(act, HangUp):
            return replace(self, saying=saying), act
        if act.outcome.how is How.WHOLE:
            return _wait(self.meeting, self.meeting.patience, Wanted.FIRST)
        return self, HangUp(_nothing_heard(self.meeting, act.outcome.ended_by))

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported: a greeting is no message."""
        return _nothing_heard(self.meeting, EndedBy.BREAK_OFF)


@dataclass(frozen=True, slots=True)
class Waiting:
    """No command is under way; somebody else looks for an agent."""

    meeting: Meeting
    limit: timedelta
    why: Wanted

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case AgentFound(line, waited):
                left = max(self.limit - waited, NOTHING)
                return _meet(Together(self.meeting, line, left, has_met=self.why is Wanted.LOST))
            case WaitOver() if self.meeting.hold is not None and self.limit > AT_ONCE:
                return Holding(self.meeting, self.meeting.hold, self.limit - AT_ONCE, self.why).play()
            case WaitOver():
                return _nobody(self.meeting, self.why)
        return self, _gone(self.meeting, happening)


@dataclass(frozen=True, slots=True)
class Holding:
    """Words are said while somebody else looks for an agent, for so long at most.

    Once there is a ``line``, or nothing is ``left``, the clip is being stopped.
    """

    meeting: Meeting
    clip: Clip
    left: timedelta
    why: Wanted
    line: Line | None = None

    def play(self) -> tuple[Session, Act]:
        return self, Hold(self.clip.path, self.clip.length, limit=self.left)

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case AgentFound(line, waited):
                return replace(self, line=line, left=max(self.left - waited, NOTHING)), Interrupt()
            case WaitOver():
                return replace(self, left=NOTHING), Interrupt()
            case ClipInterrupted(took):
                return self._go_on(took)
            case ClipEnded(position, took) if plausible(position, took):
                return self._go_on(took)
            case ClipBroken(position, took) if not plausible(position, took):
                return self, AskPresence()
            case ClipEnded() | CalleePresent():  # nothing can be played
                return self._go_on(self.left)
            case ClipBroken():
                return self, _gone(self.meeting, CalleeGone())
        return self, _gone(self.meeting, happening)

    def _go_on(self, took: timedelta) -> tuple[Session, Act]:
        if self.line is not None:
            return _meet(Together(self.meeting, self.line, self.left, has_met=self.why is Wanted.LOST))
        if took >= self.left:
            return _nobody(self.meeting, self.why)
        return replace(self, left=self.left - took).play()


@dataclass(frozen=True, slots=True)
class Together:
    """The platform was told to join them; it says so when they are apart."""

    meeting: Meeting
    line: Line
    left: timedelta  # of the patience, should it fail
    has_met: bool  # an agent, before this one

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case Parted():
                return self, AskPresence()
            case CalleePresent():
                return self, Ask(self.line.variable)
            case Value(text) if text == self.line.met:
                return _wait(self.meeting, self.meeting.patience, Wanted.LOST)
            case Value():
                return _wait(self.meeting, self.left, Wanted.LOST if self.has_met else Wanted.NOT_JOINED)
        return self, _gone(self.meeting, happening)


@dataclass(frozen=True, slots=True)
class Noticing:
    """An agent is there; the callee is told that the talk will be recorded. Who was not told is not recorded."""

    recording: Recording
    then: Together

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case ClipEnded(position, took) if plausible(position, took):
                return self, StartRecording(self.recording.path)
            case RecordingBegun() | KeyPressed() | ClipEnded() | CalleePresent():
                return self.then, Join(self.then.line)
            case ClipBroken():
                return self, AskPresence()
        return self, _gone(self.then.meeting, happening)


@dataclass(frozen=True, slots=True)
class Alone:
    """Nobody is free, and what is said of it is said where the caller came from."""

    def after(self, happening: Happening) -> tuple[Session, Act]:
        raise ValueError(f"{happening} cannot happen in a meeting that has led back")


@dataclass(frozen=True, slots=True)
class Speaking:
    """A message is said instead."""

    meeting: Meeting
    saying: Session
    message: Message

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, KeyPressed):
            thanks, first = self.meeting.no_more.begin()
            heard = min(happening.position, self.message.total)
            how = How.PART if heard else How.NONE
            outcome = Outcome(heard, self.message.total, how, EndedBy.US, pressed=happening.key)
            return TakingLeave(outcome, thanks), first
        saying, act = self.saying.after(happening)
        return replace(self, saying=saying), _with_keys(act)


@dataclass(frozen=True, slots=True)
class TakingLeave:
    """The callee has asked for no more calls, and is thanked."""

    outcome: Outcome
    saying: Session

    def after(self, happening: Happening) -> tuple[Session, Act]:
        saying, act = self.saying.after(happening)
        return TakingLeave(self.outcome, saying), HangUp(self.outcome) if isinstance(act, HangUp) else act


def _wait(meeting: Meeting, limit: timedelta, why: Wanted) -> tuple[Session, Act]:
    in_silence = limit if meeting.hold is None else min(limit, AT_ONCE)
    return Waiting(meeting, limit, why), WaitForAgent(in_silence, why)


def _meet(together: Together) -> tuple[Session, Act]:
    recording = together.meeting.recording
    if recording is None:
        return together, Join(together.line)
    notice = recording.notice
    told = replace(together, meeting=replace(together.meeting, recording=None))
    return Noticing(recording, told), Notice(notice.path, notice.length, keys=UNRECORDED)


def _nobody(meeting: Meeting, why: Wanted) -> tuple[Session, Act]:
    if meeting.leads_back:
        return Alone(), HangUp(_nothing_heard(meeting, EndedBy.US))
    return _say(meeting.apology if why is Wanted.LOST else meeting.announcement, meeting)


def _say(message: Message, meeting: Meeting) -> tuple[Session, Act]:
    saying, act = message.begin()
    return Speaking(meeting, saying, message), _with_keys(act)


def _with_keys(act: Act) -> Act:
    return replace(act, keys=NO_MORE) if isinstance(act, Play) else act


def _gone(meeting: Meeting, happening: Happening) -> HangUp:
    match happening:
        case CalleeGone():
            ended_by = EndedBy.CALLEE
        case Stopped():
            ended_by = EndedBy.US
        case _:
            ended_by = EndedBy.FAILURE
    return HangUp(_nothing_heard(meeting, ended_by))


def _nothing_heard(meeting: Meeting, ended_by: EndedBy) -> Outcome:
    return Outcome(NOTHING, meeting.announcement.total, How.NONE, ended_by)
