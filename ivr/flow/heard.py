"""How much of the message has the callee heard?"""

from dataclasses import dataclass
from datetime import timedelta

from ivr.session import NOTHING


@dataclass(frozen=True, slots=True)
class Heard:
    """At most, and in the present run."""

    most: timedelta = NOTHING
    is_whole: bool = False
    run: timedelta = NOTHING


NOTHING_HEARD = Heard()
