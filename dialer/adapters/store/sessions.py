"""Who has signed in, from where, and until when?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database
from dialer.adapters.store.user_tables import sessions
from dialer.adapters.store.users import find_user, write_user
from dialer.core.audit import Action, Change
from dialer.ports.store import Proof, Session, User


class SqlSessions:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin_session(self, session: Session, secret_hash: str, proof: Proof) -> bool:
        return await self._db.write(_begin, session, secret_hash, proof)

    async def session(
        self, session_id: str, secret_hash: str, now: datetime, idle: timedelta
    ) -> tuple[Session, User] | None:
        return await self._db.read(_find, session_id, secret_hash, now, idle)

    async def session_seen(self, session_id: str, now: datetime) -> None:
        await self._db.write(_seen, session_id, now)

    async def sessions(
        self, user: str | None, after: str, limit: int, now: datetime, idle: timedelta
    ) -> Sequence[Session]:
        return await self._db.read(_page, user, after, limit, now, idle)

    async def end_session(self, session_id: str, now: datetime, actor: str) -> Session | None:
        return await self._db.write(_end, session_id, now, actor)


def _begin(connection: sa.Connection, session: Session, secret_hash: str, proof: Proof) -> bool:
    user = find_user(connection, session.user, for_update=True)
    if user is None or not user.is_enabled:
        return False
    values: dict[str, Any] = {"failures": 0, "locked_until": None}
    if proof.step is not None:
        if proof.step <= user.totp_step:
            return False
        values["totp_step"] = proof.step
    if proof.recovery is not None:
        if proof.recovery not in user.recovery:
            return False
        values["recovery"] = sorted(user.recovery - {proof.recovery})
    write_user(connection, user.name, values)
    connection.execute(sessions.delete().where(sessions.c.ends_at <= session.begun_at))  # whoever's they were
    row = {name: getattr(session, name) for name in ("id", "user", "begun_at", "seen_at", "ends_at")}
    connection.execute(sessions.insert(), row | {"origin": session.origin[:120], "secret_hash": secret_hash})
    said = {"session": session.id} | ({"recovery_codes_left": len(values["recovery"])} if proof.recovery else {})
    actor, client = f"user:{user.name}", user.client_id or ""
    note(connection, Change(Action.SESSION_BEGUN, session.begun_at, actor, client, user.name, after=said))
    return True


def _find(
    connection: sa.Connection, session_id: str, secret_hash: str, now: datetime, idle: timedelta
) -> tuple[Session, User] | None:
    query = sa.select(sessions).where(sessions.c.id == session_id, *_open(now, idle))
    row = connection.execute(query).one_or_none()
    if row is None or not compare_digest(row.secret_hash, secret_hash):
        return None
    user = find_user(connection, row.user)
    return (_session(row), user) if user and user.is_enabled else None


def _seen(connection: sa.Connection, session_id: str, now: datetime) -> None:
    connection.execute(sessions.update().where(sessions.c.id == session_id).values(seen_at=now))


def _page(
    connection: sa.Connection, user: str | None, after: str, limit: int, now: datetime, idle: timedelta
) -> list[Session]:
    query = sa.select(sessions).where(sessions.c.id > after, *_open(now, idle)).order_by(sessions.c.id).limit(limit)
    if user is not None:
        query = query.where(sessions.c.user == user)
    return [_session(row) for row in connection.execute(query)]


def _end(connection: sa.Connection, session_id: str, now: datetime, actor: str) -> Session | None:
    row = connection.execute(sessions.delete().where(sessions.c.id == session_id).returning(*sessions.c)).one_or_none()
    if row is None:
        return None
    was, user = _session(row), find_user(connection, row.user)
    client = user.client_id or "" if user else ""
    note(connection, Change(Action.SESSION_ENDED, now, actor, client, was.user, before={"session": was.id}))
    return was


def _open(now: datetime, idle: timedelta) -> list[sa.ColumnElement[bool]]:
    return [sessions.c.ends_at > now, sessions.c.seen_at > now - idle]


def _session(row: Any) -> Session:
    return Session(row.id, row.user, row.origin, row.begun_at, row.seen_at, row.ends_at)
