"""How is a message that must not go on broken off, and what is said instead?"""

from typing import Protocol

from dialer.core.farewell import Words


class Farewell(Protocol):
    """Takes leave of callees whose message plays."""

    def break_off(self, attempt_id: str, words: Words) -> bool:
        """Stop the message of this call now, say the words and hang up; the attempt ends as ``broken_off``.

        NEUTRAL is said where PAID would tell of a debt that the message did not speak of (``core.farewell``).

        False: no message of this call is playing, or it is being broken off already. Nothing was done then; a call
        that must not go on all the same is hung up (``Switch.hang_up``).
        """
        ...
