"""Who calls us, and how many calls at once are answered?

The number that calls is looked up among those of the client's debtors. It proves nothing, so nothing of a case is ever
said; what is told concerns the cases of a debtor only if the number is no other's, too.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialer.core import wrap_up
from dialer.core.answers import NO_ANSWERS, Answers, Reply
from dialer.core.numbers import Number, NumberingPlan, normalise
from dialer.core.suppressions import SuppressionReason, Wish

PER_CALLER = 2  # at the same time: one that hung up may not be over here yet


@dataclass(frozen=True, slots=True)
class Line:
    """A number of a brand that is answered, and with which prepared flow."""

    brand_id: str
    client_id: str
    message_key: str
    transfer_wait: timedelta | None = None  # for whom asks for an agent; None: there are none
    skills: frozenset[str] = frozenset()  # that an agent needs for its callers
    wrap_up: timedelta = wrap_up.LIMIT  # how long an agent may take after a talk with one
    is_recorded: bool = False  # talks and the reasons of complaints, unless the caller refuses when told so


@dataclass(frozen=True, slots=True)
class InboundCall:
    """A call to a brand's number."""

    id: str
    brand_id: str
    client_id: str
    dialled: str  # E.164
    caller: str | None  # E.164; None: withheld, or no number
    began_at: datetime
    ended_at: datetime | None = None
    heard: timedelta = timedelta()
    flow: str = ""  # what it was led through: name@version
    answers: Answers = field(default=NO_ANSWERS)
    agent_id: str | None = None  # whom they spoke with, last
    joined_at: datetime | None = None  # with the first
    is_recorded: bool = False  # something of it: the file is named after the call


def is_to_us(call_id: str) -> bool:
    """Whether a call is one to a brand's number: then the switch has named it, and an attempt's id has no dot."""
    return "." in call_id


def number_of(text: str, plan: NumberingPlan) -> str | None:
    """A number in E.164 as the network writes it; None if it is none."""
    found = normalise(text, plan)
    return found.e164 if isinstance(found, Number) else None


def is_refused(caller: str | None, under_way: Collection[InboundCall], most: int) -> bool:
    """Whether one call more is too many."""
    if len(under_way) >= most:
        return True
    return caller is not None and sum(call.caller == caller for call in under_way) >= PER_CALLER


def wish(call: InboundCall, debtor_ref: str | None) -> Wish | None:
    """No more calls, if that was asked for: to the debtor, else to the number, whoever is meant there."""
    if Reply.OPT_OUT not in call.answers.replies or (debtor_ref is None and call.caller is None):
        return None
    number = call.caller if debtor_ref is None else None
    return Wish(call.client_id, number, debtor_ref, SuppressionReason.OPT_OUT)
