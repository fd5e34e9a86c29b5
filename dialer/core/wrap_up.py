"""What came of a talk, and when is the contact called again?

An agent says it in the wrap-up; what nobody said within its limit is ``unfinished``, and the plan goes on.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from dialer.core import replies, retry
from dialer.core.answers import Answers, Reply
from dialer.core.retry import Again, Done, Stand
from dialer.model import Disposition, FinishReason, Lane


class TalkOutcome(StrEnum):
    PROMISED = "promised"  # to pay by a day: no calls until it, and its grace, are over
    ALREADY_PAID = "already_paid"
    CALL_BACK = "call_back"  # at a moment that was agreed
    INFORMED = "informed"  # everything is said; nothing follows
    REFUSED = "refused"  # to pay, or to talk
    DISPUTED = "disputed"
    WRONG_NUMBER = "wrong_number"
    OPT_OUT = "opt_out"
    MACHINE = "machine"  # it was no talk: a machine had answered
    UNFINISHED = "unfinished"  # the plan goes on; also what is noted when nobody says anything


class DelayReason(StrEnum):
    """Why it is not paid."""

    FORGOT = "forgot"
    NO_INVOICE = "no_invoice"
    LIQUIDITY = "liquidity"
    QUALITY_COMPLAINT = "quality_complaint"
    PAID = "paid"
    BANK_DELAY = "bank_delay"
    INSOLVENCY = "insolvency"
    OTHER = "other"


REPLIES = {
    TalkOutcome.PROMISED: Reply.PROMISE,
    TalkOutcome.ALREADY_PAID: Reply.ALREADY_PAID,
    TalkOutcome.DISPUTED: Reply.DISPUTE,
    TalkOutcome.WRONG_NUMBER: Reply.WRONG_NUMBER,
    TalkOutcome.OPT_OUT: Reply.OPT_OUT,
}
_WITHOUT_DELAY = frozenset(
    {TalkOutcome.CALL_BACK, TalkOutcome.WRONG_NUMBER, TalkOutcome.OPT_OUT, TalkOutcome.UNFINISHED}
)  # the debt need not have been spoken of
LIMIT = timedelta(minutes=1)  # where nothing is set, or it is not known any more
_OVER = frozenset({TalkOutcome.INFORMED, TalkOutcome.REFUSED})


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What an agent says of one talk."""

    attempt_id: str
    outcome: TalkOutcome
    at: datetime
    agent_id: str | None = None  # None: nobody said anything
    delay: DelayReason | None = None
    promised: date | None = None  # the day by which it is to be paid
    call_back_at: datetime | None = None
    is_own: bool = False  # the call-back is this agent's, and not anybody's
    note: str = ""

    @property
    def answers(self) -> Answers:
        """The same as if the callee had said it with keys."""
        reply = REPLIES.get(self.outcome)
        return Answers(is_identified=False, replies=(reply,) if reply else (), promised=self.promised)


@dataclass(frozen=True, slots=True)
class Terms:
    """By which a talk is wrapped up."""

    timezone: ZoneInfo
    promise_within: timedelta
    needs_delay_reason: bool = False
    limit: timedelta = LIMIT

    @classmethod
    def of(cls, lane: Lane) -> Self:
        rules, within = lane.agents, lane.replies.promise_within
        if rules is None:
            return cls(lane.hours.timezone, within)
        return cls(lane.hours.timezone, within, rules.needs_delay_reason, rules.wrap_up)


def contradictions(said: WrapUp, terms: Terms, now: datetime) -> list[tuple[str, str]]:
    """What cannot be so: the field, and why."""
    found = []
    today = now.astimezone(terms.timezone).date()
    last = today + terms.promise_within
    if (said.promised is None) == (said.outcome is TalkOutcome.PROMISED):
        found.append(("promised", "is the day of a promise: given with outcome promised, and with no other"))
    elif said.promised is not None and not today <= said.promised <= last:
        found.append(("promised", f"lies between today and {last}, the last day that a promise is taken for"))
    if (said.call_back_at is None) == (said.outcome is TalkOutcome.CALL_BACK):
        found.append(("call_back_at", "is the moment agreed: given with outcome call_back, and with no other"))
    elif said.call_back_at is not None and said.call_back_at <= now:
        found.append(("call_back_at", "has passed"))
    if said.is_own and said.outcome is not TalkOutcome.CALL_BACK:
        found.append(("own", "is of call-backs: given with outcome call_back, and with no other"))
    if terms.needs_delay_reason and said.outcome not in _WITHOUT_DELAY and said.delay is None:
        found.append(("delay", f"the campaign wants the reason why it is not paid: {', '.join(DelayReason)}"))
    return found


def follows(said: WrapUp, stand: Stand, lane: Lane, ended_at: datetime) -> Again | Done:
    """When the contact is called again; ``stand`` is as it is after the talk."""
    if said.call_back_at is not None:
        return Again(said.call_back_at)
    if said.outcome in _OVER:
        return Done(FinishReason.HANDLED)
    step = retry.next_step(stand, lane.rules, Disposition.CONNECTED, ended_at, counted=True)
    hours = lane.hours
    rest = replies.rest_until(said.answers, lane.replies, ended_at, hours.timezone, hours.holidays)
    if isinstance(step, Done) or rest is None:
        return step
    return Again(max(step.due_at, rest))
