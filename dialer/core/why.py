"""Why is this contact (not) being called, and when could it be at the earliest?

The same rules as at picking and placing, all asked at once instead of one after another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dialer.core import budgets, choice, gate, retry
from dialer.core.choice import SUPPRESSED, Candidate, Wait
from dialer.core.numbers import NumberingPlan, is_never_dialled
from dialer.core.retry import Done, Number
from dialer.core.rules import Refusal, Rule
from dialer.model import FinishReason, Lane

_BY_END = {FinishReason.DO_NOT_CALL: Rule.DO_NOT_CALL, FinishReason.NO_NUMBER: Rule.NUMBER_RETIRED}
_ROUNDS = 100  # windows and budgets that close one after another; more means never within sight


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that holds now; ``number`` if it is about one of several."""

    rule: Rule
    until: datetime | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The earliest possible call, and the last rule to give way before it: the binding one."""

    at: datetime | None
    binding: Rule | None


def reasons(
    contact: Candidate,
    lane: Lane,
    plan: NumberingPlan,
    now: datetime,
    *,
    put_off: Refusal | None,
    is_stopped: bool,
    is_running: bool,
    has_message: bool,
) -> list[Reason]:
    """Every rule by which the contact may not be called now, the general ones first; ``put_off``: see there."""
    found = list(_general(lane, now, is_stopped=is_stopped, is_running=is_running))
    found += _of_contact(contact, lane, plan, now)
    if put_off is not None and all(each.rule is not put_off.rule for each in found):
        found.append(Reason(put_off.rule, put_off.until))
    return found if has_message else [*found, Reason(Rule.NO_MESSAGE)]


def put_off(due_at: datetime, waits_for: Rule | None, now: datetime) -> Refusal | None:
    """Until when a contact that is not finished is not even looked at; without a rule it is the plan's spacing."""
    return Refusal(waits_for or Rule.SPACING, due_at) if due_at > now else None


def _general(lane: Lane, now: datetime, *, is_stopped: bool, is_running: bool) -> Iterator[Reason]:
    if is_stopped:
        yield Reason(Rule.ENGINE_STOPPED)
    if not is_running:
        yield Reason(Rule.CAMPAIGN_NOT_RUNNING)
    if refusal := gate.lane_refusal(lane, now):
        yield Reason(refusal.rule, refusal.until)


def _of_contact(contact: Candidate, lane: Lane, plan: NumberingPlan, now: datetime) -> Iterator[Reason]:
    if contact.is_suppressed:
        yield Reason(Rule.DO_NOT_CALL)
    if (earliest := retry.earliest(contact.stand, lane.rules)) > now:
        yield Reason(Rule.SPACING, earliest)
    for spent in budgets.debtor_spent(lane.budget, contact.debtor_calls, lane.hours.timezone, now):
        yield Reason(spent.rule, spent.until)
    for number in contact.stand.numbers:
        yield from _of_number(contact, number, lane, plan, now)


def _of_number(contact: Candidate, number: Number, lane: Lane, plan: NumberingPlan, now: datetime) -> Iterator[Reason]:
    if is_never_dialled(number.e164, plan):
        yield Reason(Rule.NUMBER_NEVER_DIALLED, number=number.e164)
    elif number.retired:
        rule = Rule.DO_NOT_CALL if number.retired == SUPPRESSED else Rule.NUMBER_RETIRED
        yield Reason(rule, number=number.e164)
    elif number.attempts >= lane.rules.per_number:
        yield Reason(Rule.NUMBER_EXHAUSTED, number=number.e164)
    else:
        calls = contact.number_calls.get(number.e164, ())
        for spent in budgets.number_spent(lane.budget, calls, lane.hours.timezone, now):
            yield Reason(spent.rule, spent.until, number.e164)


def next_possible(
    contact: Candidate, lane: Lane, plan: NumberingPlan, now: datetime, put_off: Refusal | None = None
) -> Next:
    """When it could be called, did its campaign run and its message exist; never, as far as can be seen: None."""
    moment, binding = now, None
    if put_off is not None and put_off.until is not None:
        moment, binding = put_off.until, put_off.rule
    for _ in range(_ROUNDS):
        refusal = _next_refusal(contact, lane, plan, moment)
        if refusal is None:
            return Next(moment, binding)
        binding = refusal.rule
        if refusal.until is None:
            break
        moment = refusal.until
    return Next(None, binding)


def _next_refusal(contact: Candidate, lane: Lane, plan: NumberingPlan, moment: datetime) -> Refusal | None:
    match choice.choose(contact, lane, plan, moment):
        case Wait(until=until, rule=rule):
            return Refusal(rule, until)
        case Number():
            return gate.lane_refusal(lane, moment)
        case Done(reason=reason):
            return Refusal(_BY_END.get(reason, Rule.NUMBER_EXHAUSTED))
