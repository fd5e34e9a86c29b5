"""Who makes a call-back that was agreed upon, and may it be agreed upon for that moment at all?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dialer.core.choice import Candidate
from dialer.core.numbers import NumberingPlan
from dialer.core.rules import Refusal, Rule
from dialer.core.why import Next, next_possible
from dialer.model import AgentRules, Lane

ASKED_AGAIN = timedelta(seconds=2)  # whether the agent of a call-back is free


@dataclass(slots=True)
class Free:
    """The agents who are free at one moment, with their skills, in the order of their turns; each takes one call."""

    agents: Mapping[str, Collection[str]]
    _taken: set[str] = field(default_factory=set)

    def take(self, contact: Candidate, rules: AgentRules, now: datetime) -> str | None:
        """The agent for the contact; None: it waits, a call-back for its own agent or anybody's, others for anybody."""
        free = [name for name in self.agents if name not in self._taken]
        agreed_at = contact.appointment_at
        own = contact.appointment_agent if agreed_at is not None and agreed_at <= now else None
        able = [name for name in free if set(rules.skills) <= set(self.agents[name])]
        chosen = own if own in free else next(iter(able), None)
        if chosen != own and own and agreed_at and now < agreed_at + rules.own_call_back_wait:
            return None
        if chosen is not None:
            self._taken.add(chosen)
        return chosen


def permitted(contact: Candidate, lane: Lane, plan: NumberingPlan, at: datetime) -> Next:
    """When a call-back asked for at that moment may be at the earliest: then, if windows and budgets allow it."""
    agreed = replace(contact, appointment_at=at)
    return next_possible(agreed, lane, plan, at, Refusal(Rule.WRAP_UP, at))
