"""Which of a contact's cases does a call speak of today?

One call speaks of all of them, with one sum; those whose day has not come, whose stage is no longer true, or that the
campaign does not serve are left out, each with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dialer.core.calendar import call_days, stage_agrees
from dialer.core.cases import CaseRow, DebtorType
from dialer.core.promises import NO_PROMISES, PromiseRules, Speaks, next_day, rests, spoken_together
from dialer.core.reminders import AfterReminder


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a campaign serves, by delay, sum and kind of debtor; what is left out is not asked."""

    min_days_overdue: int | None = None
    max_days_overdue: int | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    debtor_types: frozenset[DebtorType] = frozenset(DebtorType)


@dataclass(frozen=True, slots=True)
class TopicRules:
    """What a campaign says of the days on which it calls about a case."""

    holidays: str | None
    posting_days: int | None = None
    pre_due_days: tuple[int, ...] = ()
    segment: Segment = Segment()
    promises: PromiseRules = NO_PROMISES


class SegmentSettings(BaseModel):
    """Whom a campaign serves; what is left out is not asked."""

    model_config = ConfigDict(extra="forbid")

    min_days_overdue: Annotated[int, Field(ge=-400, le=4000, description="below 0: before it is due")] | None = None
    max_days_overdue: Annotated[int, Field(ge=-400, le=4000)] | None = None
    min_amount: Annotated[Decimal, Field(ge=0, decimal_places=2)] | None = None
    max_amount: Annotated[Decimal, Field(ge=0, decimal_places=2)] | None = None
    debtor_types: Annotated[list[DebtorType], Field(min_length=1)] = list(DebtorType)

    def segment(self) -> Segment:
        return Segment(
            self.min_days_overdue,
            self.max_days_overdue,
            self.min_amount,
            self.max_amount,
            frozenset(self.debtor_types),
        )


class TopicSettings(BaseModel):
    """About which cases, and from which day on, a campaign calls."""

    posting_days: (
        Annotated[
            int,
            Field(ge=0, le=20, description="working days in which a payment is posted; null: overdue ones at once"),
        ]
        | None
    ) = None
    pre_due_days: Annotated[
        list[Annotated[int, Field(ge=0, le=90)]],
        Field(max_length=8, description="reminders so many days before the due date; none: at once", examples=[[7, 3]]),
    ] = []
    segment: SegmentSettings = SegmentSettings()
    after_reminder: AfterReminder | None = Field(
        default=None, description="of demands: null: everybody is called, reminded or not", examples=[{"tried": 3}]
    )

    def topic_rules(self, promises: PromiseRules) -> TopicRules:
        days, segment = tuple(self.pre_due_days), self.segment.segment()
        return TopicRules(promises.holidays, self.posting_days, days, segment, promises)


@dataclass(frozen=True, slots=True)
class Topic:
    cases: Sequence[CaseRow]
    left_out: Mapping[str, str]  # case_id → why
    again_on: date | None  # when there may be more to say than today; None: by itself never
    next_round: date | None  # the day after today on which attempts begin anew
    speaks: Speaks | None = None  # of a promise; None: of what is owed


def topic(cases: Sequence[CaseRow], rules: TopicRules, today: date) -> Topic:
    """What there is to speak of on that day at the callee."""
    left_out = {case.case_id: why for case in cases if (why := _why_not(case, rules, today))}
    served = [case for case in cases if case.case_id not in left_out]
    speaks, promised_by = spoken_together(served, today, rules.promises)
    if speaks is not None:
        others = (case for case in cases if case.promise is None or case.promise.by != promised_by)
        left_out |= {case.case_id: f"the call speaks of a promise to pay by {promised_by}" for case in others}
    spoken = [case for case in cases if case.case_id not in left_out]
    coming = [day for case in cases if not _outside(case, rules.segment, today) for day in _days(case, rules, today)]
    aging = [day for case in cases if (day := _aged_on(case, rules.segment, today))]
    waiting = [
        next_day(case.promise, today, rules.promises)
        for case in cases
        if case.promise is not None and rests(case.promise, today, rules.promises)
    ]
    again_on = min([*coming, *aging, *waiting], default=None)
    return Topic(spoken, left_out, again_on, min(coming, default=None), speaks)


def _why_not(case: CaseRow, rules: TopicRules, today: date) -> str | None:
    owed = case.receivable
    if outside := _outside(case, rules.segment, today):
        return outside
    if case.promise is not None and rests(case.promise, today, rules.promises):
        return f"it is promised to be paid by {case.promise.by}"
    first = call_days(owed.stage, owed.due_date, rules.holidays, rules.posting_days, rules.pre_due_days)[0]
    if today < first:
        return f"its first call is on {first}"
    if not stage_agrees(owed.stage, owed.due_date, today, rules.holidays):
        return f"{owed.stage} is not true any more: it was due on {owed.due_date}"
    return None


def _days(case: CaseRow, rules: TopicRules, today: date) -> list[date]:
    """The days to come on which attempts about it begin, and its stage is still true."""
    owed = case.receivable
    days = call_days(owed.stage, owed.due_date, rules.holidays, rules.posting_days, rules.pre_due_days)
    return [day for day in days if day > today and stage_agrees(owed.stage, owed.due_date, day, rules.holidays)]


def _outside(case: CaseRow, segment: Segment, today: date) -> str | None:
    """Why the campaign does not serve it, in words that a person can check."""
    overdue, amount, kind = (today - case.receivable.due_date).days, case.receivable.amount, case.debtor.type
    if segment.min_days_overdue is not None and overdue < segment.min_days_overdue:
        return f"outside the segment: {overdue} days overdue, at least {segment.min_days_overdue}"
    if segment.max_days_overdue is not None and overdue > segment.max_days_overdue:
        return f"outside the segment: {overdue} days overdue, at most {segment.max_days_overdue}"
    if segment.min_amount is not None and amount < segment.min_amount:
        return f"outside the segment: an amount below {segment.min_amount}"
    if segment.max_amount is not None and amount > segment.max_amount:
        return f"outside the segment: an amount above {segment.max_amount}"
    if kind not in segment.debtor_types:
        return f"outside the segment: not for a {kind}"
    return None


def _aged_on(case: CaseRow, segment: Segment, today: date) -> date | None:
    """The day on which it is overdue long enough, if that is yet to come."""
    if segment.min_days_overdue is None:
        return None
    day = date.fromordinal(case.receivable.due_date.toordinal() + segment.min_days_overdue)
    return day if day > today else None
