"""What does the engine ask of a switch, and what does it hear from one?"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from dialer.core.call import Event
from dialer.core.machines import Talk
from dialer.model import OutgoingCall


class SwitchAway(Exception):
    """The switch cannot take a call now; nothing was sent."""


class Presence(StrEnum):
    """Whether the switch can be used."""

    READY = "ready"
    AWAY = "away"  # the link is down, or the switch has not finished starting
    REFUSED = "refused"  # it answers, but does not let us in: somebody must act


class CallPhase(StrEnum):
    """How far a call known to the switch has come."""

    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"


class Switch(Protocol):
    """Places and controls calls; what is behind it shows only in its adapter."""

    @property
    def presence(self) -> Presence: ...

    @property
    def outstanding(self) -> int:
        """Calls sent that the switch has not begun yet; grows when it is overloaded."""
        ...

    def place(self, call: OutgoingCall) -> None:
        """Send one call, once. What becomes of it arrives as events; it is never sent again.

        Raises:
            SwitchAway: nothing was sent.
        """
        ...

    def hang_up(self, attempt_id: str) -> None:
        """End a call wherever it is; unknown or ended calls are left alone, as is an absent switch."""
        ...

    def adopt(self, attempt_id: str, phase: CallPhase) -> None:
        """Follow a call that an earlier run of the engine placed, from the phase ``live_calls`` gave."""
        ...

    async def live_calls(self) -> Mapping[str, CallPhase]:
        """The calls of ours that the switch knows now, by attempt id.

        Raises:
            SwitchAway: it could not be asked; nothing is known.
        """
        ...


class SwitchListener(Protocol):
    """Who hears what the switch tells."""

    def on_call(self, event: Event) -> None: ...

    def on_presence(self, presence: Presence) -> None:
        """READY comes once per link, only when the switch has finished starting and calls can be placed."""
        ...


class TalkListener(Protocol):
    """Who hears when the callees talk whose calls are to tell of it."""

    def on_talk(self, talk: Talk) -> None: ...
