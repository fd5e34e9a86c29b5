"""Which clients are there, what has each decided, and how is one known as soon as a campaign names it?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.campaign_tables import campaigns, clients
from dialer.adapters.store.contact_tables import cases
from dialer.adapters.store.database import Database
from dialer.adapters.store.schema import insert
from dialer.core.audit import Action, Change, difference
from dialer.core.clients import AfterRejection, ClientSettings
from dialer.ports.store import ClientFigures, ClientView, Conflict


class SqlClients:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def client(self, client_id: str) -> ClientView | None:
        found = await self._db.read(_read, client_id)
        return found[0] if found else None

    async def clients(self, client_id: str | None) -> Sequence[ClientView]:
        return await self._db.read(_read, client_id)

    async def put_client(
        self, client_id: str, settings: ClientSettings, now: datetime, revision: int | None, actor: str
    ) -> ClientView:
        return await self._db.write(_put, client_id, settings, now, revision, actor)

    async def client_figures(self, client_id: str) -> ClientFigures:
        return await self._db.read(_figures, client_id)


def register(connection: sa.Connection, client_id: str, now: datetime, actor: str) -> None:
    """Whoever has a campaign is a client: known by its id until somebody says its name."""
    client = ClientView(client_id, ClientSettings(name=client_id), 1, now)
    if _create(connection, client):
        note(connection, _put_by(actor, None, client))


def after_rejection(connection: sa.Connection, client_id: str) -> AfterRejection:
    """The rule, unless the client has decided."""
    query = sa.select(clients.c.after_rejected_dispute).where(clients.c.id == client_id)
    return AfterRejection(connection.execute(query).scalar_one_or_none() or AfterRejection.CALL)


def _client(row: Any) -> ClientView:
    settings = ClientSettings(name=row.name, after_rejected_dispute=row.after_rejected_dispute)
    return ClientView(row.id, settings, row.revision, row.updated_at)


def _read(connection: sa.Connection, client_id: str | None, *, for_update: bool = False) -> list[ClientView]:
    query = sa.select(clients).order_by(clients.c.id)
    if client_id is not None:
        query = query.where(clients.c.id == client_id)
    return [_client(row) for row in connection.execute(query.with_for_update() if for_update else query)]


def _put(
    connection: sa.Connection, client_id: str, settings: ClientSettings, now: datetime, revision: int | None, actor: str
) -> ClientView:
    found = _read(connection, client_id, for_update=True)
    before = found[0] if found else None
    if revision not in (None, before.revision if before else 0):
        raise _changed(client_id)
    after = ClientView(client_id, settings, before.revision + 1 if before else 1, now)
    if before:
        connection.execute(clients.update().where(clients.c.id == client_id).values(_columns(after)))
    elif not _create(connection, after):  # another engine was quicker
        raise _changed(client_id)
    note(connection, _put_by(actor, before, after))
    return after


def _create(connection: sa.Connection, client: ClientView) -> bool:
    create = insert(connection, clients).on_conflict_do_nothing().returning(clients.c.id)
    values = {"id": client.id, "created_at": client.updated_at, **_columns(client)}
    return connection.execute(create, values).one_or_none() is not None


def _columns(client: ClientView) -> dict[str, Any]:
    return {**client.settings.model_dump(), "revision": client.revision, "updated_at": client.updated_at}


def _changed(client_id: str) -> Conflict:
    return Conflict(f"client {client_id} has changed since it was read")


def _put_by(actor: str, before: ClientView | None, after: ClientView) -> Change:
    action = Action.CLIENT_CREATED if before is None else Action.CLIENT_CHANGED
    was, is_now = difference(_told(before) if before else {}, _told(after))
    return Change(action, after.updated_at, actor, after.id, after.id, was, is_now)


def _told(client: ClientView) -> dict[str, Any]:
    return {**client.settings.model_dump(mode="json"), "revision": client.revision}


def _figures(connection: sa.Connection, client_id: str) -> ClientFigures:
    def by_state(table: sa.Table) -> dict[str, int]:
        query = sa.select(table.c.state, sa.func.count().label("number")).where(table.c.client_id == client_id)
        return {row.state: row.number for row in connection.execute(query.group_by(table.c.state))}

    return ClientFigures(by_state(campaigns), by_state(cases))
