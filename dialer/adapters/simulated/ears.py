"""What would supervisors' telephones do? The Ears port on the telephones of ``SimulatedLegs``."""

from collections.abc import Sequence
from datetime import timedelta

from dialer.adapters.simulated.legs import SimulatedLegs
from dialer.core.listening import ListenMode
from dialer.ports import EarsListener, LegEvent, Presence
from dialer.ports.ears import EAR_ID, EarEvent


class SimulatedEars:
    """``modes``: how each ear takes part."""

    def __init__(self, phones: SimulatedLegs) -> None:
        """``phones`` are of this switch's ears alone."""
        self.modes: dict[str, ListenMode] = {}
        self._phones = phones
        self._listener: EarsListener | None = None

    def begin(self, listener: EarsListener) -> None:
        self._listener = listener
        self._phones.begin(self)

    def call_supervisor(self, ear_id: str, phone: str, mode: ListenMode, ring_time: timedelta) -> None:
        if not EAR_ID.fullmatch(ear_id):
            raise ValueError(f"{ear_id!r} is no ear's id")
        self._phones.call_phone(ear_id, phone, ring_time)
        self.modes[ear_id] = mode

    def attune(self, ear_id: str, mode: ListenMode) -> None:
        self.modes[ear_id] = mode

    def hang_up_ear(self, ear_id: str) -> None:
        self._phones.hang_up_leg(ear_id)

    async def live_ears(self) -> Sequence[str]:
        return list(await self._phones.live_legs())

    # What the telephones tell.

    def on_leg(self, event: LegEvent) -> None:
        if self._listener is not None and isinstance(event, EarEvent):
            self._listener.on_ear(event)

    def on_presence(self, presence: Presence) -> None:
        if self._listener is not None:
            self._listener.on_presence(presence)
