"""May we call this number of this contact now?

Asked when a contact is picked and again right before its call is placed. A refusal names its rule; what cannot be
known is a refusal too.
"""

from datetime import datetime

from dialer.core import windows
from dialer.core.numbers import NumberingPlan, is_never_dialled
from dialer.core.rules import Refusal, Rule
from dialer.model import Lane


def closed_by(lane: Lane | None, now: datetime) -> Rule | None:
    """The rule by which none of the lane's contacts may be called now; ``lane`` is None unless its campaign runs."""
    if lane is None:
        return Rule.CAMPAIGN_NOT_RUNNING
    try:
        return None if windows.is_open(lane.hours, now) else Rule.OUTSIDE_WINDOW
    except NotImplementedError:
        return Rule.NO_CALENDAR


def lane_refusal(lane: Lane | None, now: datetime) -> Refusal | None:
    """The same with the moment from which it no longer holds."""
    rule = closed_by(lane, now)
    if lane is not None and rule is Rule.OUTSIDE_WINDOW:
        return Refusal(rule, windows.next_open(lane.hours, now))
    return Refusal(rule) if rule else None


def call_refusal(
    lane: Lane | None, number: str, plan: NumberingPlan, now: datetime, *, has_message: bool
) -> Refusal | None:
    """Why this call may not be placed now; None if it may."""
    if refusal := lane_refusal(lane, now):
        return refusal
    if is_never_dialled(number, plan):
        return Refusal(Rule.NUMBER_NEVER_DIALLED)
    if not has_message:
        return Refusal(Rule.NO_MESSAGE)
    return None
