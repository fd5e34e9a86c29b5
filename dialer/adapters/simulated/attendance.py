"""How was agents' time spent, in each part of a simulated day?"""

from collections import defaultdict
from datetime import datetime, timedelta

from dialer.agents.roster import Change, Roster
from dialer.core.agents import AgentState
from dialer.ports import Clock

BUSY = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.WRAP_UP})
THERE = BUSY | {AgentState.READY}


class Attendance:
    """Adds up states by parts of ``span``; what lasts still counts when ``end`` is told."""

    def __init__(self, roster: Roster, clock: Clock, span: timedelta) -> None:
        self._clock = clock
        self._span = span
        self._began = clock.now()
        self._since: dict[str, tuple[AgentState, datetime]] = {}
        self._spent: dict[int, dict[AgentState, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
        self.talks: dict[str, int] = defaultdict(int)  # of each agent
        roster.watchers.append(self._on_agent)

    @property
    def parts(self) -> int:
        """So many have begun."""
        return max(self._spent, default=-1) + 1

    def busy(self, part: int) -> timedelta:
        """Of all agents together, from the reservation to the end of the wrap-up."""
        return self._sum(part, BUSY)

    def there(self, part: int) -> timedelta:
        """Of all agents together, ready or busy."""
        return self._sum(part, THERE)

    def end(self) -> None:
        """The day is over."""
        for agent, (state, since) in self._since.items():
            self._spend(state, since, self._clock.now())
            self._since[agent] = state, self._clock.now()

    def _on_agent(self, change: Change) -> None:
        if change.before.state is change.after.state:
            return
        now = self._clock.now()
        if change.after.state is AgentState.TALKING:
            self.talks[change.after.id] += 1
        state, since = self._since.get(change.after.id, (change.before.state, self._began))
        self._spend(state, since, now)
        self._since[change.after.id] = change.after.state, now

    def _spend(self, state: AgentState, since: datetime, until: datetime) -> None:
        while since < until:
            part = (since - self._began) // self._span
            over = min(until, self._began + (part + 1) * self._span)
            self._spent[part][state] += over - since
            since = over

    def _sum(self, part: int, states: frozenset[AgentState]) -> timedelta:
        return sum((spent for state, spent in self._spent[part].items() if state in states), timedelta())
