"""What does a call that is over mean for the contact?"""

from datetime import datetime, timedelta

from dialer.core.answers import NO_ANSWERS, Reply
from dialer.core.call import Call, End
from dialer.core.machines import AnsweredBy
from dialer.model import Disposition

_UNANSWERED = {
    End.BUSY: Disposition.BUSY,
    End.NO_ANSWER: Disposition.NO_ANSWER,
    End.NO_REPLY: Disposition.NO_REPLY,
    End.UNAVAILABLE: Disposition.UNAVAILABLE,
    End.REJECTED: Disposition.REJECTED,
    End.INVALID_NUMBER: Disposition.INVALID_NUMBER,
    End.CONGESTION: Disposition.CONGESTION,
    End.NOT_PLACED: Disposition.NOT_PLACED,
    End.BY_US: Disposition.CANCELLED,
    End.LOST: Disposition.LOST,
    # The callee's side cleared a call that it had not answered.
    End.NORMAL: Disposition.NO_ANSWER,
    End.MEDIA_LOST: Disposition.FAILED,
    End.OTHER: Disposition.FAILED,
}

# How long somebody who has answered may hear nothing (16 CFR 310.4(b)(4)(iii); Ofcom's statement of 2010).
SILENCE = timedelta(seconds=2)

# The call never left us; every other uses up an attempt, but for what ``retry.counts`` says of a congested one.
UNCOUNTED = frozenset({Disposition.NOT_PLACED, Disposition.WITHDRAWN})

# As if nobody were behind the trunk.
TRUNK_FAILURES = frozenset({Disposition.NOT_PLACED, Disposition.NO_REPLY, Disposition.CONGESTION})


def disposition(call: Call) -> Disposition:
    """The one word for how a call that is over went."""
    if call.end is None:
        raise ValueError(f"call {call.attempt_id} is not over: {call.state}")
    if call.joined_at is not None:
        return Disposition.CONNECTED
    if _is_machine(call):
        return Disposition.MACHINE
    if call.asked_at is None and call.waiting_at is not None and call.message_at is not None:
        return Disposition.ABANDONED  # the announcement makes it lawful, and no conversation
    if call.message is not None and Reply.WRONG_NUMBER in call.message.answers.replies:
        return Disposition.WRONG_NUMBER
    if call.asked_at is not None and not (call.message and call.message.broken_off):
        return Disposition.UNSERVED
    if call.message is not None and call.message.whole:
        return Disposition.DELIVERED
    if call.message is not None and call.message.answers.replies:
        return Disposition.REPLIED
    if call.message is not None and call.message.failed:
        return Disposition.FAILED
    if call.message is not None and call.message.broken_off:
        return Disposition.BROKEN_OFF
    if call.message is not None and call.message.unidentified:
        return Disposition.UNIDENTIFIED
    if call.answered_at is not None:
        return Disposition.LOST if call.end is End.LOST else _left(call, call.answered_at)
    return _UNANSWERED[call.end]


def _is_machine(call: Call) -> bool:
    """Whoever pressed a key is a person, whatever it sounded like."""
    answers = call.message.answers if call.message else NO_ANSWERS
    pressed = answers.keys or answers.replies or call.asked_at is not None
    return call.detection is not None and call.detection.answered_by is AnsweredBy.MACHINE and not pressed


def _left(call: Call, answered_at: datetime) -> Disposition:
    """Of an answered call that was not heard to the end: who left whom?"""
    heard_us = call.message_at is not None or (call.greeted_at is not None and call.waiting_at is None)
    was_silent = not heard_us and call.started_at is not None  # of a call from before a crash it is unknown
    silent_since = answered_at if call.greeted_at is None else call.waiting_at or answered_at
    silence = (call.ended_at or silent_since) - silent_since
    return Disposition.ABANDONED if was_silent and silence >= SILENCE else Disposition.HUNG_UP
