"""By which rules may a call not be placed? The one vocabulary of refusals, in logs, figures and explanations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    # Of everything, or of a campaign's contacts in one time zone
    ENGINE_STOPPED = "engine_stopped"  # the global stop
    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    OUTSIDE_WINDOW = "outside_window"
    NO_CALENDAR = "no_calendar"  # the holidays of that country are not known
    # Of a contact
    CALLED_OFF = "called_off"  # settled, blocked or replaced while its call was being prepared
    DO_NOT_CALL = "do_not_call"
    SPACING = "spacing"  # the plan's, after the contact's last attempt
    NO_MESSAGE = "no_message"  # no audio, no dial
    PLAN_CHANGED = "plan_changed"  # while its call was being prepared: it is judged anew
    # Of a number
    NUMBER_NEVER_DIALLED = "number_never_dialled"  # emergency, premium, short, or not of this numbering plan
    # Of the debtor's budget, or the number's: core/budgets.py
    IN_A_CALL = "in_a_call"  # the debtor, or whoever has the number, is being called at this moment
    GAP = "gap"
    DEBTOR_DAY = "debtor_day"
    DEBTOR_7_DAYS = "debtor_7_days"
    NUMBER_DAY = "number_day"
    NUMBER_7_DAYS = "number_7_days"
    ANSWERED_DAY = "answered_day"
    REST_AFTER_CONVERSATION = "rest_after_conversation"
    REST_AFTER_ABANDONED = "rest_after_abandoned"


@dataclass(frozen=True, slots=True)
class Refusal:
    rule: Rule
    until: datetime | None = None  # the next moment at which it no longer holds, if one is known
