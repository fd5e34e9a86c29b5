"""What does an answer of the switch mean for the session?"""

from datetime import timedelta

from ivr.agent_acts import Parted, RecordingBegun, Value
from ivr.protocol import Reply
from ivr.session import CalleeGone, CalleePresent, ClipBroken, ClipEnded, ClipInterrupted, Happening, KeyPressed, Lost

DEAD_CHANNEL = 511
SUCCESS = 200
BROKEN = "-1"
KEYS = {str(ord(key)): key for key in "0123456789*#"}  # the key that ended a clip, by its ASCII code


def of_status(reply: Reply) -> Happening:
    """The answer to the question whether the callee is still there."""
    if reply.code == DEAD_CHANNEL:
        return CalleeGone()
    return CalleePresent() if reply.code == SUCCESS else Lost(timedelta())


def of_answering(reply: Reply) -> Happening:
    """What became of our answering a call that rang."""
    if reply.code == DEAD_CHANNEL or reply.result == BROKEN:
        return CalleeGone()
    return CalleePresent() if reply.code == SUCCESS else Lost(timedelta())


def of_clip(reply: Reply, took: timedelta) -> Happening:
    """The answer to a clip, or to a recording, ``took`` after it was begun."""
    if reply.code == DEAD_CHANNEL:
        return CalleeGone()
    if reply.code != SUCCESS:
        return Lost(took)
    if reply.result in KEYS:
        return KeyPressed(KEYS[reply.result], reply.position, took)
    return (ClipBroken if reply.result == BROKEN else ClipEnded)(reply.position, took)


def of_interrupted_clip(reply: Reply, took: timedelta) -> Happening:
    """What became of a clip that we asked to stop: its own answer, or that of the question that stopped it."""
    if reply.endpos is not None:
        return of_clip(reply, took)
    if reply.code == DEAD_CHANNEL:  # it had begun: the callee left at that very moment
        return ClipBroken(took, took)
    return ClipInterrupted(took) if reply.code == SUCCESS else Lost(took)


def of_joining(reply: Reply) -> Happening:
    """The answer to the application that joins two calls: it says only that it is over."""
    if reply.code == DEAD_CHANNEL:
        return CalleeGone()
    return Parted() if reply.code == SUCCESS else Lost(timedelta())


def of_recording(reply: Reply) -> Happening:
    """The answer to the application that records: it goes on beside the call."""
    if reply.code == DEAD_CHANNEL:
        return CalleeGone()
    return RecordingBegun() if reply.code == SUCCESS else Lost(timedelta())


def of_variable(reply: Reply) -> Happening:
    """The answer to the question for a variable."""
    if reply.code == DEAD_CHANNEL:
        return CalleeGone()
    return Value(reply.data) if reply.code == SUCCESS else Lost(timedelta())
