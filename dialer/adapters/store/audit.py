"""How is it written down who changed what, and from where?

In the transaction of the change itself, so that neither is without the other. The database refuses to change or remove
what is written (the migration's triggers).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import audit
from dialer.adapters.store.database import Database
from dialer.core.audit import Action, Change
from dialer.ports.origin import ORIGIN
from dialer.ports.store import AuditEntry, AuditFilter

_ORDER = 0x447A7771  # our advisory lock; any number that nobody else uses


def note(connection: sa.Connection, change: Change) -> None:
    """Write a change down. To be called late in its transaction, before events are added to the feed.

    Transactions that write here wait for each other until they are committed: whoever sees an entry sees all before.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ORDER)))
    connection.execute(
        audit.insert(),
        {
            "at": change.at,
            "actor": change.actor,
            "origin": ORIGIN.get()[:120],
            "action": change.action,
            "client_id": change.client_id,
            "subject": change.subject,
            "before": dict(change.before),
            "after": dict(change.after),
        },
    )


class SqlAudit:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def audit(self, which: AuditFilter, after: int, limit: int) -> Sequence[AuditEntry]:
        query = sa.select(audit).where(audit.c.seq > after, *_meant(which)).order_by(audit.c.seq).limit(limit)
        return await self._db.read(_entries, query)


def _meant(which: AuditFilter) -> list[sa.ColumnElement[bool]]:
    asked = [
        audit.c[name] == wanted
        for name in ("client_id", "actor", "action", "subject")
        if (wanted := getattr(which, name)) is not None
    ]
    if which.since is not None:
        asked.append(audit.c.at >= which.since)
    if which.until is not None:
        asked.append(audit.c.at < which.until)
    return asked


def _entries(connection: sa.Connection, query: sa.Select[Any]) -> list[AuditEntry]:
    return [
        AuditEntry(
            row.seq,
            row.origin,
            Change(Action(row.action), row.at, row.actor, row.client_id, row.subject, row.before, row.after),
        )
        for row in connection.execute(query)
    ]
