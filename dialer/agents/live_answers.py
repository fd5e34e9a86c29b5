"""How many calls of a campaign were answered live, and how many of those found nobody, up to this moment?

A call counts from the moment at which it waits for an agent, and as abandoned from the first word of the announcement:
what an announcement takes must not be a time in which as much is risked as before. What it meant in the end, when it is
over, is what stays.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from dialer.core.abandonment import Tally
from dialer.core.answered import Answered, is_live_answer
from dialer.core.call import Call, Event, Joined, MessageStarted, Waiting
from dialer.model import Attempt, Disposition
from dialer.ports.store import Conclusion


class LiveAnswers:
    def __init__(self) -> None:
        self._over: dict[str, Answered] = {}  # by campaign
        self._under_way: dict[str, dict[str, bool]] = defaultdict(dict)  # the same: attempts, and whether abandoned

    def load(self, counted: Mapping[str, Answered]) -> None:
        """At start: those of earlier runs."""
        self._over = dict(counted)

    def over(self, campaign_id: str) -> Answered:
        """Of the calls that are over."""
        return self._over.setdefault(campaign_id, Answered())

    def windows(self, campaign_id: str, now: datetime) -> Sequence[Tally]:
        """In every window that the limit holds in, with the calls that are under way."""
        calls = self._under_way[campaign_id].values()
        lately = Tally(len(calls), sum(calls))
        return [each + lately for each in self.over(campaign_id).windows(now)]

    def forget(self, now: datetime) -> None:
        """What no window looks back on."""
        for answered in self._over.values():
            answered.forget(now)

    def hear(self, attempt: Attempt, call: Call, event: Event) -> None:
        """What has happened to a call that is for an agent."""
        calls = self._under_way[attempt.campaign_id]
        match event:
            case Waiting():
                calls.setdefault(attempt.id, False)
            case MessageStarted() if attempt.id in calls:
                calls[attempt.id] = call.joined_at is None
            case Joined() if attempt.id in calls:
                calls[attempt.id] = False

    def conclude(self, conclusion: Conclusion) -> None:
        """A call is over."""
        campaign_id, call = conclusion.attempt.campaign_id, conclusion.call
        self._under_way[campaign_id].pop(conclusion.attempt.id, None)
        if call.answered_at is not None and is_live_answer(call, conclusion.disposition):
            is_abandoned = conclusion.disposition is Disposition.ABANDONED
            self.over(campaign_id).count(call.answered_at, abandoned=is_abandoned)
