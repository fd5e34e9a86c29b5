"""How are agents' telephones called once, and kept on the line for one caller after another?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from dialer.core import legs
from dialer.ports.switch import Presence

LEG_ID: Final = re.compile(r"leg\.(?P<agent>[A-Za-z0-9_-]{1,40})\.[0-9a-f]{16,32}")

LegEvent = legs.Up | legs.Down | legs.PhoneSeen


def leg_id_for(agent_id: str, unique: str) -> str:
    """A leg's id; the agent stands in it, so that a leg that outlived the engine is known again."""
    leg_id = f"leg.{agent_id}.{unique}"
    if not LEG_ID.fullmatch(leg_id):
        raise ValueError(f"{agent_id!r} or {unique!r} cannot be part of a leg's id")
    return leg_id


def agent_of(leg_id: str) -> str:
    """The agent whose leg it is."""
    found = LEG_ID.fullmatch(leg_id)
    if found is None:
        raise ValueError(f"{leg_id!r} is no leg's id")
    return found["agent"]


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """A leg that the switch knows now."""

    is_up: bool
    attempt_id: str | None = None  # of the caller it is joined with


class Legs(Protocol):
    """Calls telephones of agents; what is behind it shows only in its adapter."""

    def call_phone(self, leg_id: str, phone: str, ring_time: timedelta) -> None:
        """Call the telephone, once; it waits, when answered, to be joined. What becomes of it arrives as events.

        Raises:
            SwitchAway: nothing was sent.
        """
        ...

    def hang_up_leg(self, leg_id: str) -> None:
        """End a leg; an unknown or ended one is left alone, as is an absent switch."""
        ...

    async def live_legs(self) -> Mapping[str, LiveLeg]:
        """The legs that the switch knows now, by their ids, followed from now on.

        Raises:
            SwitchAway: it could not be asked; nothing is known.
        """
        ...

    async def has_phone(self, phone: str) -> bool:
        """Whether the switch has such a telephone, registered or not.

        Raises:
            SwitchAway: it could not be asked; nothing is known.
        """
        ...


class LegsListener(Protocol):
    """Who hears what becomes of legs."""

    def on_leg(self, event: LegEvent) -> None: ...

    def on_presence(self, presence: Presence) -> None:
        """As ``SwitchListener``."""
        ...
