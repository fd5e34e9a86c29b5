"""How is an agent's leg named, asked for and recognised in Asterisk's words? Pure: headers, messages and events."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from dialer.adapters.ami import contract
from dialer.adapters.ami.calls import phase_of
from dialer.adapters.ami.protocol import Message
from dialer.core import legs
from dialer.core.call import Answered, Ended, Event
from dialer.ports import CallPhase, LiveLeg
from dialer.ports.legs import LEG_ID, agent_of

PHONE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")  # the name of a PJSIP endpoint; no comma, quote or line break
_ANSWERS: Final = frozenset({"Reachable", "Created", "NonQualified"})  # ContactStatus


def originate(leg_id: str, phone: str, ring_time: timedelta) -> Iterable[tuple[str, str]]:
    """The headers of the action that calls the telephone; ValueError for an id or a name that is none."""
    if not (LEG_ID.fullmatch(leg_id) and PHONE.fullmatch(phone)):
        raise ValueError(f"{leg_id!r} is no leg's id, or {phone!r} no telephone")
    return (
        ("ActionID", leg_id),
        ("Channel", device(phone)),
        ("Context", contract.CONTEXT),
        ("Exten", contract.LEG_EXTENSION),
        ("Priority", contract.PRIORITY),
        ("Timeout", str(ring_time // timedelta(milliseconds=1))),
        ("Async", "true"),
        ("ChannelId", leg_id),
        ("Variable", f"{contract.GROUP_VARIABLE}={contract.GROUP.format(agent=agent_of(leg_id))}"),
    )


def device(phone: str) -> str:
    """The telephone as Asterisk dials it."""
    return f"PJSIP/{phone}"


def before_ringing(agent_id: str) -> str:
    """Where Dial sends the agent's telephone before it rings: ChanSpy is to find it as it finds a leg."""
    group = contract.GROUP.format(agent=agent_id)
    return f"{contract.CONTEXT}^{contract.RING_EXTENSION}^{contract.PRIORITY}({group})"


def question(phone: str) -> tuple[tuple[str, str]]:
    """The headers of Getvar whose answer is empty unless the telephone is configured."""
    if not PHONE.fullmatch(phone):
        raise ValueError(f"{phone!r} is no telephone")
    return (("Variable", f"PJSIP_ENDPOINT({phone},aors)"),)


def phone_seen(message: Message) -> str:
    """The telephone that a ContactStatus shows to be there; empty for any other."""
    return message.get("EndpointName") if message.get("ContactStatus") in _ANSWERS else ""


def news(event: Event) -> legs.Up | legs.Down | None:
    """What an event of a call means for the leg, or a supervisor's ear, that it is."""
    match event:
        case Answered():
            return legs.Up(event.attempt_id, event.at)
        case Ended():
            return legs.Down(event.attempt_id, event.at, event.why, event.platform_code)
    return None


def live(channels: Iterable[Message]) -> Mapping[str, LiveLeg]:
    """The legs among the channels, each with the call in its bridge."""
    listed = list(channels)
    in_bridge = {each.get("BridgeId"): each.get("Uniqueid") for each in listed if not _is_leg(each)}
    return {
        each.get("Uniqueid"): LiveLeg(
            phase_of(each.get("ChannelState")) is CallPhase.ANSWERED,
            in_bridge.get(each.get("BridgeId")) if each.get("BridgeId") else None,
        )
        for each in listed
        if _is_leg(each)
    }


def _is_leg(channel: Message) -> bool:
    return LEG_ID.fullmatch(channel.get("Uniqueid")) is not None
