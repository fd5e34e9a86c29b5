"""What would agents' telephones do? The Legs port without a switch: those that are there answer, the others do not."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

from dialer.core.call import End
from dialer.core.legs import Down, PhoneSeen, Up
from dialer.ports import Clock, LegEvent, LegsListener, LiveLeg, Presence, SwitchAway


class SimulatedLegs:
    """``registered`` are the telephones that are there now; they answer after ``picks_up``."""

    def __init__(self, phones: Iterable[str], clock: Clock, picks_up: timedelta = timedelta(milliseconds=20)) -> None:
        self._known = set(phones)
        self.registered = set(self._known)
        self.joined: dict[str, str] = {}  # leg → the attempt it talks with
        self.called: list[str] = []  # telephones, in order
        self._clock = clock
        self._picks_up = picks_up
        self._listener: LegsListener | None = None
        self._presence = Presence.AWAY
        self._calling: dict[str, tuple[str, asyncio.TimerHandle]] = {}
        self._up: dict[str, str] = {}  # leg → telephone

    # ---- the port --------------------------------------------------------------------------------

    def call_phone(self, leg_id: str, phone: str, ring_time: timedelta) -> None:
        self._require_presence()
        self.called.append(phone)
        loop = asyncio.get_running_loop()
        if phone not in self.registered:
            timer = loop.call_later(0, self._end, leg_id, End.NOT_PLACED)
        elif self._picks_up >= ring_time:
            timer = loop.call_later(ring_time.total_seconds(), self._end, leg_id, End.NO_ANSWER)
        else:
            timer = loop.call_later(self._picks_up.total_seconds(), self._answer, leg_id)
        self._calling[leg_id] = (phone, timer)

    def hang_up_leg(self, leg_id: str) -> None:
        if self._presence is Presence.READY:
            self._end(leg_id, End.NORMAL if leg_id in self._up else End.BY_US)

    async def live_legs(self) -> Mapping[str, LiveLeg]:
        self._require_presence()
        ringing = {leg_id: LiveLeg(is_up=False) for leg_id in self._calling}
        return ringing | {leg_id: LiveLeg(True, self.joined.get(leg_id)) for leg_id in self._up}

    async def has_phone(self, phone: str) -> bool:
        self._require_presence()
        return phone in self._known

    # ---- what happens to it ----------------------------------------------------------------------

    def begin(self, listener: LegsListener) -> None:
        self._listener = listener
        self.become(Presence.READY)

    def become(self, presence: Presence) -> None:
        """Lose or find the switch; the legs go on meanwhile."""
        self._presence = presence
        if self._listener is not None:
            self._listener.on_presence(presence)

    def restart(self) -> None:
        """The switch goes and comes back; no leg is left. The ends of some are told, as by Asterisk, of others not."""
        for leg_id in list(self._up)[1::2]:
            self._end(leg_id, End.NORMAL)
        self.become(Presence.AWAY)
        for _, timer in self._calling.values():
            timer.cancel()
        self._calling.clear()
        self._up.clear()
        self.joined.clear()
        self.become(Presence.READY)

    def lose(self, phone: str) -> None:
        """The telephone dies: its legs end, and it answers no more until it registers."""
        self.registered.discard(phone)
        for leg_id in [leg_id for leg_id, of in self._up.items() if of == phone]:
            self._end(leg_id, End.MEDIA_LOST)

    def register(self, phone: str) -> None:
        self.registered.add(phone)
        self._tell(PhoneSeen(phone, self._clock.now()))

    def _answer(self, leg_id: str) -> None:
        self._up[leg_id], _ = self._calling.pop(leg_id)
        self._tell(Up(leg_id, self._clock.now()))

    def _end(self, leg_id: str, why: End) -> None:
        _, timer = self._calling.pop(leg_id, (None, None))
        if timer is not None:
            timer.cancel()
        elif self._up.pop(leg_id, None) is None:
            return
        self.joined.pop(leg_id, None)
        self._tell(Down(leg_id, self._clock.now(), why))

    def _tell(self, event: LegEvent) -> None:
        if self._listener is not None and self._presence is Presence.READY:
            self._listener.on_leg(event)

    def _require_presence(self) -> None:
        if self._presence is not Presence.READY:
            raise SwitchAway(f"the switch is {self._presence}")
