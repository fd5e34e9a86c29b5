"""How are answers kept for those who repeat a request?"""

import zlib
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.access_tables import requests
from dialer.adapters.store.database import Database
from dialer.adapters.store.schema import insert
from dialer.ports.store import KeptAnswer, NamedRequest, Repeated


class SqlRequests:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def begin_request(self, request: NamedRequest, now: datetime, until: datetime) -> Repeated | None:
        return await self._db.write(_begin, request, now, until)

    async def keep_answer(self, request: NamedRequest, answer: KeptAnswer, until: datetime) -> None:
        await self._db.write(_keep, request, answer, until)

    async def forget_request(self, request: NamedRequest) -> None:
        await self._db.write(_forget, request)

    async def forget_unanswered(self) -> int:
        return await self._db.write(_forget_unanswered)


def _begin(connection: sa.Connection, request: NamedRequest, now: datetime, until: datetime) -> Repeated | None:
    connection.execute(requests.delete().where(requests.c.until <= now))
    taken = insert(connection, requests).on_conflict_do_nothing().returning(requests.c.name)
    values = {"owner": request.owner, "name": request.name, "address": request.address, "until": until}
    if connection.execute(taken, values).one_or_none() is not None:
        return None
    row = connection.execute(sa.select(requests).where(_is(request))).one_or_none()
    if row is None or row.status is None:  # None: forgotten at this moment; its sender is told to ask again
        return Repeated(row.address if row else request.address, None)
    body = None if row.body is None else zlib.decompress(row.body)
    return Repeated(row.address, KeptAnswer(row.body_digest, row.status, row.headers, body))


def _keep(connection: sa.Connection, request: NamedRequest, answer: KeptAnswer, until: datetime) -> None:
    connection.execute(
        requests.update()
        .where(_is(request))
        .values(
            body_digest=answer.body_digest,
            status=answer.status,
            headers=dict(answer.headers),
            body=None if answer.body is None else zlib.compress(answer.body, 1),
            until=until,
        )
    )


def _forget(connection: sa.Connection, request: NamedRequest) -> None:
    connection.execute(requests.delete().where(_is(request)))


def _forget_unanswered(connection: sa.Connection) -> int:
    return connection.execute(requests.delete().where(requests.c.status.is_(None))).rowcount


def _is(request: NamedRequest) -> sa.ColumnElement[bool]:
    return (requests.c.owner == request.owner) & (requests.c.name == request.name)
