"""Which talks were recorded, and who has taken one out or removed it?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts, inbound_calls, recorded_calls
from dialer.adapters.store.contact_tables import contacts, debtors
from dialer.adapters.store.database import Database
from dialer.core.audit import Action, Change
from dialer.ports.store import RecordedTalk

_OF_ATTEMPTS = (
    sa.select(
        recorded_calls.c.call_id,
        debtors.c.client_id,
        attempts.c.campaign_id,
        attempts.c.contact_id,
        debtors.c.ref,
        attempts.c.agent_id,
        recorded_calls.c.begun_at,
    )
    .join(attempts, attempts.c.id == recorded_calls.c.call_id)
    .join(contacts, contacts.c.id == attempts.c.contact_id)
    .join(debtors, debtors.c.id == contacts.c.debtor_id)
)
_OF_CALLS_TO_US = (
    sa.select(
        recorded_calls.c.call_id,
        inbound_calls.c.client_id,
        sa.null(),
        sa.null(),
        debtors.c.ref,
        inbound_calls.c.agent_id,
        recorded_calls.c.begun_at,
    )
    .join(inbound_calls, inbound_calls.c.id == recorded_calls.c.call_id)
    .outerjoin(debtors, debtors.c.id == inbound_calls.c.debtor_id)
)
_talks = sa.union_all(_OF_ATTEMPTS, _OF_CALLS_TO_US).subquery("talks")
_TALKS = sa.select(_talks).order_by(_talks.c.call_id)


class SqlRecordedTalks:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def note_recordings(self, call_ids: Collection[str], now: datetime) -> Collection[str]:
        return await self._db.write(_note, call_ids, now)

    async def recorded_talks(
        self, client_id: str | None, campaign_id: str | None, after: str, limit: int
    ) -> Sequence[RecordedTalk]:
        query = _TALKS.where(_talks.c.call_id > after).limit(limit)
        if client_id is not None:
            query = query.where(_talks.c.client_id == client_id)
        if campaign_id is not None:
            query = query.where(_talks.c.campaign_id == campaign_id)
        return await self._db.read(_found, query)

    async def recorded_talk(self, call_id: str) -> RecordedTalk | None:
        found = await self._db.read(_found, _TALKS.where(_talks.c.call_id == call_id))
        return found[0] if found else None

    async def recordings_of(self, client_id: str, debtor: str) -> Sequence[str]:
        query = _TALKS.where(_talks.c.client_id == client_id, _talks.c.ref == debtor)
        return [talk.call_id for talk in await self._db.read(_found, query)]

    async def recordings_before(self, moment: datetime, limit: int) -> Sequence[str]:
        query = _TALKS.where(_talks.c.begun_at < moment).limit(limit)
        return [talk.call_id for talk in await self._db.read(_found, query)]

    async def note_recording_heard(self, talk: RecordedTalk, now: datetime, actor: str) -> None:
        await self._db.write(note, Change(Action.RECORDING_HEARD, now, actor, talk.client_id, talk.call_id))

    async def remove_recordings(self, call_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
        await self._db.write(_remove, call_ids, now, actor, reason)


def _found(connection: sa.Connection, query: sa.Select[Any]) -> list[RecordedTalk]:
    return [RecordedTalk(*row) for row in connection.execute(query)]


def _note(connection: sa.Connection, call_ids: Collection[str], now: datetime) -> list[str]:
    made, came = (sa.select(table.c.id).where(table.c.id.in_(call_ids)) for table in (attempts, inbound_calls))
    known = [*connection.execute(made).scalars(), *connection.execute(came).scalars()]
    there = sa.select(recorded_calls.c.call_id).where(recorded_calls.c.call_id.in_(known))
    noted = set(connection.execute(there).scalars())
    if new := [{"call_id": each, "begun_at": now} for each in known if each not in noted]:
        connection.execute(recorded_calls.insert(), new)
    return known


def _remove(connection: sa.Connection, call_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
    for talk in _found(connection, _TALKS.where(_talks.c.call_id.in_(call_ids))):
        connection.execute(recorded_calls.delete().where(recorded_calls.c.call_id == talk.call_id))
        change = Change(Action.RECORDING_REMOVED, now, actor, talk.client_id, talk.call_id, after={"reason": reason})
        note(connection, change)
