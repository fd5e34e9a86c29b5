"""How does a callee who hears a message get to an agent, and what stays of the message?

    message ──key──► Meeting (ivr/joining.py) ──► over, with what was heard and answered before
                        └─nobody is free, and it leads back──► the flow goes on

What is said on the way discloses nothing: whoever presses the key need not be the person meant.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.answers import Answers, Reply
from ivr.joining import Alone, Meeting
from ivr.message import Interrupting, Message, plausible
from ivr.session import (
    Act,
    BreakOff,
    EndedBy,
    HangUp,
    Happening,
    How,
    Interrupt,
    Interruptible,
    KeyPressed,
    Outcome,
    Play,
    Session,
)

TO_AGENT = "2"  # the key by which a callee asks for an agent
GoOn = Callable[[], tuple[Session, Act]]
ASKED = Answers(replies=(Reply.AGENT,), keys=TO_AGENT)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The callee has asked for an agent; what was heard and answered by then stays."""

    outcome: Outcome
    meeting: Session
    go_on: GoOn | None = None

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, BreakOff):
            return Interrupting(self, happening.instead), Interrupt()
        meeting, act = self.meeting.after(happening)
        if isinstance(meeting, Alone) and self.go_on is not None:
            return self.go_on()
        if isinstance(act, HangUp):
            act = HangUp(replace(self.outcome, ended_by=act.outcome.ended_by, pressed=act.outcome.pressed))
        return replace(self, meeting=meeting), act

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported; ``heard`` is none of the message."""
        return replace(self.outcome, ended_by=EndedBy.BREAK_OFF)


def hand_over(meeting: Meeting, outcome: Outcome, go_on: GoOn | None = None) -> tuple[Session, Act]:
    """The callee has asked for an agent.

    Args:
        outcome: of what was said by then.
        go_on: what follows where nobody is free, if the meeting leads back.
    """
    session, act = meeting.begin()
    return HandedOver(outcome, session, go_on), act


@dataclass(frozen=True, slots=True)
class Offer:
    """A script: a message, and then words that offer an agent; the key holds from the first word to the last."""

    message: Message
    offering: Message
    meeting: Meeting

    def begin(self) -> tuple[Session, Act]:
        saying, act = self.message.begin()
        return Saying(self, saying), _with_key(act)


@dataclass(frozen=True, slots=True)
class Saying:
    """The message plays."""

    offer: Offer
    saying: Interruptible

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case KeyPressed(position=position, took=took):
                heard = self.saying.broken_off(plausible(position, took))
                return hand_over(self.offer.meeting, replace(heard, ended_by=EndedBy.US, answers=ASKED))
            case BreakOff(instead):
                return Interrupting(self, instead), Interrupt()
        saying, act = self.saying.after(happening)
        if isinstance(act, HangUp) and act.outcome.how is How.WHOLE:
            offering, first = self.offer.offering.begin()
            return Offering(self.offer, act.outcome, offering), _with_key(first)
        return (replace(self, saying=saying) if isinstance(saying, Interruptible) else self), _with_key(act)

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported, with ``heard`` of the present clip."""
        return self.saying.broken_off(heard)


@dataclass(frozen=True, slots=True)
class Offering:
    """The message was heard to its end."""

    offer: Offer
    outcome: Outcome
    saying: Session

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case KeyPressed():
                return hand_over(self.offer.meeting, replace(self.outcome, answers=ASKED))
            case BreakOff(instead):
                return Interrupting(self, instead), Interrupt()
        saying, act = self.saying.after(happening)
        if isinstance(act, HangUp):
            act = HangUp(replace(self.outcome, ended_by=act.outcome.ended_by))
        return replace(self, saying=saying), _with_key(act)

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported; ``heard`` is none of the message."""
        return replace(self.outcome, ended_by=EndedBy.BREAK_OFF)


def _with_key(act: Act) -> Act:
    return replace(act, keys=TO_AGENT) if isinstance(act, Play) else act
