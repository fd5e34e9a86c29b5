"""Is every agent's telephone on the line, and is a lost one called again?

A leg per agent that is logged in: called once, kept through all callers, called again with growing pauses when it is
lost. After a restart, of the engine or of the switch, what the switch lists is what there is.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from dialer.agents.roster import Change, Roster
from dialer.core import legs
from dialer.core.agent_events import Joined, LegLost, LegUp, PauseAsked
from dialer.core.agents import NO_ANSWER, AgentState
from dialer.core.call import End
from dialer.core.legs import Called, Down, Leg, PhoneSeen, Up
from dialer.model import LegKind
from dialer.ports import Clock, IdSource, LegEvent, Legs, LiveLeg, Presence, SwitchAway
from dialer.ports.joiner import NailedUp, Ringing, Way
from dialer.ports.legs import agent_of, leg_id_for

RING_TIME = timedelta(seconds=20)
COMPARE = timedelta(seconds=30)  # how often legs are compared with the switch's while all seems well
ASK_AGAIN = timedelta(seconds=2)
GOES_WITH_IT = timedelta(seconds=5)  # a switch that restarts ends its calls, and its link a second later

log = structlog.get_logger(__name__)


class Lines:
    """Hears of legs (``LegsListener``), and tells the roster."""

    def __init__(self, roster: Roster, clock: Clock, new_id: IdSource) -> None:
        self._roster = roster
        self._clock = clock
        self._new_id = new_id
        self._switch: Legs | None = None
        self._presence = Presence.AWAY
        self._legs: dict[str, Leg] = {}
        self._lost_at: dict[str, datetime] = {}
        self._compare_at: datetime | None = None
        self._changed = asyncio.Event()
        roster.watchers.append(self._on_agent)

    def connect(self, switch: Legs) -> None:
        self._switch = switch

    def leg(self, agent_id: str) -> Leg | None:
        return self._legs.get(agent_id)

    async def knows(self, phone: str) -> bool | None:
        """Whether the switch has such a telephone; None: it cannot be asked now."""
        if self._switch is None or self._presence is not Presence.READY:
            return None
        try:
            return await self._switch.has_phone(phone)
        except SwitchAway:
            return None

    def way(self, agent_id: str) -> Way:
        """How a caller is joined with the agent."""
        profile = self._roster.profile(agent_id)
        if profile.leg is LegKind.RING:
            return Ringing(agent_id, profile.phone, RING_TIME)
        return NailedUp(self._legs[agent_id].leg_id)

    def doubt(self, agent_id: str) -> None:
        """A caller could not be joined: nobody else is sent there until the telephone has been called anew."""
        now = self._clock.now()
        if self._roster.profile(agent_id).leg is LegKind.RING:
            self._roster.hear(agent_id, PauseAsked(now, NO_ANSWER))
            return
        if leg := self._legs.get(agent_id):
            self._follow(agent_id, Down(leg.leg_id, now, End.LOST), by_switch=True)
            if self._switch is not None:
                self._switch.hang_up_leg(leg.leg_id)
            self._changed.set()

    # ---- what is heard ---------------------------------------------------------------------------

    def on_presence(self, presence: Presence) -> None:
        self._presence = presence
        if presence is Presence.READY:
            self._look_soon()
            return
        now = self._clock.now()
        for agent_id, lost_at in list(self._lost_at.items()):
            if lost_at >= now - GOES_WITH_IT and (leg := self._legs.get(agent_id)):
                self._legs[agent_id] = legs.step(leg, PhoneSeen(leg.phone, now))  # called at once when it is back
                self._roster.hear(agent_id, LegLost(now, by_switch=True))

    def on_leg(self, event: LegEvent) -> None:
        if isinstance(event, PhoneSeen):
            for agent_id, leg in self._legs.items():
                if leg.phone == event.phone:
                    self._legs[agent_id] = legs.step(leg, event)
        else:
            self._follow(agent_of(event.leg_id), event)
        self._changed.set()

    def _follow(self, agent_id: str, event: Up | Down | Called, *, by_switch: bool = False) -> None:
        before = self._legs.get(agent_id)
        if before is None:
            return
        self._legs[agent_id] = after = legs.step(before, event)
        if after.is_up and not before.is_up:
            log.info("leg_up", agent=agent_id)
            self._roster.hear(agent_id, LegUp(event.at))
        elif before.is_up and not after.is_up:
            self._lost_at[agent_id] = event.at
            log.warning("leg_lost", agent=agent_id, code=event.platform_code if isinstance(event, Down) else None)
            self._roster.hear(agent_id, LegLost(event.at, by_switch=by_switch))

    def _on_agent(self, change: Change) -> None:
        if change.before.state is not change.after.state:
            self._keep(change.after.id, is_in=change.after.state is not AgentState.LOGGED_OUT)

    def _keep(self, agent_id: str, *, is_in: bool) -> None:
        """A leg for whoever is logged in, none for the others."""
        profile = self._roster.profile(agent_id)
        if is_in and profile.leg is LegKind.NAILED_UP and agent_id not in self._legs:
            self._legs[agent_id] = Leg(profile.phone)
            self._changed.set()
        elif not is_in and (leg := self._legs.pop(agent_id, None)):
            if self._switch is not None and leg.leg_id:
                self._switch.hang_up_leg(leg.leg_id)
            self._roster.hear(agent_id, LegLost(self._clock.now()))

    # ---- what is done ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep everybody's leg up, until cancelled."""
        for agent in list(self._roster.agents):
            self._keep(agent.id, is_in=agent.state is not AgentState.LOGGED_OUT)
        while True:
            self._changed.clear()
            if self._presence is Presence.READY:
                await self._compare_if_due()
                self._call_due()
            try:
                async with asyncio.timeout(self._pause().total_seconds()):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _look_soon(self) -> None:
        self._compare_at = None
        self._changed.set()

    async def _compare_if_due(self) -> None:
        now = self._clock.now()
        if self._switch is None or (self._compare_at is not None and now < self._compare_at <= now + COMPARE):
            return
        self._compare_at = now + COMPARE
        try:
            theirs = await self._switch.live_legs()
        except SwitchAway as away:
            log.warning("legs_not_compared", because=str(away))
            self._compare_at = now + ASK_AGAIN
            return
        for leg_id, live in theirs.items():
            self._adopt(leg_id, live)
        for agent_id, leg in list(self._legs.items()):
            if leg.leg_id not in theirs and leg.state is not legs.LegState.DOWN:
                self._follow(agent_id, Down(leg.leg_id, now, End.LOST), by_switch=True)
                self._legs[agent_id] = legs.step(self._legs[agent_id], PhoneSeen(leg.phone, now))

    def _adopt(self, leg_id: str, live: LiveLeg) -> None:
        agent_id, now = agent_of(leg_id), self._clock.now()
        leg = self._legs.get(agent_id)
        is_stray = leg is None or (leg.state is not legs.LegState.DOWN and leg.leg_id != leg_id)
        if self._switch is not None and is_stray:
            log.warning("leg_without_agent", agent=agent_id)
            self._switch.hang_up_leg(leg_id)
            return
        if live.is_up:
            self._follow(agent_id, Up(leg_id, now))
            if live.attempt_id is not None:
                self._roster.hear(agent_id, Joined(now, live.attempt_id))

    def _call_due(self) -> None:
        now = self._clock.now()
        for agent_id, leg in list(self._legs.items()):
            if self._switch is None or not legs.is_due(leg, now):
                continue
            leg_id = leg_id_for(agent_id, self._new_id(now))
            try:
                self._switch.call_phone(leg_id, leg.phone, RING_TIME)
            except SwitchAway:
                return
            self._legs[agent_id] = legs.step(leg, Called(leg_id, now))

    def _pause(self) -> timedelta:
        """Until the next telephone is to be called, or the next comparison."""
        now = self._clock.now()
        due = [leg.call_at for leg in self._legs.values() if leg.state is legs.LegState.DOWN]
        moments = [self._compare_at or now, *due] if self._presence is Presence.READY else [now + COMPARE]
        return min(max(min(moments) - now, timedelta(milliseconds=20)), COMPARE)  # the clock may be set back
