"""What is past its time, and who has read what is not?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.access_tables import accesses, retention
from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts, inbound_calls
from dialer.adapters.store.campaign_tables import batch_rows, batches, campaigns
from dialer.adapters.store.database import Database
from dialer.adapters.store.pseudonyms import first_pseudonyms
from dialer.adapters.store.schema import insert
from dialer.adapters.store.wiping import counted_answers
from dialer.core.audit import Action, Change, difference
from dialer.core.feed import ENGINE
from dialer.core.retention import Kept
from dialer.ports.store import Access, AccessEntry

_OF_CLIENT = attempts.c.campaign_id.in_(
    sa.select(campaigns.c.id).where(campaigns.c.client_id == sa.bindparam("client"))
)
_OVER = _OF_CLIENT & (attempts.c.ended_at < sa.bindparam("before")) & attempts.c.disposition.is_not(None)


class SqlRetention:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def retention(self, client_id: str) -> Mapping[Kept, timedelta]:
        return await self._db.read(_set, client_id)

    async def set_retention(
        self, client_id: str, kept: Mapping[Kept, timedelta], actor: str, now: datetime
    ) -> Mapping[Kept, timedelta]:
        return await self._db.write(_change, client_id, kept, actor, now)

    async def sweep(self, client_id: str, kind: Kept, before: datetime, now: datetime, limit: int) -> int:
        # Looked for beside the writer, who saves attempts meanwhile.
        asked = {"client": client_id, "before": before, "most": limit}
        found = await self._db.read(_find, _PAST[kind], asked)
        return await self._db.write(_remove, client_id, kind, found, before, now) if found else 0

    async def note_accesses(self, accesses: Sequence[Access]) -> None:
        await self._db.write(_note_accesses, accesses)

    async def accesses(
        self, client_id: str | None, actor: str | None, subject: str | None, after: int, limit: int
    ) -> Sequence[AccessEntry]:
        asked = {"client_id": client_id, "actor": actor, "subject": subject}
        meant = [accesses.c[name] == value for name, value in asked.items() if value is not None]
        query = sa.select(accesses).where(accesses.c.seq > after, *meant).order_by(accesses.c.seq).limit(limit)
        return await self._db.read(_entries, query)


def _set(connection: sa.Connection, client_id: str) -> dict[Kept, timedelta]:
    query = sa.select(retention.c.kind, retention.c.days).where(retention.c.client_id == client_id)
    return {Kept(kind): timedelta(days=days) for kind, days in connection.execute(query.order_by(retention.c.kind))}


def _change(
    connection: sa.Connection, client_id: str, kept: Mapping[Kept, timedelta], actor: str, now: datetime
) -> Mapping[Kept, timedelta]:
    before = _set(connection, client_id)
    for kind, time in kept.items():
        statement = insert(connection, retention)
        upsert = statement.on_conflict_do_update(
            index_elements=["client_id", "kind"], set_={"days": statement.excluded.days}
        )
        connection.execute(upsert, {"client_id": client_id, "kind": kind, "days": time.days})
    after = _set(connection, client_id)
    was, stands = difference(_in_days(before), _in_days(after))
    if was != stands:
        note(connection, Change(Action.RETENTION_CHANGED, now, actor, client_id, client_id, was, stands))
    return after


def _in_days(kept: Mapping[Kept, timedelta]) -> dict[str, int]:
    return {kind.value: time.days for kind, time in kept.items()}


# ---- what is past its time ------------------------------------------------------------------------------

_KEYS = attempts.c.answers["keys"].as_string()
_PAST: Mapping[Kept, sa.Select[Any]] = {
    Kept.HEARD: sa.select(attempts.c.id).where(
        _OVER, attempts.c.heard_text.is_not(None) | (_KEYS.is_not(None) & (_KEYS != ""))
    ),
    Kept.NOTES: sa.select(attempts.c.id).where(_OVER, attempts.c.wrap_up["note"].as_string().is_not(None)),
    Kept.CALLED_NUMBERS: sa.select(attempts.c.id).where(_OVER, attempts.c.number.not_like("#%")),
    Kept.LISTED_NUMBERS: sa.select(batch_rows.c.batch, batch_rows.c.row)
    .join(batches, batches.c.id == batch_rows.c.batch)
    .where(
        batches.c.owner == sa.bindparam("client"),
        batches.c.received_at < sa.bindparam("before"),
        batch_rows.c.phones != "",
    ),
    Kept.CALLERS: sa.select(inbound_calls.c.id).where(
        inbound_calls.c.client_id == sa.bindparam("client"),
        inbound_calls.c.began_at < sa.bindparam("before"),
        inbound_calls.c.caller.is_not(None),
    ),
    Kept.ACCESSES: sa.select(accesses.c.seq).where(
        accesses.c.client_id == sa.bindparam("client"), accesses.c.at < sa.bindparam("before")
    ),
}


def _find(connection: sa.Connection, query: sa.Select[Any], asked: Mapping[str, Any]) -> Sequence[Any]:
    return connection.execute(query.limit(sa.bindparam("most")), asked).all()


def _remove(
    connection: sa.Connection, client_id: str, kind: Kept, found: Sequence[Any], before: datetime, now: datetime
) -> int:
    _REMOVE[kind](connection, found)
    told = {"kind": kind.value, "rows": len(found), "before": before.isoformat()}
    note(connection, Change(Action.RETENTION_SWEPT, now, ENGINE, client_id, client_id, after=told))
    return len(found)


def _remove_heard(connection: sa.Connection, found: Sequence[Any]) -> None:
    ids = [row.id for row in found]
    for row in connection.execute(sa.select(attempts.c.id, attempts.c.answers).where(attempts.c.id.in_(ids))).all():
        this = attempts.update().where(attempts.c.id == row.id)
        connection.execute(this.values(heard_text=None, answers=counted_answers(row.answers)))


def _remove_notes(connection: sa.Connection, found: Sequence[Any]) -> None:
    ids = [row.id for row in found]
    for row in connection.execute(sa.select(attempts.c.id, attempts.c.wrap_up).where(attempts.c.id.in_(ids))).all():
        kept = {name: value for name, value in row.wrap_up.items() if name != "note"}
        connection.execute(attempts.update().where(attempts.c.id == row.id).values(wrap_up=kept))


def _remove_called(connection: sa.Connection, found: Sequence[Any]) -> None:
    names = first_pseudonyms(connection)
    ids = [row.id for row in found]
    for row in connection.execute(sa.select(attempts.c.id, attempts.c.number).where(attempts.c.id.in_(ids))).all():
        connection.execute(attempts.update().where(attempts.c.id == row.id).values(number=names.number(row.number)))


def _remove_listed(connection: sa.Connection, found: Sequence[Any]) -> None:
    for batch in {row.batch for row in found}:
        rows = [row.row for row in found if row.batch == batch]
        this = (batch_rows.c.batch == batch) & batch_rows.c.row.in_(rows)
        connection.execute(batch_rows.update().where(this).values(phones=""))


def _remove_callers(connection: sa.Connection, found: Sequence[Any]) -> None:
    these = inbound_calls.c.id.in_([row.id for row in found])
    connection.execute(inbound_calls.update().where(these).values(caller=None, answers=sa.null()))


def _remove_accesses(connection: sa.Connection, found: Sequence[Any]) -> None:
    connection.execute(accesses.delete().where(accesses.c.seq.in_([row.seq for row in found])))


_REMOVE: Mapping[Kept, Callable[[sa.Connection, Sequence[Any]], None]] = {
    Kept.HEARD: _remove_heard,
    Kept.NOTES: _remove_notes,
    Kept.CALLED_NUMBERS: _remove_called,
    Kept.LISTED_NUMBERS: _remove_listed,
    Kept.CALLERS: _remove_callers,
    Kept.ACCESSES: _remove_accesses,
}


# ---- who has read it ------------------------------------------------------------------------------------


def _note_accesses(connection: sa.Connection, noted: Sequence[Access]) -> None:
    rows = [
        {
            "at": access.at,
            "actor": access.actor,
            "origin": access.origin[:120],
            "operation": access.operation,
            "client_id": access.client_id,
            "subject": access.subject[:200],
        }
        for access in noted
    ]
    connection.execute(accesses.insert(), rows)


def _entries(connection: sa.Connection, query: sa.Select[Any]) -> list[AccessEntry]:
    return [
        AccessEntry(row.seq, Access(row.at, row.actor, row.origin, row.operation, row.client_id, row.subject))
        for row in connection.execute(query)
    ]
