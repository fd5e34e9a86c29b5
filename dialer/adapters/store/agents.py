"""Who are the agents, what was each doing, and which talks have begun?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import agents, attempts
from dialer.adapters.store.database import Database
from dialer.adapters.store.schema import insert
from dialer.core.agent_events import LogoutAsked, PauseAsked
from dialer.core.agents import Agent, AgentState
from dialer.core.audit import Action, Change, difference
from dialer.model import AgentProfile, LegKind
from dialer.ports.store import Conflict, Listened, TalkBegun

_SAVE = (
    agents.update()
    .where(agents.c.id == sa.bindparam("agent"))
    .values(
        {name: sa.bindparam(f"new_{name}") for name in ("state", "since", "reason", "attempt_id", "has_line", "wish")}
    )
)
_JOINED = (
    attempts.update()
    .where(attempts.c.id == sa.bindparam("attempt"))
    .values(agent_id=sa.bindparam("agent"), joined_at=sa.func.coalesce(attempts.c.joined_at, sa.bindparam("at")))
)
_OPEN_TALKS = sa.select(attempts.c.id, attempts.c.agent_id, attempts.c.joined_at).where(
    sa.text("attempts.disposition IS NULL"), attempts.c.joined_at.is_not(None)
)
_LEAVES = "leave"  # any other wish is the reason of a pause


class SqlAgents:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def put_agent(self, profile: AgentProfile, now: datetime, actor: str) -> None:
        await self._db.write(_put, profile, now, actor)

    async def note_command(self, agent_id: str, command: str, reason: str, now: datetime, actor: str) -> None:
        said = {"command": command} | ({"reason": reason} if reason else {})
        await self._db.write(note, Change(Action.AGENT_COMMANDED, now, actor, "", agent_id, after=said))

    async def note_listening(self, entries: Sequence[Listened], now: datetime) -> None:
        await self._db.write(_note_listening, entries)

    async def agents(self) -> Sequence[tuple[AgentProfile, Agent]]:
        return await self._db.read(_all)

    async def save_agents(self, changed: Sequence[Agent], begun: Sequence[TalkBegun]) -> None:
        await self._db.write(_save, changed, begun)

    async def open_talks(self) -> Sequence[TalkBegun]:
        return await self._db.read(lambda connection: [TalkBegun(*row) for row in connection.execute(_OPEN_TALKS)])


def _note_listening(connection: sa.Connection, entries: Sequence[Listened]) -> None:
    for entry in entries:
        said = {"listening": entry.what, "phone": entry.phone, "mode": entry.mode, "why": entry.why}
        told = {name: str(value) for name, value in said.items() if value}
        note(connection, Change(Action.AGENT_LISTENED, entry.at, entry.actor, "", entry.agent_id, after=told))


def _put(connection: sa.Connection, profile: AgentProfile, now: datetime, actor: str) -> None:
    taken = sa.select(agents.c.id).where(agents.c.phone == profile.phone, agents.c.id != profile.id)
    if other := connection.execute(taken).scalar():
        raise Conflict(f"the telephone {profile.phone} is that of agent {other}")
    said = {
        "name": profile.name,
        "phone": profile.phone,
        "skills": sorted(profile.skills),
        "leg": profile.leg,
    }
    known = connection.execute(sa.select(agents).where(agents.c.id == profile.id)).one_or_none()
    new = Agent(profile.id, now)
    create = insert(connection, agents).on_conflict_do_update(index_elements=[agents.c.id], set_=said)
    connection.execute(create, {"id": profile.id, **said, **_doing(new, "")})
    before, after = difference({name: getattr(known, name) for name in said} if known else {}, said)
    action = Action.AGENT_CHANGED if known else Action.AGENT_CREATED
    note(connection, Change(action, now, actor, "", profile.id, before, after))


def _all(connection: sa.Connection) -> list[tuple[AgentProfile, Agent]]:
    return [(_profile(row), _agent(row)) for row in connection.execute(sa.select(agents).order_by(agents.c.id))]


def _save(connection: sa.Connection, changed: Sequence[Agent], begun: Sequence[TalkBegun]) -> None:
    for agent in changed:
        connection.execute(_SAVE, {"agent": agent.id, **_doing(agent, "new_")})
    for talk in begun:
        connection.execute(_JOINED, {"attempt": talk.attempt_id, "agent": talk.agent_id, "at": talk.at})


def _doing(agent: Agent, prefix: str) -> dict[str, Any]:
    values = {
        "state": agent.state,
        "since": agent.since,
        "reason": agent.reason,
        "attempt_id": agent.attempt_id,
        "has_line": agent.has_line,
        "wish": _wish(agent),
    }
    return {f"{prefix}{name}": value for name, value in values.items()}


def _wish(agent: Agent) -> str | None:
    match agent.then:
        case PauseAsked(reason=reason):
            return reason
        case LogoutAsked():
            return _LEAVES
    return None


def _profile(row: Any) -> AgentProfile:
    return AgentProfile(row.id, row.name, row.phone, frozenset(row.skills), LegKind(row.leg))


def _agent(row: Any) -> Agent:
    then: PauseAsked | LogoutAsked | None = None
    if row.wish is not None:
        then = LogoutAsked(row.since) if row.wish == _LEAVES else PauseAsked(row.since, row.wish)
    return Agent(row.id, row.since, AgentState(row.state), row.reason, row.attempt_id, row.has_line, then)
