"""Who may use the API?"""

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import api_keys
from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database, urgent
from dialer.core.audit import Action, Change
from dialer.ports.store import Key, KeyView

_USABLE = sa.select(api_keys).where(
    api_keys.c.prefix == sa.bindparam("key"),
    api_keys.c.revoked_at.is_(None),
    api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > sa.bindparam("now")),
)


class SqlKeys:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def add_key(self, key: Key, secret_hash: str, now: datetime, actor: str = "cli") -> None:
        await self._db.write(_add, key, secret_hash, now, actor)

    async def key(self, prefix: str, secret_hash: str, now: datetime) -> Key | None:
        return await self._db.read(_find, prefix, secret_hash, now)

    async def key_used(self, prefix: str, now: datetime) -> None:
        await self._db.write(_used, prefix, now)

    async def keys(self, client_id: str | None, after: str, limit: int) -> Sequence[KeyView]:
        return await self._db.read(_page, client_id, after, limit)

    async def key_view(self, prefix: str) -> KeyView | None:
        return await self._db.read(_look, prefix)

    async def rotate_key(
        self, prefix: str, secret_hash: str, former_until: datetime, now: datetime, actor: str
    ) -> KeyView | None:
        return await self._db.write(_rotate, prefix, secret_hash, former_until, now, actor)

    async def pace_key(self, prefix: str, per_second: float | None, now: datetime, actor: str) -> KeyView | None:
        return await self._db.write(_pace, prefix, per_second, now, actor)

    async def revoke_key(self, prefix: str, now: datetime, actor: str) -> KeyView | None:
        return await self._db.write(_revoke, prefix, now, actor)


def _add(connection: sa.Connection, key: Key, secret_hash: str, now: datetime, actor: str) -> None:
    connection.execute(
        api_keys.insert(),
        {
            "prefix": key.prefix,
            "secret_hash": secret_hash,
            "scopes": " ".join(sorted(key.scopes)),
            "client_id": key.client_id,
            "label": key.label,
            "created_at": now,
            "expires_at": key.expires_at,
            "per_second": key.per_second,
        },
    )
    made = {
        "scopes": sorted(key.scopes),
        "label": key.label,
        "expires_at": _text(key.expires_at),
        "requests_per_second": key.per_second,
    }
    note(connection, Change(Action.KEY_CREATED, now, actor, key.client_id or "", key.prefix, after=made))


@urgent
def _find(connection: sa.Connection, prefix: str, secret_hash: str, now: datetime) -> Key | None:
    row = _usable(connection, prefix, now)
    if row is None:
        return None
    hashes = [row.secret_hash]
    if row.former_until is not None and now < row.former_until:
        hashes.append(row.former_hash)
    return _key(row) if any(compare_digest(each, secret_hash) for each in hashes) else None


def _usable(connection: sa.Connection, prefix: str, now: datetime, *, for_update: bool = False) -> Any:
    query = _USABLE.with_for_update() if for_update else _USABLE
    return connection.execute(query, {"key": prefix, "now": now}).one_or_none()


@urgent
def _used(connection: sa.Connection, prefix: str, now: datetime) -> None:
    connection.execute(api_keys.update().where(api_keys.c.prefix == prefix).values(last_used_at=now))


def _page(connection: sa.Connection, client_id: str | None, after: str, limit: int) -> list[KeyView]:
    query = sa.select(api_keys).where(api_keys.c.prefix > after).order_by(api_keys.c.prefix).limit(limit)
    if client_id is not None:
        query = query.where(api_keys.c.client_id == client_id)
    return [_view(row) for row in connection.execute(query)]


def _look(connection: sa.Connection, prefix: str, *, for_update: bool = False) -> KeyView | None:
    query = sa.select(api_keys).where(api_keys.c.prefix == prefix)
    row = connection.execute(query.with_for_update() if for_update else query).one_or_none()
    return None if row is None else _view(row)


def _rotate(
    connection: sa.Connection, prefix: str, secret_hash: str, former_until: datetime, now: datetime, actor: str
) -> KeyView | None:
    row = _usable(connection, prefix, now, for_update=True)
    if row is None:
        return None
    changed = {
        "secret_hash": secret_hash,
        "rotated_at": now,
        "former_hash": row.secret_hash,
        "former_until": former_until,
    }
    connection.execute(api_keys.update().where(api_keys.c.prefix == prefix).values(changed))
    said = {"rotated_at": _text(now), "former_until": _text(former_until)}
    note(connection, Change(Action.KEY_ROTATED, now, actor, row.client_id or "", prefix, after=said))
    return _look(connection, prefix)


def _pace(
    connection: sa.Connection, prefix: str, per_second: float | None, now: datetime, actor: str
) -> KeyView | None:
    before = _look(connection, prefix, for_update=True)
    if before is None or before.key.per_second == per_second:
        return before
    connection.execute(api_keys.update().where(api_keys.c.prefix == prefix).values(per_second=per_second))
    was, is_now = ({"requests_per_second": each} for each in (before.key.per_second, per_second))
    note(connection, Change(Action.KEY_PACED, now, actor, before.key.client_id or "", prefix, was, is_now))
    return _look(connection, prefix)


def _revoke(connection: sa.Connection, prefix: str, now: datetime, actor: str) -> KeyView | None:
    found = _look(connection, prefix, for_update=True)
    if found is None or found.revoked_at is not None:
        return found
    connection.execute(api_keys.update().where(api_keys.c.prefix == prefix).values(revoked_at=now))
    said = {"revoked_at": _text(now)}
    note(connection, Change(Action.KEY_REVOKED, now, actor, found.key.client_id or "", prefix, after=said))
    return _look(connection, prefix)


def _view(row: Any) -> KeyView:
    return KeyView(_key(row), row.created_at, row.rotated_at, row.former_until, row.revoked_at)


def _key(row: Any) -> Key:
    scopes = frozenset(row.scopes.split())
    return Key(row.prefix, scopes, row.client_id, row.label, row.expires_at, row.last_used_at, row.per_second)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
