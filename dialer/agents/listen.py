"""Which supervisor hears which agent?

A supervisor's telephone is called, and hears the agent through all calls until it hangs up or the agent logs out; where
the agent's telephone is called for each caller, there is silence between two. It is
written down who asked for it before the telephone rings: what cannot be written down is not listened to. What became of
it follows.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from dialer.agents.lines import RING_TIME
from dialer.agents.roster import Change, Roster
from dialer.core import listening
from dialer.core.agents import AgentState
from dialer.core.call import End
from dialer.core.feed import ENGINE
from dialer.core.legs import Down
from dialer.core.listening import Attuned, Ear, EarState, ListenMode
from dialer.ports import Clock, EarEvent, Ears, IdSource, Presence, SwitchAway
from dialer.ports.ears import ear_id_for, heard_by
from dialer.ports.store import Listened, Listens, StoreFailed

AFTER_TROUBLE = timedelta(seconds=1)
ASK_AGAIN = timedelta(seconds=2)
SHOWN_FOR = timedelta(minutes=1)  # how long an ear that ended can be seen

log = structlog.get_logger(__name__)


class NotToBeHeard(Exception):
    """The agent cannot be listened to now, or not with that telephone; the message says why."""


class Listening:
    """Hears of ears (``EarsListener``)."""

    def __init__(self, store: Listens, roster: Roster, clock: Clock, new_id: IdSource) -> None:
        self._store = store
        self._roster = roster
        self._clock = clock
        self._new_id = new_id
        self._switch: Ears | None = None
        self._presence = Presence.AWAY
        self._ears: dict[str, Ear] = {}
        self._unwritten: list[Listened] = []
        self._look_for_strays = False
        self._news = asyncio.Event()
        roster.watchers.append(self._on_agent)

    def connect(self, switch: Ears) -> None:
        self._switch = switch

    def at(self, agent_id: str) -> Sequence[Ear]:
        """Who hears the agent; and, for a while, who did."""
        gone = self._clock.now() - SHOWN_FOR
        self._ears = {ear.id: ear for ear in self._ears.values() if ear.state is not EarState.ENDED or ear.since > gone}
        return [ear for ear in self._ears.values() if ear.agent_id == agent_id]

    # ---- what supervisors ask for ----------------------------------------------------------------

    async def begin(self, agent_id: str, phone: str, mode: ListenMode, actor: str) -> Ear:
        """Let the supervisor at that telephone hear the agent, or take part in another way.

        Raises:
            UnknownAgent, NotToBeHeard, SwitchAway, StoreFailed: nothing was changed.
        """
        self._require_presence(agent_id)
        ear = self._of(phone)
        if ear is not None and ear.agent_id != agent_id:
            raise NotToBeHeard(f"{phone} hears {ear.agent_id}: end that first")
        if ear is None and any(self._is_in_use(each.id, phone) for each in self._roster.agents):
            raise NotToBeHeard(f"{phone} is the telephone of an agent who is logged in")
        switch, now = self._reachable(), self._clock.now()
        new = ear or Ear(ear_id_for(agent_id, self._new_id(now)), agent_id, phone, mode, actor, now)
        await self._store.note_listening([_told(replace(new, mode=mode, actor=actor, since=now), "asked")], now)
        if ear is None:
            switch.call_supervisor(new.id, phone, self._way(agent_id, mode), RING_TIME)
            self._ears[new.id] = new
            return new
        switch.attune(ear.id, self._way(agent_id, mode))
        return self._step(ear.id, Attuned(now, mode))

    def end(self, agent_id: str, phone: str) -> Ear | None:
        """Hang the supervisor's telephone up; None: it does not hear the agent."""
        ear = self._of(phone)
        if ear is None or ear.agent_id != agent_id:
            return None
        self._hang_up(ear)
        return ear

    def _require_presence(self, agent_id: str) -> None:
        if self._roster.agent(agent_id).state is AgentState.LOGGED_OUT:
            raise NotToBeHeard(f"{agent_id} is not logged in")

    def _is_in_use(self, agent_id: str, phone: str) -> bool:
        is_in = self._roster.agent(agent_id).state is not AgentState.LOGGED_OUT
        return is_in and self._roster.profile(agent_id).phone == phone

    def _reachable(self) -> Ears:
        if self._switch is None or self._presence is not Presence.READY:
            raise SwitchAway(f"the switch is {self._presence}")
        return self._switch

    def _of(self, phone: str) -> Ear | None:
        """The ear that the telephone is now."""
        live = (each for each in self._ears.values() if each.state is not EarState.ENDED)
        return next((each for each in live if each.phone == phone), None)

    # ---- what is heard ---------------------------------------------------------------------------

    def on_ear(self, event: EarEvent) -> None:
        if event.leg_id in self._ears:
            self._follow(self._step(event.leg_id, event))

    def on_presence(self, presence: Presence) -> None:
        self._presence = presence
        self._look_for_strays = presence is Presence.READY
        self._news.set()

    def _on_agent(self, change: Change) -> None:
        if change.after.state is change.before.state:
            return
        for ear in [each for each in self._ears.values() if each.agent_id == change.after.id]:
            if change.after.state is AgentState.LOGGED_OUT:
                self._hang_up(ear)
            elif AgentState.TALKING in (change.before.state, change.after.state):
                self._follow(ear)

    def _way(self, agent_id: str, mode: ListenMode) -> ListenMode:
        """How the supervisor takes part at this moment.

        Barging in holds on to the callee: Asterisk keeps a callee who has left until the supervisor lets go, and never
        finds the next one by itself. So between two callees only the agent hears the supervisor.
        """
        is_talking = self._roster.agent(agent_id).state is AgentState.TALKING
        return ListenMode.WHISPER if mode is ListenMode.BARGE and not is_talking else mode

    def _follow(self, ear: Ear) -> None:
        """Lead a supervisor who barges in to the callee, or away from one who has left."""
        if ear.mode is not ListenMode.BARGE or ear.state is not EarState.LISTENING or self._switch is None:
            return
        try:
            self._switch.attune(ear.id, self._way(ear.agent_id, ear.mode))
        except SwitchAway:
            log.warning("not_followed", agent=ear.agent_id)

    def _hang_up(self, ear: Ear) -> None:
        if self._switch is not None and ear.state is not EarState.ENDED:
            self._switch.hang_up_ear(ear.id)

    def _step(self, ear_id: str, event: listening.Event) -> Ear:
        before = self._ears[ear_id]
        self._ears[ear_id] = after = listening.step(before, event)
        if after.state is not before.state:
            log.info("listening", agent=after.agent_id, phone=after.phone, mode=after.mode, state=after.state)
            self._unwritten.append(_told(after, "began" if after.state is EarState.LISTENING else "ended"))
            self._news.set()
        return after

    # ---- what is done ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Write down what became of those who listen, and end what an earlier engine has left; until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._end_strays()
                await self.write_down()
            except StoreFailed as error:
                log.error("listening_not_written", entries=len(self._unwritten), because=str(error))
                await asyncio.sleep(AFTER_TROUBLE.total_seconds())
                self._news.set()
            except SwitchAway as away:
                log.warning("ears_not_compared", because=str(away))
                await asyncio.sleep(ASK_AGAIN.total_seconds())
                self._news.set()

    def close(self) -> None:
        """The engine stops: nobody listens without it."""
        for ear in list(self._ears.values()):
            self._hang_up(ear)
            self._step(ear.id, Down(ear.id, self._clock.now(), End.BY_US))

    async def write_down(self) -> None:
        """Raises StoreFailed; then it is tried again."""
        if written := list(self._unwritten):
            await self._store.note_listening(written, self._clock.now())
            del self._unwritten[: len(written)]

    async def _end_strays(self) -> None:
        """Nobody listens of whom it is not known who they are."""
        if not self._look_for_strays:
            return
        switch = self._reachable()
        live = await switch.live_ears()
        for ear_id in live:
            if ear_id not in self._ears:
                log.warning("ear_without_supervisor", agent=heard_by(ear_id))
                switch.hang_up_ear(ear_id)
                self._unwritten.append(Listened(heard_by(ear_id), "ended", self._clock.now(), ENGINE, why=End.LOST))
        for ear in list(self._ears.values()):
            if ear.id not in live and ear.state is EarState.LISTENING:
                self._step(ear.id, Down(ear.id, self._clock.now(), End.LOST))
        self._look_for_strays = False


def _told(ear: Ear, what: str) -> Listened:
    return Listened(ear.agent_id, what, ear.since, ear.actor, ear.phone, ear.mode, ear.why)
