"""How does somebody get a key to the API? It is shown once; only its hash is kept."""

import secrets

from api.keys import new_key
from dialer.adapters.clock import SystemClock
from dialer.adapters.store import Database, SqlStore
from dialer.config import Settings
from dialer.ports.store import Key


async def create(settings: Settings, scopes: frozenset[str], client_id: str | None, label: str) -> str:
    """A new key, as it is to be sent in ``Authorization: Bearer``."""
    database = Database(settings.database)
    try:
        database.migrate()
        prefix, secret, secret_hash = new_key(secrets.token_bytes)
        await SqlStore(database).add_key(Key(prefix, scopes, client_id, label), secret_hash, SystemClock().now())
    finally:
        await database.close()
    return f"{prefix}.{secret}"
