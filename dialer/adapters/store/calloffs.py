"""Which open attempts are of contacts that are to be called no more, or not with what their message says?"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from dialer.adapters.store.database import Database
from dialer.adapters.store.tables import attempts, contacts
from dialer.model import FinishReason
from dialer.ports.store import CalledOff

ContactKey = tuple[str, int]  # campaign, debtor

_OPEN = (
    sa.select(attempts.c.id, attempts.c.contact_id, contacts.c.campaign_id, contacts.c.debtor_id, contacts.c.finished)
    .join(contacts, contacts.c.id == attempts.c.contact_id)
    .where(
        sa.text("attempts.disposition IS NULL"),  # as it stands in the partial index
        contacts.c.finished.is_not(None) | contacts.c.message_key.is_distinct_from(attempts.c.message_key),
    )
    .order_by(attempts.c.id)
)


class SqlCallOffs:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def called_off(self) -> Sequence[CalledOff]:
        return await self._db.read(called_off)


def called_off(connection: sa.Connection, of: Collection[ContactKey] | None = None) -> list[CalledOff]:
    """Those of these contacts, or of all."""
    return [
        CalledOff(row.id, row.contact_id, FinishReason(row.finished) if row.finished else None)
        for row in connection.execute(_OPEN)
        if of is None or (row.campaign_id, row.debtor_id) in of
    ]
