"""What has a callee told us with keys?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Reply(StrEnum):
    """What a callee asks for or says, by the key menu of a flow."""

    PROMISE = "promise"  # to pay by a day
    DISPUTE = "dispute"  # the claim is contested
    ALREADY_PAID = "already_paid"
    OPT_OUT = "opt_out"  # no more automatic messages
    WRONG_NUMBER = "wrong_number"  # it is not the telephone of the person meant
    AGENT = "agent"  # to talk to somebody
    CALL_BACK = "call_back"  # to be called by somebody on the number that called us


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one callee answered, in the order in which it came."""

    is_identified: bool = False
    replies: tuple[Reply, ...] = ()
    promised: date | None = None  # the day by which it is to be paid
    recording: str | None = None  # the path of what was recorded
    keys: str = ""  # as they were pressed
    is_announced: bool = False  # what the flow opens with was heard to its end: who calls, and that a machine speaks


NO_ANSWERS = Answers()
