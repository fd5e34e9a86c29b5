"""Which people may use the API, and how do they prove that it is they?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database
from dialer.adapters.store.user_tables import sessions, users
from dialer.core.audit import Action, Change, difference
from dialer.core.lockout import locked_for
from dialer.ports.store import Conflict, Role, Standing, User


class SqlUsers:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def has_users(self) -> bool:
        return bool(await self._db.read(_page, "", 1))

    async def add_user(self, user: User, now: datetime, actor: str, *, is_first: bool = False) -> None:
        await self._db.write(_add, user, now, actor, is_first)

    async def user(self, name: str) -> User | None:
        return await self._db.read(find_user, name)

    async def users(self, after: str, limit: int) -> Sequence[User]:
        return await self._db.read(_page, after, limit)

    async def change_user(self, name: str, standing: Standing, now: datetime, actor: str) -> User | None:
        return await self._db.write(_change, name, standing, now, actor)

    async def set_password(
        self, name: str, password_hash: str, now: datetime, actor: str, *, is_own: bool, drops_factor: bool = False
    ) -> User | None:
        return await self._db.write(_set_password, name, password_hash, now, actor, is_own, drops_factor)

    async def prepare_factor(self, name: str, secret: str) -> None:
        await self._db.write(write_user, name, {"totp_pending": secret})

    async def confirm_factor(
        self, name: str, step: int, recovery: frozenset[str], now: datetime, actor: str, session_id: str | None = None
    ) -> bool:
        return await self._db.write(_confirm_factor, name, step, recovery, now, actor, session_id)

    async def failed(self, name: str, now: datetime) -> datetime | None:
        return await self._db.write(_failed, name, now)


def find_user(connection: sa.Connection, name: str, *, for_update: bool = False) -> User | None:
    query = sa.select(users).where(users.c.name == name)
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return None if row is None else user_of(row)


def user_of(row: Any) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        client_id=row.client_id,
        agent_id=row.agent_id,
        must_change=row.must_change,
        totp_secret=row.totp_secret,
        totp_pending=row.totp_pending,
        totp_step=row.totp_step,
        recovery=frozenset(row.recovery),
        is_enabled=row.is_enabled,
        failures=row.failures,
        locked_until=row.locked_until,
        created_at=row.created_at,
    )


def write_user(connection: sa.Connection, name: str, values: dict[str, Any]) -> None:
    connection.execute(users.update().where(users.c.name == name).values(values))


def _page(connection: sa.Connection, after: str, limit: int) -> list[User]:
    query = sa.select(users).where(users.c.name > after).order_by(users.c.name).limit(limit)
    return [user_of(row) for row in connection.execute(query)]


def _add(connection: sa.Connection, user: User, now: datetime, actor: str, is_first: bool) -> None:
    if is_first and _page(connection, "", 1):
        raise Conflict("there are users already")
    if find_user(connection, user.name, for_update=True):
        raise Conflict(f"there is a user {user.name} already")
    connection.execute(
        users.insert(),
        {
            "name": user.name,
            "password_hash": user.password_hash,
            "must_change": user.must_change,
            "totp_secret": user.totp_secret,
            "totp_step": user.totp_step,
            "recovery": sorted(user.recovery),
            "failures": 0,
            "created_at": now,
        }
        | _standing(user),
    )
    made = Change(Action.USER_CREATED, now, actor, user.client_id or "", user.name, after=_standing(user))
    note(connection, made)


def _change(connection: sa.Connection, name: str, standing: Standing, now: datetime, actor: str) -> User | None:
    user = find_user(connection, name, for_update=True)
    if user is None:
        return None
    before, after = difference(_standing(user), _standing(standing))
    if not after:
        return user
    write_user(connection, name, {**after})
    _end_sessions(connection, name)
    client = standing.client_id or user.client_id or ""
    note(connection, Change(Action.USER_CHANGED, now, actor, client, name, before, after))
    return find_user(connection, name)


def _set_password(
    connection: sa.Connection,
    name: str,
    password_hash: str,
    now: datetime,
    actor: str,
    is_own: bool,
    drops_factor: bool,
) -> User | None:
    user = find_user(connection, name, for_update=True)
    if user is None:
        return None
    values: dict[str, Any] = {
        "password_hash": password_hash,
        "must_change": not is_own,
        "failures": 0,
        "locked_until": None,
    }
    if drops_factor:
        values |= {"totp_secret": None, "totp_pending": None, "recovery": []}
    write_user(connection, name, values)
    _end_sessions(connection, name)
    said = {"must_change": not is_own} | ({"second_factor": False} if drops_factor else {})
    note(connection, Change(Action.USER_PASSWORD_SET, now, actor, user.client_id or "", name, after=said))
    return find_user(connection, name)


def _confirm_factor(
    connection: sa.Connection,
    name: str,
    step: int,
    recovery: frozenset[str],
    now: datetime,
    actor: str,
    session_id: str | None,
) -> bool:
    user = find_user(connection, name, for_update=True)
    if user is None or user.totp_pending is None:
        return False
    values = {"totp_secret": user.totp_pending, "totp_pending": None, "totp_step": step, "recovery": sorted(recovery)}
    write_user(connection, name, values)
    _end_sessions(connection, name, but=session_id)
    said = {"second_factor": True}
    note(connection, Change(Action.USER_FACTOR_SET, now, actor, user.client_id or "", name, after=said))
    return True


def _failed(connection: sa.Connection, name: str, now: datetime) -> datetime | None:
    user = find_user(connection, name, for_update=True)
    if user is None:
        return None
    failures = user.failures + 1
    lasts = locked_for(failures)
    until = now + lasts if lasts else None
    write_user(connection, name, {"failures": failures, "locked_until": until})
    if until is not None:
        said = {"failures": failures, "locked_until": until.isoformat()}
        note(connection, Change(Action.USER_LOCKED, now, "engine", user.client_id or "", name, after=said))
    return until


def _end_sessions(connection: sa.Connection, name: str, but: str | None = None) -> None:
    connection.execute(sessions.delete().where(sessions.c.user == name, sessions.c.id.is_distinct_from(but)))


def _standing(of: User | Standing) -> dict[str, Any]:
    return {
        "role": of.role.value,
        "client_id": of.client_id,
        "agent_id": of.agent_id,
        "is_enabled": of.is_enabled,
    }
