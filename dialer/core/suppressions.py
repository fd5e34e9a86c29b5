"""Who asked not to be called, and what follows from it?

A suppression outlives every call list. It is about a number, a debtor, one debtor's number, or everybody whom a client
may call; a number's may hold for every client.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.core.choice import SUPPRESSED
from dialer.core.codes import Code
from dialer.core.feed import EventType
from dialer.core.retry import Number

EVERY_CLIENT = ""


class SuppressionReason(StrEnum):
    OPT_OUT = "opt_out"  # whoever answered wants no more automatic calls
    DO_NOT_CALL = "do_not_call"  # the client, or the operator, keeps a list
    WRONG_NUMBER = "wrong_number"  # it is not this debtor's number; the debtor is called on others
    OBJECTION = "objection"  # to the processing of personal data (GDPR, art. 21)
    COMPLAINT = "complaint"
    DECEASED = "deceased"
    ERASED = "erased"  # of a debtor of whom nothing else is known any more


TOLD_AS = {SuppressionReason.OPT_OUT: EventType.OPT_OUT, SuppressionReason.WRONG_NUMBER: EventType.WRONG_NUMBER}


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody is not to be called."""

    client_id: str  # EVERY_CLIENT: whoever would call
    number: str | None  # E.164 with the plus; None: every number
    debtor_ref: str | None  # the client's own id; None: whoever has the number. Both None: the client calls nobody
    reason: SuppressionReason
    note: str | None = None
    until: datetime | None = None  # None: for good


def refusals(wish: Wish, now: datetime) -> Iterator[tuple[str, str]]:
    """Why it cannot be kept: the field, and what is wrong with it."""
    if wish.client_id == EVERY_CLIENT and wish.debtor_ref is not None:
        yield "debtor_id", "is a client's own: name the client, too"
    if wish.client_id == EVERY_CLIENT and wish.number is None:
        yield "number", "is needed where no client is named; `POST /v1/stop` ends all calls"
    if wish.reason is SuppressionReason.WRONG_NUMBER and (wish.number is None or wish.debtor_ref is None):
        yield "reason", "wrong_number says of one debtor's number that it is another's: name number and debtor_id"
    if wish.reason is SuppressionReason.ERASED:
        yield "reason", "erased is what `POST /v1/erasures` leaves"
    if wish.until is not None and wish.until <= now:
        yield "until", "has passed"


def longer(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two ends; None is for good."""
    return None if one is None or other is None else max(one, other)


def nobody_left(numbers: Sequence[Number]) -> bool:
    """Whether it is by somebody's wish that none of the numbers is called any more."""
    return all(number.retired for number in numbers) and any(number.retired == SUPPRESSED for number in numbers)


def codes_for(listed: Collection[str], suppressed: Collection[str], *, is_debtor_suppressed: bool) -> Sequence[Code]:
    """What a list's sender is told of a row: of its numbers, those that somebody asked not to call are named."""
    if is_debtor_suppressed or (suppressed and len(suppressed) == len(listed)):
        return (Code.B_DO_NOT_CALL,)
    return (Code.W_PHONE_DO_NOT_CALL,) if suppressed else ()
