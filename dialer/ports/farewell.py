"""How is a message that must not go on broken off, and what is said instead?"""

from enum import StrEnum
from typing import Protocol


class Words(StrEnum):
    """What the callee hears in place of the rest of the message, before we hang up."""

    NEUTRAL = "neutral"  # thanks and good-bye: fit for whoever listens
    PAID = "paid"  # the payment has arrived; NEUTRAL is said where that would tell more than the message did


class Farewell(Protocol):
    """Takes leave of callees whose message plays."""

    def break_off(self, attempt_id: str, words: Words) -> bool:
        """Stop the message of this call now, say the words and hang up; the call's events tell that it happened.

        False: no message of this call is playing, it is already being broken off, or the switch cannot be told.
        Nothing was done then; a call that must not go on all the same is hung up (``Switch.hang_up``).
        """
        ...
