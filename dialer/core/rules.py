"""By which rules may a call not be placed? The one vocabulary of refusals, in logs, figures and explanations."""

from dataclasses import dataclass
from datetime import datetime

from dialer.core.meaning import Meaningful


class Rule(Meaningful):
    """A reason not to call; each carries its meaning for people."""

    # Of everything, or of a campaign's contacts in one time zone
    ENGINE_STOPPED = "engine_stopped", "everything is stopped"
    CAMPAIGN_NOT_RUNNING = "campaign_not_running", "the campaign is not running"
    OUTSIDE_WINDOW = "outside_window", "it is outside the calling windows, or a public holiday, where the callee is"
    NO_CALENDAR = "no_calendar", "the public holidays of that country are not known"
    # Of a contact
    CALLED_OFF = "called_off", "it was settled, blocked or replaced while its call was being prepared"
    SUM_CHANGED = "sum_changed", "what is owed changed while its call was being prepared: its message is made anew"
    PLAN_CHANGED = "plan_changed", "the plan changed while its call was being prepared: it is judged anew"
    DO_NOT_CALL = "do_not_call", "somebody asked that it is not called"
    SPACING = "spacing", "the time between two attempts, after the last one, has not passed"
    WRAP_UP = "wrap_up", "it spoke with an agent, who has yet to say what came of it"
    AGENT_BUSY = "agent_busy", "it was agreed to be called back, and the agent who is to do it is not free"
    SKIPPED = "skipped", "an agent who was shown it first chose not to call it now"
    NEXT_ROUND = "next_round", "it was reminded, and the next reminder is on a later day"
    NO_CASE_TODAY = "no_case_today", "there is no case to speak of today"
    NO_MESSAGE = "no_message", "there is no message to play"
    # Of a number
    NUMBER_NEVER_DIALLED = "number_never_dialled", "an emergency, premium or short number, or not of the numbering plan"
    NUMBER_RETIRED = "number_retired", "it proved invalid or wrong, or the newest list left it out"
    NUMBER_EXHAUSTED = "number_exhausted", "every attempt allowed on it was made"
    # Of the debtor's budget, or the number's: core/budgets.py
    IN_A_CALL = "in_a_call", "the debtor, or whoever has the number, is being called at this moment"
    GAP = "gap", "the least time between two calls, over all campaigns of the client, has not passed"
    DEBTOR_DAY = "debtor_day", "the debtor was called as often as allowed on one day"
    DEBTOR_7_DAYS = "debtor_7_days", "the debtor was called as often as allowed in seven days"
    NUMBER_DAY = "number_day", "the number was called as often as allowed on one day, whoever was meant"
    NUMBER_7_DAYS = "number_7_days", "the number was called as often as allowed in seven days, whoever was meant"
    ANSWERED_DAY = "answered_day", "the debtor answered as many calls as allowed on one day"
    REST_AFTER_CONVERSATION = "rest_after_conversation", "the debtor has rest after a conversation"
    REST_AFTER_ABANDONED = "rest_after_abandoned", "the debtor has rest after a call that was abandoned"


@dataclass(frozen=True, slots=True)
class Refusal:
    rule: Rule
    until: datetime | None = None  # the next moment at which it no longer holds, if one is known
