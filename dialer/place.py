"""④ Is the call of a saved attempt placed, or is the attempt withdrawn?

An attempt is placed at most once. Everything that forbids its call is asked again right before it would leave.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from dialer.agents.keep_agents import KeepingAgents
from dialer.calloff import CallOff
from dialer.core import gate, retry
from dialer.core.numbers import NumberingPlan, type_of
from dialer.core.rules import Rule
from dialer.lanes import Lanes
from dialer.model import Attempt, Lane, OutgoingCall
from dialer.ports import Clock, PlacingLog, Presence, Switch, SwitchAway
from dialer.routes import Routes
from dialer.stopping import Stopping
from dialer.track import Tracker
from dialer.trunk import Trunk

AT_KNEE = timedelta(milliseconds=5)  # how often to look whether the switch takes calls again

# Why an attempt is withdrawn, beside the gate's rules.
ENDING = "engine_ending"
AWAY = "switch_away"
NO_TRUNK = "no_trunk"  # none that presents its caller number has room any more


class Placer:
    def __init__(
        self,
        switch: Switch,
        tracker: Tracker,
        routes: Routes,
        lanes: Lanes,
        stopping: Stopping,
        calloff: CallOff,
        clock: Clock,
        plan: NumberingPlan,
        has_audio: Callable[[str], bool],
        placing: PlacingLog,
        keeping: KeepingAgents,
    ) -> None:
        self._switch = switch
        self._tracker = tracker
        self._routes = routes
        self._lanes = lanes
        self._stopping = stopping
        self._calloff = calloff
        self._clock = clock
        self._plan = plan
        self._has_audio = has_audio
        self._placing = placing
        self._keeping = keeping
        self.is_reconciled = False  # recovery has compared our calls with the switch's since it came

    @property
    def may_place(self) -> bool:
        return self._tracker.presence is Presence.READY and self.is_reconciled and not self._stopping.is_stopped

    async def place_all(self, attempts: Sequence[Attempt], picked_by: Lane) -> None:
        """One after the other, as fast as trunks and switch take them; when cancelled, what is left is withdrawn."""
        left = list(reversed(attempts))
        try:
            while left:
                now = self._clock.monotonic()
                start = self._routes.next_start(now, picked_by.caller_number)
                if start > now:
                    await asyncio.sleep(start - now)
                await self._until_it_takes_more(left)
                if left:
                    self._place(left.pop(), picked_by)
        finally:
            for attempt in left:
                self._tracker.withdraw(attempt, ENDING)

    async def _until_it_takes_more(self, left: list[Attempt]) -> None:
        """Past its knee the switch queues silently: it is sent so many at most that it has not begun.

        There is nothing to wait for once nothing may be placed: what is saved is withdrawn then. What is called off in
        the meantime is, too, and need not wait for the switch.
        """
        while left and self.may_place and not self._routes.takes_more(self._switch.outstanding):
            self._withdraw_called_off(left)
            await asyncio.sleep(AT_KNEE.total_seconds())

    def _withdraw_called_off(self, left: list[Attempt]) -> None:
        for attempt in list(left):
            if called_off := self._calloff.refusal(attempt.id):
                left.remove(attempt)
                self._tracker.withdraw(attempt, called_off)

    def _place(self, attempt: Attempt, picked_by: Lane) -> None:
        lane, now = self._lanes.running(attempt.lane_id), self._clock.now()
        has_message = self._has_audio(attempt.message_key) and _is_same_day(lane, attempt.started_at, now)
        refusal = gate.call_refusal(lane, attempt.number, self._plan, now, has_message=has_message)
        if self._stopping.is_stopped:
            self._tracker.withdraw(attempt, Rule.ENGINE_STOPPED)
        elif called_off := self._calloff.refusal(attempt.id):
            self._tracker.withdraw(attempt, called_off)
        elif refusal is not None or lane is None:
            self._tracker.withdraw(attempt, refusal.rule if refusal else Rule.CAMPAIGN_NOT_RUNNING)
        elif lane != picked_by:
            self._tracker.withdraw(attempt, Rule.PLAN_CHANGED)
        elif not self.is_reconciled:
            self._tracker.withdraw(attempt, AWAY)
        elif not self._keeping.keeps(attempt):
            self._tracker.withdraw(attempt, Rule.AGENT_BUSY)
        elif (trunk := self._routes.choose(lane.caller_number, self._clock.monotonic())) is None:
            self._tracker.withdraw(attempt, NO_TRUNK)
        else:
            self._send(attempt, lane, trunk)

    def _send(self, attempt: Attempt, lane: Lane, trunk: Trunk) -> None:
        ring_time = retry.ring_time(type_of(attempt.number, self._plan), lane.rules)
        self._placing.note(attempt.id)
        call = OutgoingCall(
            attempt.id, attempt.number, lane.caller_number, ring_time, trunk.name, lane.voicemail is not None
        )
        self._tracker.begin(attempt, trunk)
        try:
            self._switch.place(call)
        except SwitchAway:
            self._tracker.give_up(attempt, AWAY)


def _is_same_day(lane: Lane | None, picked_at: datetime, now: datetime) -> bool:
    """Whether the message is still of today at the callee; it was when the contact was picked."""
    return (
        lane is None or picked_at.astimezone(lane.hours.timezone).date() == now.astimezone(lane.hours.timezone).date()
    )
