"""How does an answered call reach an agent, and what does the callee hear if it does not?

    Waiting ──AgentFound──► Together ──Parted──► is the callee there? ──no──► over
       │ WaitOver                                   │ yes: did they meet?
       ▼                                            ▼
    announcement (key 9: no more calls)          Waiting for another agent; then an apology

The callee never waits for longer than ``patience`` before the first words, whatever fails on the way to an agent.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.agent_acts import AgentFound, Ask, Join, Line, Parted, Value, WaitForAgent, WaitOver, Wanted
from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    CalleeGone,
    CalleePresent,
    EndedBy,
    HangUp,
    Happening,
    How,
    KeyPressed,
    Message,
    Outcome,
    Play,
    Session,
    Stopped,
)

NO_MORE = "9"  # the key by which a callee asks not to be called


def nailed_up(leg: str, *, beep: bool = False) -> Line:
    """The way to an agent whose telephone waits on the line, by its channel's identity.

    With ``beep`` the agent alone hears a sound first, and until it ends neither hears the other (main/features.c,
    bridge_exec; main/bridge.c, ast_bridge_add_channel).
    """
    return Line("Bridge", f"{leg},p" if beep else leg, "BRIDGERESULT", "SUCCESS")


def ringing(device: str, ring_time: timedelta) -> Line:
    """The way to an agent whose telephone is called for this caller; g: when the agent has left, the flow goes on."""
    return Line("Dial", f"{device},{ring_time // timedelta(seconds=1)},g", "DIALSTATUS", "ANSWER")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A script: the callee is joined with an agent, or hears why not."""

    patience: timedelta
    announcement: Message  # nobody is free
    apology: Message  # the agent that they spoke with has gone, and nobody else is free
    no_more: Message  # said after NO_MORE

    def begin(self) -> tuple[Session, Act]:
        return _wait(self, self.patience, Wanted.FIRST)


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
                return Together(self.meeting, line, left, has_met=self.why is Wanted.LOST), Join(line)
            case WaitOver():
                return _say(
                    self.meeting.apology if self.why is Wanted.LOST else self.meeting.announcement, self.meeting
                )
        return self, _gone(self.meeting, happening)


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
    return Waiting(meeting, limit, why), WaitForAgent(limit, why)


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
    return HangUp(Outcome(NOTHING, meeting.announcement.total, How.NONE, ended_by))
