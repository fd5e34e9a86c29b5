"""What has become of a promise to pay, and what follows from it for the calls?

Open until the balance has fallen by what was promised (kept), or its day and the days of grace have passed without that
(broken). Nobody is called about it meanwhile, but for one reminder on the working day before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from dialer.core.calendar import DAY, after_working_days, is_working_day
from dialer.core.cases import CaseRow, CaseState, Dispute, Promise, PromiseState


class Speaks(StrEnum):
    """What a call speaks of, if a promise was made."""

    REMINDER = "reminder"  # of a promise whose day is near
    BROKEN = "broken"  # of a promise that was not kept


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """``grace``: working days in which a promised payment is posted."""

    grace: int = 2
    holidays: str | None = None
    speaks: frozenset[Speaks] = frozenset()  # of what the campaign has something to say


NO_PROMISES = PromiseRules()


def over_on(by: date, rules: PromiseRules) -> date:
    """The first day on which a payment that was promised by that day is missing."""
    return after_working_days(by, rules.grace, rules.holidays)


def reminded_on(by: date, rules: PromiseRules) -> date:
    """The working day before the promised one."""
    day = by - DAY
    while not is_working_day(day, rules.holidays):
        day -= DAY
    return day


def fallen(balances: Sequence[Decimal]) -> Decimal:
    """By how much, at most, a balance has fallen from one moment to a later one; they are in order."""
    highest, most = Decimal(0), Decimal(0)
    for balance in balances:
        highest = max(highest, balance)
        most = max(most, highest - balance)
    return most


def judged(
    promise: Promise, balances: Sequence[Decimal], stand: CaseState, dispute: Dispute | None, day: date,
    rules: PromiseRules,
) -> PromiseState:  # fmt: skip
    """What it is on that day.

    Args:
        balances: of the case, from when it was promised until now, in order.
    """
    if fallen(balances) >= promise.amount:
        return PromiseState.KEPT
    if stand is CaseState.CLOSED_CANCELLED:
        return PromiseState.VOID
    if day < over_on(promise.by, rules) or (dispute is not None and dispute.blocks):
        return PromiseState.OPEN
    return PromiseState.BROKEN


def speaks(promise: Promise | None, day: date, rules: PromiseRules) -> Speaks | None:
    """What there is to say of a promise on that day; None: nothing that is not said of every case."""
    if promise is None or promise.state in (PromiseState.KEPT, PromiseState.VOID):
        return None
    is_over = promise.state is PromiseState.BROKEN or day >= over_on(promise.by, rules)
    meant = Speaks.BROKEN if is_over else Speaks.REMINDER
    return meant if meant in rules.speaks else None


def rests(promise: Promise | None, day: date, rules: PromiseRules) -> bool:
    """Whether nobody is called about the case on that day, since it is promised to be paid."""
    if promise is None or promise.state is not PromiseState.OPEN or day >= over_on(promise.by, rules):
        return False
    return day != reminded_on(promise.by, rules) or Speaks.REMINDER not in rules.speaks


def next_day(promise: Promise, day: date, rules: PromiseRules) -> date:
    """The next day on which it may be called about."""
    reminder = reminded_on(promise.by, rules)
    return reminder if day < reminder and Speaks.REMINDER in rules.speaks else over_on(promise.by, rules)


def spoken_together(cases: Sequence[CaseRow], day: date, rules: PromiseRules) -> tuple[Speaks | None, date | None]:
    """Of what one call speaks: what was promised comes first, the earliest day of several. The day promised, too."""
    said = [(case.promise.by, what) for case in cases if case.promise and (what := speaks(case.promise, day, rules))]
    if not said:
        return None, None
    by, what = min(said)
    return what, by
