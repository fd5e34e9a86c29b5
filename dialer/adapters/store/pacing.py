"""How is kept what pacing has learnt, and what does the ledger say of answered calls?"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.campaign_tables import pacing
from dialer.adapters.store.database import Database
from dialer.adapters.store.schema import insert
from dialer.core.abandonment import Tally
from dialer.core.answered import Answered, span_begins, span_of
from dialer.model import Disposition

# An attempt's id begins with twelve hex digits of its moment in ms: seven of them name a span.
_SPAN = sa.func.substr(attempts.c.id, 1, 7)
_ABANDONED = sa.func.sum(sa.case((attempts.c.disposition == Disposition.ABANDONED, 1), else_=0))
# As ``core.answered.is_live_answer`` has it.
_ANSWERED = (
    sa.select(attempts.c.campaign_id, _SPAN, sa.func.count(), _ABANDONED)
    .where(
        attempts.c.id >= sa.bindparam("first"),
        attempts.c.answered_at.is_not(None),
        attempts.c.disposition != Disposition.MACHINE,
        sa.or_(attempts.c.message_at.is_(None), attempts.c.waiting_at <= attempts.c.message_at),
    )
    .group_by(attempts.c.campaign_id, _SPAN)
)


class SqlPacing:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def answered_since(self, since: datetime) -> Mapping[str, Answered]:
        return await self._db.read(_answered, since)

    async def learned(self) -> Mapping[str, Mapping[str, Any]]:
        return await self._db.read(_learned)

    async def keep_learned(self, learned: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
        if learned:
            await self._db.write(_keep, learned, now)


def _answered(connection: sa.Connection, since: datetime) -> dict[str, Answered]:
    found: dict[str, Answered] = defaultdict(Answered)
    first = f"{int(span_begins(span_of(since)).timestamp() * 1000):012x}"
    for campaign, span, answered, abandoned in connection.execute(_ANSWERED, {"first": first}):
        found[campaign].add(int(span, 16), Tally(answered, abandoned))
    return dict(found)


def _learned(connection: sa.Connection) -> dict[str, Mapping[str, Any]]:
    return {row.campaign_id: row.learned for row in connection.execute(sa.select(pacing))}


def _keep(connection: sa.Connection, learned: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    statement = insert(connection, pacing)
    kept = statement.on_conflict_do_update(
        index_elements=["campaign_id"],
        set_={"learned": statement.excluded.learned, "kept_at": statement.excluded.kept_at},
    )
    connection.execute(
        kept, [{"campaign_id": name, "learned": dict(each), "kept_at": now} for name, each in learned.items()]
    )
