"""How is a supervisor's telephone called, to hear an agent?"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Protocol

from dialer.core.legs import Down, Up
from dialer.core.listening import ListenMode
from dialer.ports.switch import Presence

EAR_ID: Final = re.compile(r"ear\.(?P<agent>[A-Za-z0-9_-]{1,40})\.[0-9a-f]{16,32}")

EarEvent = Up | Down  # their ``leg_id`` is the ear's


def ear_id_for(agent_id: str, unique: str) -> str:
    """An ear's id; the agent stands in it, so that one that outlived the engine is known again."""
    ear_id = f"ear.{agent_id}.{unique}"
    if not EAR_ID.fullmatch(ear_id):
        raise ValueError(f"{agent_id!r} or {unique!r} cannot be part of an ear's id")
    return ear_id


def heard_by(ear_id: str) -> str:
    """The agent who is heard."""
    found = EAR_ID.fullmatch(ear_id)
    if found is None:
        raise ValueError(f"{ear_id!r} is no ear's id")
    return found["agent"]


class Ears(Protocol):
    """Calls telephones of supervisors; what is behind it shows only in its adapter."""

    def call_supervisor(self, ear_id: str, phone: str, mode: ListenMode, ring_time: timedelta) -> None:
        """Call the telephone, once; when answered it hears the agent, through all calls. What becomes of it arrives.

        Raises:
            SwitchAway: nothing was sent.
        """
        ...

    def attune(self, ear_id: str, mode: ListenMode) -> None:
        """Let an ear take part in that way, and in the call that the agent has now.

        Raises:
            SwitchAway: nothing was sent.
        """
        ...

    def hang_up_ear(self, ear_id: str) -> None:
        """End it; an unknown or ended one is left alone, as is an absent switch."""
        ...

    async def live_ears(self) -> Sequence[str]:
        """The ears that the switch knows now, followed from now on.

        Raises:
            SwitchAway: it could not be asked; nothing is known.
        """
        ...


class EarsListener(Protocol):
    """Who hears what becomes of ears."""

    def on_ear(self, event: EarEvent) -> None: ...

    def on_presence(self, presence: Presence) -> None:
        """As ``SwitchListener``."""
        ...
