"""What has the callee told us with keys?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Reply(StrEnum):
    """What a callee asks for or says, by the key menu."""

    PROMISE = "promise"  # to pay by a date
    DISPUTE = "dispute"  # the claim is contested
    ALREADY_PAID = "already_paid"
    OPT_OUT = "opt_out"  # no more automatic messages
    WRONG_NUMBER = "wrong_number"  # it is not the telephone of the person meant
    AGENT = "agent"  # to talk to somebody
    CALL_BACK = "call_back"  # to be called by somebody on the number that called us


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that one callee answered, in the order in which it came."""

    is_identified: bool = False  # by a key; whoever need not be asked is not
    replies: tuple[Reply, ...] = ()
    promised: date | None = None  # the day by which it is to be paid
    typed: str = ""  # other digits that were asked for
    recording: str | None = None  # the path of what was recorded, without its ending
    keys: str = ""  # as they were pressed
    is_announced: bool = False  # what the flow opens with was heard to its end: who calls, and that a machine speaks


NO_ANSWERS = Answers()
