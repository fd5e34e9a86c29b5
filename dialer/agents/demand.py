"""How many calls may be placed for a lane now, as far as agents go?

The one place where pacing plugs in (pacing.py): everything else of an agent campaign is the same at any pace.
"""

from collections.abc import Callable, Iterable

from dialer.agents.pacing import Pacing
from dialer.agents.roster import Roster
from dialer.core.call import State
from dialer.lanes import Lanes
from dialer.model import Lane, Mode
from dialer.track import Tracker

_WANTS_ONE = frozenset({State.WAITING})
_WILL_WANT_ONE = frozenset({State.PLACED, State.STARTED, State.RINGING, State.ANSWERED, State.WAITING})


class Demand:
    def __init__(
        self, roster: Roster, tracker: Tracker, lanes: Lanes, pacing: Pacing, room: Callable[[str], int]
    ) -> None:
        """``room``: for how many calls with that caller number the trunks have room now."""
        self._roster = roster
        self._tracker = tracker
        self._lanes = lanes
        self._pacing = pacing
        self._room = room

    def how_many(self, lane: Lane) -> int | None:
        """None: agents do not limit it. Otherwise what its pacing says, or one for each free agent without one."""
        if lane.agents is None or not lane.agents.are_called_for:
            return None
        if lane.agents.mode is Mode.PREDICTIVE:
            return self._pacing.how_many(lane, self._room(lane.caller_number))
        able = self._roster.able(lane.agents.skills)
        theirs = [self._roster.profile(each.id).skills for each in able]
        coming = sum(any(needed <= skills for skills in theirs) for needed in self._in_flight())
        return max(0, len(able) - coming)

    def _in_flight(self) -> Iterable[frozenset[str]]:
        """The skills that each call needs which may want an agent soon."""
        for live in self._tracker.live:
            rules = self._lanes.rules(live.attempt.lane_id).agents
            if rules is None or live.call.state not in (_WILL_WANT_ONE if rules.are_called_for else _WANTS_ONE):
                continue
            if self._roster.with_call(live.attempt.id) is None:
                yield rules.skills
