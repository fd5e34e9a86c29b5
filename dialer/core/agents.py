"""What is an agent doing, and who takes the next answered call?

One agent's events come from the agent, the switch and the calls, in any order, some of them twice: every pair of state
and event is a row of ``TRANSITIONS``. What is asked for while a caller is there is remembered, and takes effect at the
end of the wrap-up. Nothing but ``Reserved`` gives an agent a caller, and only while ready: nobody ever has two.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from dialer.core.agent_events import (
    CustomerLeft,
    Event,
    Joined,
    JoinFailed,
    LegLost,
    LegUp,
    LoggedIn,
    LogoutAsked,
    OfCall,
    PauseAsked,
    ReadyAsked,
    Reserved,
    WrappedUp,
    WrapUpOver,
)


class AgentState(StrEnum):
    LOGGED_OUT = "logged_out"
    READY = "ready"
    RESERVED = "reserved"  # a caller is being joined
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


# Reasons for a pause beside those that agents give.
LOGGED_IN = "logged_in"  # has just come, and is not ready yet
AWAITING_PHONE = "awaiting_phone"  # asked to be ready: becomes so when the leg is up
PHONE_LOST = "phone_lost"  # the leg was cut from the far side: who knows whether anybody is there
NO_ANSWER = "no_answer"  # the telephone rang for a caller, and nobody picked up
NO_DECISION = "no_decision"  # a contact was shown, and nothing decided in time
OWN_REASONS = frozenset({LOGGED_IN, AWAITING_PHONE, PHONE_LOST, NO_ANSWER, NO_DECISION})


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent at one moment."""

    id: str
    since: datetime
    state: AgentState = AgentState.LOGGED_OUT
    reason: str = ""  # of the pause
    attempt_id: str | None = None  # the caller's, from the reservation to the end of the wrap-up
    has_line: bool = False  # the leg is up
    then: PauseAsked | LogoutAsked | None = None  # asked for while a caller is there

    @property
    def is_busy(self) -> bool:
        return self.attempt_id is not None


Move = Callable[[Agent, Any], Agent]  # each takes the events that its rows name
_S = AgentState


def _stay(agent: Agent, _: Event) -> Agent:
    return agent


def _come(agent: Agent, event: Event) -> Agent:
    """The telephone of this login is called after it."""
    return _enter(replace(agent, has_line=False), _S.PAUSED, event.at, LOGGED_IN)


def _leave(agent: Agent, event: Event) -> Agent:
    return _enter(agent, _S.LOGGED_OUT, event.at)


def _rest(agent: Agent, event: PauseAsked) -> Agent:
    return _enter(agent, _S.PAUSED, event.at, event.reason)


def _be_ready(agent: Agent, event: Event) -> Agent:
    if not agent.has_line:
        return agent if agent.reason == AWAITING_PHONE else _enter(agent, _S.PAUSED, event.at, AWAITING_PHONE)
    return _enter(agent, _S.READY, event.at)


def _line_up(agent: Agent, event: Event) -> Agent:
    up = replace(agent, has_line=True)
    return _enter(up, _S.READY, event.at) if agent.reason == AWAITING_PHONE else up


def _line_down(agent: Agent, _: Event) -> Agent:
    return replace(agent, has_line=False)


def _lost_meanwhile(agent: Agent, event: LegLost) -> Agent:
    """It may come out later that the switch went, and took the leg with it."""
    down = replace(agent, has_line=False)
    return _enter(down, _S.PAUSED, event.at, AWAITING_PHONE) if event.by_switch and agent.reason == PHONE_LOST else down


def _cut_off(agent: Agent, event: LegLost) -> Agent:
    """Nobody is with the agent, or nobody yet."""
    if agent.then is not None:
        return _as_asked(replace(agent, has_line=False), event)
    return _enter(
        replace(agent, has_line=False), _S.PAUSED, event.at, AWAITING_PHONE if event.by_switch else PHONE_LOST
    )


def _cut_off_talking(agent: Agent, event: LegLost) -> Agent:
    """There is still something to be said of the call."""
    cut = _cut_off_wrapping(agent, event)
    return _enter(cut, _S.WRAP_UP, event.at, attempt_id=cut.attempt_id, then=cut.then)


def _cut_off_wrapping(agent: Agent, event: LegLost) -> Agent:
    """The talk is over already; what was asked for goes before the telephone."""
    lost = PauseAsked(event.at, AWAITING_PHONE if event.by_switch else PHONE_LOST)
    is_wished = agent.then is not None and getattr(agent.then, "reason", "") != PHONE_LOST
    return replace(agent, has_line=False, then=agent.then if is_wished else lost)


def _wait_with_it(agent: Agent, event: PauseAsked | LogoutAsked) -> Agent:
    return replace(agent, then=event)


def _forget_wish(agent: Agent, _: Event) -> Agent:
    return replace(agent, then=None)


