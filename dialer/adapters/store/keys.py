"""Who may use the API?"""

from datetime import datetime
from hmac import compare_digest

import sqlalchemy as sa

from dialer.adapters.store.database import Database
from dialer.adapters.store.tables import api_keys
from dialer.ports.store import Key


class SqlKeys:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def add_key(self, key: Key, secret_hash: str, now: datetime) -> None:
        await self._db.write(_add, key, secret_hash, now)

    async def key(self, prefix: str, secret_hash: str) -> Key | None:
        return await self._db.read(_find, prefix, secret_hash)


def _add(connection: sa.Connection, key: Key, secret_hash: str, now: datetime) -> None:
    connection.execute(
        api_keys.insert(),
        {
            "prefix": key.prefix,
            "secret_hash": secret_hash,
            "scopes": " ".join(sorted(key.scopes)),
            "client_id": key.client_id,
            "label": key.label,
            "created_at": now,
        },
    )


def _find(connection: sa.Connection, prefix: str, secret_hash: str) -> Key | None:
    row = connection.execute(
        sa.select(api_keys).where(api_keys.c.prefix == prefix, api_keys.c.revoked_at.is_(None))
    ).one_or_none()
    if row is None or not compare_digest(row.secret_hash, secret_hash):
        return None
    return Key(row.prefix, frozenset(row.scopes.split()), row.client_id, row.label)
