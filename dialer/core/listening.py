"""How far has a supervisor come who wants to hear an agent, and how do they take part?

The supervisor's telephone is called; what is said of it comes late and twice, and of a former call by another id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.core.call import End
from dialer.core.legs import Down, Up


class ListenMode(StrEnum):
    """Everybody who listens hears both; the mode says who hears the supervisor."""

    LISTEN = "listen"  # nobody
    WHISPER = "whisper"  # the agent alone
    BARGE = "barge"  # both


class EarState(StrEnum):
    CALLING = "calling"  # the supervisor's telephone rings
    LISTENING = "listening"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Ear:
    """One supervisor at one agent, through all the agent's calls."""

    id: str  # of the call to the supervisor's telephone
    agent_id: str
    phone: str
    mode: ListenMode
    actor: str  # who asked for it
    since: datetime
    state: EarState = EarState.CALLING
    why: End | None = None  # it ended


@dataclass(frozen=True, slots=True)
class Attuned:
    """The supervisor is to take part in another way."""

    at: datetime
    mode: ListenMode


Event = Up | Down | Attuned


def _stay(ear: Ear, _: Event) -> Ear:
    return ear


def _hear(ear: Ear, event: Up) -> Ear:
    return replace(ear, state=EarState.LISTENING, since=event.at) if event.leg_id == ear.id else ear


def _end(ear: Ear, event: Down) -> Ear:
    if event.leg_id != ear.id:
        return ear
    return replace(ear, state=EarState.ENDED, since=event.at, why=event.why)


def _attune(ear: Ear, event: Attuned) -> Ear:
    return ear if event.mode is ear.mode else replace(ear, mode=event.mode)


TRANSITIONS: Mapping[tuple[EarState, type[Event]], Callable[[Ear, Any], Ear]] = {
    (EarState.CALLING, Up): _hear,
    (EarState.CALLING, Down): _end,
    (EarState.CALLING, Attuned): _attune,
    (EarState.LISTENING, Up): _stay,
    (EarState.LISTENING, Down): _end,
    (EarState.LISTENING, Attuned): _attune,
    (EarState.ENDED, Up): _stay,
    (EarState.ENDED, Down): _stay,
    (EarState.ENDED, Attuned): _stay,
}


def step(ear: Ear, event: Event) -> Ear:
    """The ear after the event; the same object where it changes nothing."""
    return TRANSITIONS[ear.state, type(event)](ear, event)
