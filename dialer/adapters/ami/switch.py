"""How does Asterisk place, follow and end our calls? The Switch port over AMI.

Every call's ChannelId, and so its Uniqueid, is the attempt id: events, lists and hang-ups name it, also after a restart
of the engine. Calls with such an identity that this engine did not place are told to the listener all the same. Legs of
agents and ears of supervisors are calls too, with ids of their own (``legs.py``, ``ears.py``).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from dialer.adapters.ami import contract, ears, legs, outgoing, talking
from dialer.adapters.ami.calls import CallTrail, call_of, phase_of
from dialer.adapters.ami.connection import ActionRefused, OutcomeUnknown
from dialer.adapters.ami.link import Link, LinkSettings
from dialer.adapters.ami.listeners import Listeners
from dialer.adapters.ami.protocol import Message
from dialer.core.call import Event, Started
from dialer.core.legs import PhoneSeen
from dialer.core.listening import ListenMode
from dialer.model import OutgoingCall
from dialer.ports import (
    CallPhase,
    Clock,
    EarsListener,
    LegsListener,
    LiveLeg,
    Presence,
    SwitchAway,
    SwitchListener,
    TalkListener,
)
from dialer.ports.ears import EAR_ID
from dialer.ports.legs import LEG_ID

log = structlog.get_logger(__name__)

NORMAL_CLEARING: Final = "16"  # Q.850; without it Asterisk reports cause 0


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """How calls are dialled, and how long is waited for what should come."""

    link: LinkSettings
    dial: str = "PJSIP/{number}@{trunk}"  # {digits}: the number without its plus
    dial_over: Mapping[str, str] = field(default_factory=dict)  # where a trunk has a dial string of its own
    settle: timedelta = timedelta(seconds=2)  # between the two events that together end a call
    overdue: timedelta = timedelta(seconds=10)  # past the ring time; then Asterisk is asked whether the call exists
    remembered: timedelta = timedelta(seconds=10)  # an ended call, for its last events


class AsteriskSwitch:
    """The ports Switch, Legs and Ears on one Asterisk."""

    def __init__(self, settings: AsteriskSettings, clock: Clock, random: Callable[[], float]) -> None:
        """``random`` as in `Link`."""
        self._settings = settings
        self._clock = clock
        self._link = Link(settings.link, self._hear, self._on_presence, random)
        self._listeners = Listeners()
        self._trails: dict[str, CallTrail] = {}
        self._due: dict[str, float] = {}  # when (monotonic) a trail is looked at unless something comes before
        self._outstanding: set[str] = set()

    async def run(
        self,
        listener: SwitchListener,
        legs_listener: LegsListener | None = None,
        ears_listener: EarsListener | None = None,
        talk_listener: TalkListener | None = None,
    ) -> None:
        """Keep the link up and tell the listeners what happens, until cancelled."""
        self._listeners = Listeners(listener, legs_listener, ears_listener, talk_listener)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run(), name="ami link")
            tasks.create_task(self._watch(), name="ami overdue calls")

    # ---- the port --------------------------------------------------------------------------------

    @property
    def presence(self) -> Presence:
        return self._link.presence

    @property
    def outstanding(self) -> int:
        return len(self._outstanding)

    def place(self, call: OutgoingCall) -> None:
        """See the port. Raises ValueError for a call that is known already or that cannot be written safely."""
        identity = call.attempt_id
        if identity in self._trails:
            raise ValueError(f"call {identity} is placed already")
        dial = self._settings.dial_over.get(call.trunk, self._settings.dial)
        self._link.send("Originate", outgoing.originate(call, dial))
        self._trails[identity] = CallTrail(identity)
        self._outstanding.add(identity)
        self._look_in(identity, call.ring_time + self._settings.overdue)

    def hang_up(self, attempt_id: str) -> None:
        trail = self._trails.get(attempt_id)
        if trail is None or trail.is_over or self.presence is not Presence.READY:
            return
        trail.asked_to_end = True
        if trail.began:  # before that Asterisk finds no such channel, and goes on with the call
            self._hang_up(attempt_id)

    async def live_calls(self) -> Mapping[str, CallPhase]:
        named = ((channel.get("Uniqueid"), channel) for channel in await self._channels())
        return {
            identity: phase_of(channel.get("ChannelState"))
            for identity, channel in named
            if outgoing.IDENTITY.fullmatch(identity)
        }

    def adopt(self, attempt_id: str, phase: CallPhase) -> None:
        """Follow a call that an earlier run of the engine placed, from the phase `live_calls` gave."""
        if attempt_id not in self._trails:
            self._trails[attempt_id] = CallTrail(attempt_id, phase)
            self._look_in(attempt_id, self._settings.overdue)

    # ---- the port of agents' legs ----------------------------------------------------------------

    def call_phone(self, leg_id: str, phone: str, ring_time: timedelta) -> None:
        """See the port. Raises ValueError for what cannot be written safely."""
        self._link.send("Originate", legs.originate(leg_id, phone, ring_time))
        self._trails[leg_id] = CallTrail(leg_id)
        self._look_in(leg_id, ring_time + self._settings.overdue)

    def hang_up_leg(self, leg_id: str) -> None:
        self.hang_up(leg_id)

    async def live_legs(self) -> Mapping[str, LiveLeg]:
        found = legs.live(await self._channels())
        for leg_id, leg in found.items():
            self.adopt(leg_id, CallPhase.ANSWERED if leg.is_up else CallPhase.DIALING)
        return found

    async def has_phone(self, phone: str) -> bool:
        try:
            answer = await self._link.ask("Getvar", legs.question(phone))
        except (OutcomeUnknown, ActionRefused) as error:
            raise SwitchAway(f"the switch did not say whether it knows {phone}: {error}") from error
        return bool(answer.get("Value"))

    # ---- the port of supervisors' ears -----------------------------------------------------------

    def call_supervisor(self, ear_id: str, phone: str, mode: ListenMode, ring_time: timedelta) -> None:
        """See the port. Raises ValueError for what cannot be written safely."""
        self._link.send("Originate", ears.originate(ear_id, phone, mode, ring_time))
        self._trails[ear_id] = CallTrail(ear_id)
        self._look_in(ear_id, ring_time + self._settings.overdue)

    def attune(self, ear_id: str, mode: ListenMode) -> None:
        self._link.send("Redirect", ears.redirect(ear_id, mode))

    def hang_up_ear(self, ear_id: str) -> None:
        self.hang_up(ear_id)

    async def live_ears(self) -> Sequence[str]:
        found = [each for each in await self._channels() if EAR_ID.fullmatch(each.get("Uniqueid"))]
        for ear in found:
            self.adopt(ear.get("Uniqueid"), phase_of(ear.get("ChannelState")))
        # One that is being redirected is listed twice for a moment: a surrogate bears its Uniqueid.
        return list(dict.fromkeys(ear.get("Uniqueid") for ear in found))

    # ---- actions ---------------------------------------------------------------------------------

    async def _channels(self) -> Sequence[Message]:
        try:
            return await self._link.ask_list("CoreShowChannels")
        except (OutcomeUnknown, ActionRefused) as error:
            raise SwitchAway(f"the switch did not list its calls: {error}") from error

    def _hang_up(self, attempt_id: str) -> None:
        try:
            # Asterisk's Hangup takes a Uniqueid where no channel has that name.
            self._link.send("Hangup", (("Channel", attempt_id), ("Cause", NORMAL_CLEARING)))
        except SwitchAway as away:
            log.warning("call not hung up", attempt=attempt_id, why=str(away))

    # ---- what the switch tells -------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if message.name == contract.CONTACT:
            if phone := legs.phone_seen(message):
                self._listeners.tell_of_leg(PhoneSeen(phone, self._clock.now()))
        elif message.name in talking.EVENTS:
            self._listeners.tell_of_talk(talking.news(message, self._clock.now()))
        elif message.is_event:
            trail = self._trail(call_of(message))
            if trail is not None:
                self._follow(trail, trail.hear(message, self._clock.now()))
        elif message.name == "Error":
            trail = self._trails.get(message.get("ActionID"))
            if trail is not None:
                self._follow(trail, trail.refuse(message, self._clock.now()))

    def _trail(self, identity: str) -> CallTrail | None:
        trail = self._trails.get(identity)
        if trail is None and any(each.fullmatch(identity) for each in (outgoing.IDENTITY, LEG_ID, EAR_ID)):
            trail = self._trails[identity] = CallTrail(identity)
            self._look_in(identity, self._settings.overdue)
        return trail

    def _follow(self, trail: CallTrail, news: list[Event]) -> None:
        identity = trail.attempt_id
        self._outstanding.discard(identity)
        for event in news:
            self._listeners.tell(event)
            if isinstance(event, Started) and trail.asked_to_end:
                self._hang_up(identity)
        if trail.is_over:
            if news:
                self._look_in(identity, self._settings.remembered)
        elif trail.awaits_other_half:
            self._look_in(identity, self._settings.settle)
        elif trail.is_answered:
            self._due.pop(identity, None)  # it may last

    def _on_presence(self, presence: Presence) -> None:
        self._outstanding.clear()  # they were of the former link; what became of them is asked for below
        if presence is Presence.READY:
            for identity, trail in self._trails.items():
                if not trail.is_over:
                    self._look_in(identity, self._settings.settle)
        self._listeners.on_presence(presence)

    # ---- what should have come -------------------------------------------------------------------

    def _look_in(self, identity: str, wait: timedelta) -> None:
        self._due[identity] = self._clock.monotonic() + wait.total_seconds()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._settings.settle.total_seconds() / 4)
            await self._reconcile(self._look_at_due())

    def _look_at_due(self) -> list[str]:
        """Forget or close what is due; the calls of which nobody knows whether they exist are left."""
        moment = self._clock.monotonic()
        doubtful = []
        for identity in [identity for identity, due in self._due.items() if due <= moment]:
            trail = self._trails[identity]
            if trail.is_over:
                del self._trails[identity], self._due[identity]
            elif trail.awaits_other_half:
                self._follow(trail, trail.give_up(self._clock.now()))
            else:
                doubtful.append(identity)
        return doubtful

    async def _reconcile(self, doubtful: list[str]) -> None:
        """Ask Asterisk for them; the ones it does not know have ended unheard."""
        if not doubtful or self.presence is not Presence.READY:
            return
        try:
            channels = await self._channels()
        except SwitchAway as away:
            log.warning("calls in doubt stay in doubt", calls=len(doubtful), why=str(away))
            return
        live = {each.get("Uniqueid"): phase_of(each.get("ChannelState")) for each in channels}
        for identity in doubtful:
            trail = self._trails[identity]
            if trail.is_over or trail.awaits_other_half:
                continue
            if identity in live:
                self._look_in(identity, self._settings.overdue)
                self._follow(trail, trail.see(live[identity], self._clock.now()))
                if trail.asked_to_end:  # the link was lost with our Hangup
                    self._hang_up(identity)
            else:
                log.warning("a call ended unheard", attempt=identity)
                self._follow(trail, trail.lose(self._clock.now()))
