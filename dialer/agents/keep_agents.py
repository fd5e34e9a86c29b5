"""Which agent is kept free for a call that is not placed yet?

A call-back is placed only when somebody is free to speak; in mode preview nobody is called before an agent has looked.
"""

from dataclasses import replace
from datetime import datetime

from dialer.agents.join import Joins
from dialer.agents.preview import Previews
from dialer.core.call_backs import ASKED_AGAIN, Free
from dialer.core.choice import Candidate, Wait
from dialer.core.rules import Rule
from dialer.model import Attempt, Lane, Mode
from dialer.track import Tracker


class KeepingAgents:
    def __init__(self, joins: Joins, previews: Previews, tracker: Tracker) -> None:
        self._joins = joins
        self._previews = previews
        self._tracker = tracker

    def free(self) -> Free:
        """Who may be kept free now; it is decided on another thread for whom."""
        return Free(self._joins.free())

    def keeps(self, attempt: Attempt) -> bool:
        """Whether the attempt needs nobody, or its agent is still kept free for it."""
        return attempt.agent_id is None or self._joins.keeps(attempt)

    def to_be_placed(self, leased: list[Attempt], lane: Lane) -> list[Attempt]:
        """Keep the agents of these attempts free; those that need not be looked at first, and may be placed."""
        kept = [attempt for attempt in leased if self._keep(attempt, lane)]
        return [] if _is_previewed(lane) else kept

    def _keep(self, attempt: Attempt, lane: Lane) -> bool:
        if attempt.agent_id is None:
            return True
        if self._previews.show(attempt, lane) if _is_previewed(lane) else self._joins.pledge(attempt, attempt.agent_id):
            return True
        self._tracker.withdraw(attempt, Rule.AGENT_BUSY)
        return False


def for_agent(attempt: Attempt, contact: Candidate, lane: Lane, free: Free, now: datetime) -> Attempt | Wait | None:
    """The attempt with the agent who is to be kept free for it, if there must be one and none is: when to ask again."""
    is_due = contact.appointment_at is not None and contact.appointment_at <= now
    if lane.agents is None or not (is_due or _is_previewed(lane)):
        return attempt
    if (agent_id := free.take(contact, lane.agents, now)) is not None:
        return replace(attempt, agent_id=agent_id)
    return Wait(now + ASKED_AGAIN, Rule.AGENT_BUSY) if is_due else None


def _is_previewed(lane: Lane) -> bool:
    return lane.agents is not None and lane.agents.mode is Mode.PREVIEW
