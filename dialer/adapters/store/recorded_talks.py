"""Which talks were recorded, and who has taken one out or removed it?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.call_tables import attempts, recorded_talks
from dialer.adapters.store.contact_tables import contacts, debtors
from dialer.adapters.store.database import Database
from dialer.core.audit import Action, Change
from dialer.ports.store import RecordedTalk

_TALKS = (
    sa.select(
        recorded_talks.c.attempt_id,
        debtors.c.client_id,
        attempts.c.campaign_id,
        attempts.c.contact_id,
        debtors.c.ref,
        attempts.c.agent_id,
        recorded_talks.c.begun_at,
    )
    .join(attempts, attempts.c.id == recorded_talks.c.attempt_id)
    .join(contacts, contacts.c.id == attempts.c.contact_id)
    .join(debtors, debtors.c.id == contacts.c.debtor_id)
    .order_by(recorded_talks.c.attempt_id)
)


class SqlRecordedTalks:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def note_recordings(self, attempt_ids: Collection[str], now: datetime) -> Collection[str]:
        return await self._db.write(_note, attempt_ids, now)

    async def recorded_talks(
        self, client_id: str | None, campaign_id: str | None, after: str, limit: int
    ) -> Sequence[RecordedTalk]:
        query = _TALKS.where(recorded_talks.c.attempt_id > after).limit(limit)
        if client_id is not None:
            query = query.where(debtors.c.client_id == client_id)
        if campaign_id is not None:
            query = query.where(attempts.c.campaign_id == campaign_id)
        return await self._db.read(_found, query)

    async def recorded_talk(self, attempt_id: str) -> RecordedTalk | None:
        found = await self._db.read(_found, _TALKS.where(recorded_talks.c.attempt_id == attempt_id))
        return found[0] if found else None

    async def recordings_of(self, client_id: str, debtor: str) -> Sequence[str]:
        query = _TALKS.where(debtors.c.client_id == client_id, debtors.c.ref == debtor)
        return [talk.attempt_id for talk in await self._db.read(_found, query)]

    async def recordings_before(self, moment: datetime, limit: int) -> Sequence[str]:
        query = _TALKS.where(recorded_talks.c.begun_at < moment).limit(limit)
        return [talk.attempt_id for talk in await self._db.read(_found, query)]

    async def note_recording_heard(self, talk: RecordedTalk, now: datetime, actor: str) -> None:
        await self._db.write(note, Change(Action.RECORDING_HEARD, now, actor, talk.client_id, talk.attempt_id))

    async def remove_recordings(self, attempt_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
        await self._db.write(_remove, attempt_ids, now, actor, reason)


def _found(connection: sa.Connection, query: sa.Select[Any]) -> list[RecordedTalk]:
    return [RecordedTalk(*row) for row in connection.execute(query)]


def _note(connection: sa.Connection, attempt_ids: Collection[str], now: datetime) -> list[str]:
    known = [*connection.execute(sa.select(attempts.c.id).where(attempts.c.id.in_(attempt_ids))).scalars()]
    there = sa.select(recorded_talks.c.attempt_id).where(recorded_talks.c.attempt_id.in_(known))
    noted = set(connection.execute(there).scalars())
    if new := [{"attempt_id": each, "begun_at": now} for each in known if each not in noted]:
        connection.execute(recorded_talks.insert(), new)
    return known


def _remove(connection: sa.Connection, attempt_ids: Collection[str], now: datetime, actor: str, reason: str) -> None:
    for talk in _found(connection, _TALKS.where(recorded_talks.c.attempt_id.in_(attempt_ids))):
        connection.execute(recorded_talks.delete().where(recorded_talks.c.attempt_id == talk.attempt_id))
        change = Change(Action.RECORDING_REMOVED, now, actor, talk.client_id, talk.attempt_id, after={"reason": reason})
        note(connection, change)