def _reserve(agent: Agent, event: Reserved) -> Agent:
    return _enter(agent, _S.RESERVED, event.at, attempt_id=event.attempt_id) if agent.has_line else agent


def _talk(agent: Agent, event: OfCall) -> Agent:
    if not _is_theirs(agent, event):
        return agent
    return _enter(agent, _S.TALKING, event.at, attempt_id=agent.attempt_id, then=agent.then)


def _wrap_up(agent: Agent, event: OfCall) -> Agent:
    if not _is_theirs(agent, event):
        return agent
    return _enter(agent, _S.WRAP_UP, event.at, attempt_id=agent.attempt_id, then=agent.then)


def _be_free(agent: Agent, event: OfCall) -> Agent:
    return _as_asked(agent, event) if _is_theirs(agent, event) else agent


def _as_asked(agent: Agent, event: Event) -> Agent:
    """What was asked for meanwhile; else the next caller, if there is a line for it."""
    match agent.then:
        case LogoutAsked():
            return _leave(agent, event)
        case PauseAsked(reason=reason) if reason != AWAITING_PHONE:
            return _enter(agent, _S.PAUSED, event.at, reason)
    return _be_ready(agent, event)


def _enter(
    agent: Agent,
    state: AgentState,
    at: datetime,
    reason: str = "",
    attempt_id: str | None = None,
    then: PauseAsked | LogoutAsked | None = None,
) -> Agent:
    return replace(agent, state=state, since=at, reason=reason, attempt_id=attempt_id, then=then)


def _is_theirs(agent: Agent, event: OfCall) -> bool:
    """Whether it tells of the call that the agent has, and not of an earlier one."""
    return event.attempt_id == agent.attempt_id


def _rows(state: AgentState, moves: Mapping[type[Event], Move]) -> dict[tuple[AgentState, type[Event]], Move]:
    return {(state, event): move for event, move in moves.items()}


_LATE: Mapping[type[Event], Move] = {
    Joined: _stay,
    JoinFailed: _stay,
    CustomerLeft: _stay,
    WrappedUp: _stay,
    WrapUpOver: _stay,
}  # of a call that the agent does not have
_BUSY: Mapping[type[Event], Move] = {
    LoggedIn: _stay,
    LegUp: _line_up,
    ReadyAsked: _forget_wish,
    PauseAsked: _wait_with_it,
    LogoutAsked: _wait_with_it,
    Reserved: _stay,
}
TRANSITIONS: Mapping[tuple[AgentState, type[Event]], Move] = {
    **_rows(
        _S.LOGGED_OUT,
        {
            **_LATE,
            LoggedIn: _come,
            LegUp: _line_up,
            LegLost: _line_down,
            ReadyAsked: _stay,
            PauseAsked: _stay,
            LogoutAsked: _stay,
            Reserved: _stay,
        },
    ),
    **_rows(
        _S.PAUSED,
        {
            **_LATE,
            LoggedIn: _stay,
            LegUp: _line_up,
            LegLost: _lost_meanwhile,
            ReadyAsked: _be_ready,
            PauseAsked: _rest,
            LogoutAsked: _leave,
            Reserved: _stay,
        },
    ),
    **_rows(
        _S.READY,
        {
            **_LATE,
            LoggedIn: _stay,
            LegUp: _line_up,
            LegLost: _cut_off,
            ReadyAsked: _stay,
            PauseAsked: _rest,
            LogoutAsked: _leave,
            Reserved: _reserve,
        },
    ),
    **_rows(
        _S.RESERVED,
        {
            **_BUSY,
            LegLost: _cut_off,
            Joined: _talk,
            JoinFailed: _be_free,
            CustomerLeft: _be_free,  # before they were joined
            WrappedUp: _stay,
            WrapUpOver: _stay,
        },
    ),
    **_rows(
        _S.TALKING,
        {
            **_BUSY,
            LegLost: _cut_off_talking,
            Joined: _stay,
            JoinFailed: _be_free,  # it only seemed so
            CustomerLeft: _wrap_up,
            WrappedUp: _stay,
            WrapUpOver: _stay,
        },
    ),
    **_rows(
        _S.WRAP_UP,
        {
            **_BUSY,
            LegLost: _cut_off_wrapping,
            Joined: _stay,
            JoinFailed: _stay,
            CustomerLeft: _stay,
            WrappedUp: _be_free,
            WrapUpOver: _be_free,
        },
    ),
}


def step(agent: Agent, event: Event) -> Agent:
    """The agent after the event; the same object where it changes nothing."""
    return TRANSITIONS[agent.state, type(event)](agent, event)


def choose(ready: Iterable[Agent], skills: Mapping[str, Collection[str]], needed: Collection[str]) -> Agent | None:
    """Who takes the call: of those that are ready and can do all that is needed, the one idle for longest.

    Args:
        skills: by agent id.
    """
    able = (each for each in ready if each.state is _S.READY and set(needed) <= set(skills.get(each.id, ())))
    return min(able, key=lambda each: (each.since, each.id), default=None)
