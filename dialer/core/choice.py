"""Which number of a due contact is called now, and if none, when is it asked again?

Everything that the answer depends on is in ``Candidate``; the same question is asked to explain why a contact is not
called (``next_possible``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from dialer.core import budgets, retry
from dialer.core.budgets import PastCall, Spent
from dialer.core.numbers import NumberingPlan, is_never_dialled
from dialer.core.retry import Done, Number, Stand
from dialer.core.rules import Rule
from dialer.model import FinishReason, Lane

SUPPRESSED = "do_not_call"  # why a number is retired while somebody's wish stands against it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that is due, and all that is known of those it would reach."""

    contact_id: int
    debtor_id: int
    attempts: int
    message_key: str
    message_day: date  # the day, at the callee, on which its text is true
    stand: Stand
    debtor_calls: Sequence[PastCall] = ()
    number_calls: Mapping[str, Sequence[PastCall]] = field(default_factory=dict)
    is_suppressed: bool = False
    appointment_at: datetime | None = None  # agreed with the debtor
    appointment_agent: str | None = None  # by whom it was, if it is for nobody else
    appointment_number: str | None = None  # from which the debtor called us; None: on the last that was called


@dataclass(frozen=True, slots=True)
class Wait:
    """It is not called now, and asked again then."""

    until: datetime
    rule: Rule


def choose(contact: Candidate, lane: Lane, plan: NumberingPlan, now: datetime) -> Number | Wait | Done:
    """The number to call as far as attempts, budgets and numbers go; windows and the message are asked by the gate."""
    if contact.is_suppressed:
        return Done(FinishReason.DO_NOT_CALL)
    dialled = [number for number in contact.stand.numbers if not is_never_dialled(number.e164, plan)]
    stand = replace(contact.stand, numbers=dialled)
    if (agreed := _agreed(contact, stand, now)) is not None:
        return _as_agreed(contact, agreed, lane, now)
    if over := retry.why_over(stand, lane.rules):
        is_wish = over is not FinishReason.DELIVERED and any(number.retired == SUPPRESSED for number in dialled)
        return Done(FinishReason.DO_NOT_CALL if is_wish else over)
    if (earliest := retry.earliest(stand, lane.rules)) > now:
        return Wait(earliest, Rule.SPACING)
    if spent := budgets.of_debtor(lane.budget, contact.debtor_calls, lane.hours.timezone, now):
        return Wait(spent.until, spent.rule)
    return _number(contact, stand, lane, now)


def _agreed(contact: Candidate, stand: Stand, now: datetime) -> Number | None:
    """The number on which the debtor asked to be called about now."""
    meant = contact.appointment_number or (stand.last and stand.last.number)
    if contact.appointment_at is None or contact.appointment_at > now or meant is None:
        return None
    return next((number for number in stand.numbers if number.e164 == meant and not number.retired), None)


def _as_agreed(contact: Candidate, number: Number, lane: Lane, now: datetime) -> Number | Wait:
    """Spacing, rest and the number of attempts are there for whoever did not ask to be called; daily limits are not."""
    budget, zone = replace(lane.budget, gap=timedelta(), rest_after_conversation=timedelta()), lane.hours.timezone
    spent = budgets.of_debtor(budget, contact.debtor_calls, zone, now) or budgets.of_number(
        budget, contact.number_calls.get(number.e164, ()), zone, now
    )
    return Wait(spent.until, spent.rule) if spent else number


def _number(contact: Candidate, stand: Stand, lane: Lane, now: datetime) -> Number | Wait | Done:
    """The first of the numbers, in their turn, that has something left of its own budget."""
    left, refused = list(stand.numbers), list[Spent]()
    while (number := retry.number_to_call(left, lane.rules, stand.last)) is not None:
        calls = contact.number_calls.get(number.e164, ())
        spent = budgets.of_number(lane.budget, calls, lane.hours.timezone, now)
        if spent is None:
            return number
        refused.append(spent)
        left.remove(number)
    first = min(refused, key=lambda each: each.until)
    return Wait(first.until, first.rule)
