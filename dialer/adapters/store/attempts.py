"""How do attempts look to those who ask, and in which order do they come?

In the order in which they were saved, whoever asks for however few of them: every way of asking has an index that
gives them in this order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import chain
from operator import attrgetter, eq, ge, lt
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import campaigns
from dialer.adapters.store.database import Database
from dialer.adapters.store.mistaken import correct
from dialer.adapters.store.narrowing import narrowed
from dialer.core.machines import AnsweredBy
from dialer.ports.store import AttemptFilter, AttemptView

_ATTEMPT = sa.select(*(attempts.c[field.name] for field in fields(AttemptView)))
_ONE = _ATTEMPT.where(attempts.c.id == sa.bindparam("attempt"))
_OF_CONTACT = _ATTEMPT.where(attempts.c.contact_id == sa.bindparam("contact")).order_by(attempts.c.ordinal)


class SqlAttempts:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def attempt(self, attempt_id: str) -> AttemptView | None:
        found = await self._db.read(_read, _ONE, {"attempt": attempt_id})
        return found[0] if found else None

    async def correct_attempt(self, attempt_id: str, answered_by: AnsweredBy, now: datetime, actor: str) -> None:
        await self._db.write(correct, attempt_id, answered_by, now, actor)

    async def attempts_of(self, contact_id: int) -> Sequence[AttemptView]:
        return await self._db.read(_read, _OF_CONTACT, {"contact": contact_id})

    async def attempts(self, which: AttemptFilter, after: str, limit: int) -> Sequence[AttemptView]:
        return await self._db.read(_page, which, after, limit)


def _read(connection: sa.Connection, query: sa.Select[Any], said: Mapping[str, Any] | None = None) -> list[AttemptView]:
    return [AttemptView(*row) for row in connection.execute(query, said)]


def _page(connection: sa.Connection, which: AttemptFilter, after: str, limit: int) -> list[AttemptView]:
    query = narrowed(
        _ATTEMPT,
        (eq, attempts.c.disposition, which.disposition),
        (eq, attempts.c.agent_id, which.agent_id),
        (ge, attempts.c.saved_at, which.since),
        (lt, attempts.c.saved_at, which.until),
    )
    if after:
        last = connection.execute(sa.select(attempts.c.saved_at).where(attempts.c.id == after)).one_or_none()
        if last is None:
            return []
        place = sa.tuple_(sa.literal(last.saved_at, attempts.c.saved_at.type), sa.literal(after))
        query = query.where(sa.tuple_(attempts.c.saved_at, attempts.c.id) > place)
    query = query.order_by(attempts.c.saved_at, attempts.c.id).limit(limit)
    if which.client_id is None and which.campaign_id is None:
        return _read(connection, query)
    # Campaign by campaign, each by its own index: the attempts of a client are few among everybody's.
    pages = [_read(connection, query.where(attempts.c.campaign_id == each)) for each in _campaigns(connection, which)]
    return sorted(chain.from_iterable(pages), key=attrgetter("saved_at", "id"))[:limit]


def _campaigns(connection: sa.Connection, which: AttemptFilter) -> Sequence[str]:
    query = narrowed(
        sa.select(campaigns.c.id), (eq, campaigns.c.client_id, which.client_id), (eq, campaigns.c.id, which.campaign_id)
    )
    return connection.execute(query).scalars().all()
