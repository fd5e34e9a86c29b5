"""What follows from what a callee told us with a key?

promise       no calls until the day and its grace are over
already paid  no calls for some working days: a payment takes time to be posted
dispute       the case is blocked until it is decided
opt-out       the debtor is called no more by this client
wrong number  the debtor is not called on this number
agent         somebody is told
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from dialer.core.answers import Answers, Reply
from dialer.core.calendar import after_working_days, effective_due
from dialer.core.promises import PromiseRules, Speaks
from dialer.core.scenarios import ScenarioVersion
from dialer.core.suppressions import SuppressionReason, Wish
from dialer.model import ReplyRules

OFFERED = (timedelta(days=4), timedelta(days=7))  # from today: what can be promised with one key
WISHED = {Reply.OPT_OUT: SuppressionReason.OPT_OUT, Reply.WRONG_NUMBER: SuppressionReason.WRONG_NUMBER}


class ReplySettings(BaseModel):
    """How far ahead payment may be promised, and how long calls rest after a promise or a claim to have paid."""

    promise_within_days: Annotated[int, Field(ge=1, le=60, description="the last day that may be promised")] = 14
    promise_grace_days: Annotated[int, Field(ge=0, le=20, description="working days to post a promised payment")] = 2
    paid_pause_days: Annotated[
        int, Field(ge=0, le=20, description="working days without calls: it is paid, they say")
    ] = 3

    promise_reminder: ScenarioVersion | None = Field(
        default=None, description="what is said on the working day before a promised one; null: nobody is called"
    )
    promise_broken: ScenarioVersion | None = Field(
        default=None, description="what is said when a promise was not kept; null: nobody is called for that"
    )

    def said_of_promises(self) -> Mapping[Speaks, ScenarioVersion]:
        """The scenarios that speak of promises."""
        named = {Speaks.REMINDER: self.promise_reminder, Speaks.BROKEN: self.promise_broken}
        return {what: scenario for what, scenario in named.items() if scenario is not None}

    def promise_rules(self, holidays: str | None) -> PromiseRules:
        return PromiseRules(self.promise_grace_days, holidays, frozenset(self.said_of_promises()))

    def reply_rules(self) -> ReplyRules:
        return ReplyRules(timedelta(days=self.promise_within_days), self.promise_grace_days, self.paid_pause_days)


def offered_days(today: date, rules: ReplyRules, holidays: str | None) -> Sequence[date]:
    """The days that are offered besides today: working days, none beyond what may be promised."""
    last = today + rules.promise_within
    return [min(effective_due(today + ahead, holidays), last) for ahead in OFFERED]


def rest_until(
    answers: Answers, rules: ReplyRules, ended_at: datetime, zone: ZoneInfo, holidays: str | None
) -> datetime | None:
    """Until when the debtor is not to be called; None: nothing was said that asks for it."""
    if answers.promised is not None:
        return _midnight(after_working_days(answers.promised, rules.promise_grace, holidays), zone)
    if Reply.ALREADY_PAID in answers.replies:
        today = ended_at.astimezone(zone).date()
        return _midnight(after_working_days(today, rules.paid_pause, holidays), zone)
    return None


def wish(reply: Reply, called: str, client_id: str, debtor_ref: str) -> Wish | None:
    """The wish that a reply is, if it is one."""
    if reply not in WISHED:
        return None
    number = called if reply is Reply.WRONG_NUMBER else None
    return Wish(client_id, number, debtor_ref, WISHED[reply])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
