"""Whose are the certificates that senders show?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import certificates
from dialer.adapters.store.audit import note
from dialer.adapters.store.database import Database
from dialer.core.audit import Action, Change
from dialer.ports.store import Certificate, Conflict


class SqlCertificates:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def add_certificate(self, name: str, client_id: str, now: datetime, actor: str) -> Certificate:
        return await self._db.write(_add, name, client_id, now, actor)

    async def certificates(self, after: int, limit: int) -> Sequence[Certificate]:
        query = sa.select(certificates).where(certificates.c.id > after).order_by(certificates.c.id).limit(limit)
        return await self._db.read(_find, query)

    async def holders(self, names: Collection[str]) -> frozenset[str]:
        found = await self._db.read(_find, sa.select(certificates).where(certificates.c.name.in_(names)))
        return frozenset(each.client_id for each in found)

    async def remove_certificate(self, certificate_id: int, now: datetime, actor: str) -> Certificate | None:
        return await self._db.write(_remove, certificate_id, now, actor)


def _add(connection: sa.Connection, name: str, client_id: str, now: datetime, actor: str) -> Certificate:
    known = _find(connection, sa.select(certificates).where(certificates.c.name == name).with_for_update())
    if known:
        if known[0].client_id != client_id:
            raise Conflict(f"{name} stands for another client: remove it there first")
        return known[0]
    values = {"name": name, "client_id": client_id, "created_at": now}
    made = _certificate(connection.execute(certificates.insert().returning(*certificates.c), values).one())
    note(connection, Change(Action.CERTIFICATE_ADDED, now, actor, client_id, str(made.id), after={"name": name}))
    return made


def _remove(connection: sa.Connection, certificate_id: int, now: datetime, actor: str) -> Certificate | None:
    removed = certificates.delete().where(certificates.c.id == certificate_id).returning(*certificates.c)
    row = connection.execute(removed).one_or_none()
    if row is None:
        return None
    was, said = _certificate(row), {"name": row.name}
    note(connection, Change(Action.CERTIFICATE_REMOVED, now, actor, was.client_id, str(was.id), before=said))
    return was


def _find(connection: sa.Connection, query: sa.Select[Any]) -> list[Certificate]:
    return [_certificate(row) for row in connection.execute(query)]


def _certificate(row: Any) -> Certificate:
    return Certificate(row.id, row.name, row.client_id, row.created_at)
