"""What does "cause 17, tech cause 486" mean? One table for unanswered calls, a rule for the answered ones.

Cause is Q.850's number, or Asterisk's guess at it; TechCause is the status of the carrier's SIP response, and the
better witness: 404 and a route that is missing both become cause 1 or 3, 480 and our own ring time both become 19.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from dialer.core.call import End

RING_TIME_PASSED: Final = 3  # OriginateResponse's Reason; the 19/480 that comes with it was never sent by anybody
AUDIO_STOPPED: Final = 44  # rtp_timeout
NOBODY_THERE: Final = timedelta(seconds=32)  # RFC 3261's timer B: by then Asterisk itself says 408

# Status codes of RFC 3261 (and 3398 for what a telephone network meant by them).
BY_STATUS: Final[Mapping[int, End]] = {
    403: End.REJECTED,
    404: End.INVALID_NUMBER,
    408: End.UNAVAILABLE,
    410: End.INVALID_NUMBER,  # number changed
    480: End.UNAVAILABLE,
    484: End.INVALID_NUMBER,  # incomplete
    486: End.BUSY,
    500: End.CONGESTION,
    502: End.CONGESTION,
    503: End.CONGESTION,
    504: End.CONGESTION,
    600: End.BUSY,
    603: End.REJECTED,
    604: End.INVALID_NUMBER,
    607: End.REJECTED,  # unwanted, RFC 8197
    608: End.REJECTED,  # by an analytics engine, RFC 8688
}

# ITU-T Q.850, for ends without a status.
BY_CAUSE: Final[Mapping[int, End]] = {
    1: End.INVALID_NUMBER,
    17: End.BUSY,
    18: End.UNAVAILABLE,
    19: End.NO_ANSWER,
    20: End.UNAVAILABLE,
    21: End.REJECTED,
    22: End.INVALID_NUMBER,
    27: End.UNAVAILABLE,
    28: End.INVALID_NUMBER,
    34: End.CONGESTION,
    38: End.CONGESTION,
    41: End.CONGESTION,
    42: End.CONGESTION,
    44: End.CONGESTION,
    102: End.CONGESTION,
}

# After ringing, "nobody there" in whatever words means that nobody picked up within the network's own time.
AFTER_RINGING: Final[Mapping[int, End]] = {408: End.NO_ANSWER, 480: End.NO_ANSWER}


@dataclass(frozen=True, slots=True)
class HangupCause:
    """The two figures of a Hangup event; status 0 means that no SIP response ended the call."""

    cause: int = 0
    status: int = 0

    def __str__(self) -> str:
        return f"{self.cause}/{self.status}" if self.status else str(self.cause)


def end_of_answered(why: HangupCause) -> End:
    """How an answered call ended. The status is not looked at: a failed leg to an agent leaves its own on this call."""
    return End.MEDIA_LOST if why.cause == AUDIO_STOPPED else End.NORMAL


def end_of_unanswered(
    why: HangupCause, reason: int | None, progressed: bool, asked_to_end: bool, lasted: timedelta
) -> End:
    """How a call ended that nobody answered.

    ``reason`` is OriginateResponse's, None when it never came; ``progressed``: it rang or an announcement played;
    ``asked_to_end``: we sent a Hangup, which counts only where the carrier did not end the call by itself.
    """
    if reason == RING_TIME_PASSED:
        return End.NO_ANSWER if progressed else End.NO_REPLY
    if why.status == 408 and not progressed and lasted >= NOBODY_THERE:
        return End.NO_REPLY
    if progressed and why.status in AFTER_RINGING:
        return AFTER_RINGING[why.status]
    if why.status in BY_STATUS:
        return BY_STATUS[why.status]
    if asked_to_end:
        return End.BY_US
    return BY_CAUSE.get(why.cause, End.OTHER)
