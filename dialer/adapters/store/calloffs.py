"""Which open attempts are not to go on, or not with what their message says?"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.contact_tables import contacts, debtors
from dialer.adapters.store.database import Database
from dialer.adapters.store.wishes import Wishes, wishes
from dialer.model import FinishReason
from dialer.ports.store import CalledOff

FEW = 20  # debtors

ContactKey = tuple[str, int]  # campaign, debtor

_OPEN = (
    sa.select(
        attempts.c.id, attempts.c.contact_id, attempts.c.number, contacts.c.campaign_id, contacts.c.debtor_id,
        contacts.c.finished, debtors.c.client_id,
        contacts.c.message_key.is_distinct_from(attempts.c.message_key).label("says_otherwise"),
    )
    .join(contacts, contacts.c.id == attempts.c.contact_id)
    .join(debtors, debtors.c.id == contacts.c.debtor_id)
    .where(sa.text("attempts.disposition IS NULL"))  # as it stands in the partial index
    .order_by(attempts.c.id)
)  # fmt: skip


class SqlCallOffs:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def called_off(self) -> Sequence[CalledOff]:
        # In turn with those who write down what has ended: an attempt that is named here is not over yet.
        return await self._db.write(called_off)


def called_off(connection: sa.Connection, of: Collection[ContactKey] | None = None) -> list[CalledOff]:
    """Those of these contacts, or of all: settled, blocked, replaced, told otherwise, or against somebody's wish."""
    rows = connection.execute(_OPEN if of is None else _open_of(of)).all()
    if of is not None:
        rows = [row for row in rows if (row.campaign_id, row.debtor_id) in of]
    standing = _wishes(connection, rows)
    found = []
    for row in rows:
        reason = FinishReason(row.finished) if row.finished else None
        if reason is None and standing[row.client_id].forbid(row.debtor_id, row.number):
            reason = FinishReason.DO_NOT_CALL  # on this number; its contact may have others
        if reason is not None or row.says_otherwise:
            found.append(CalledOff(row.id, row.contact_id, reason))
    return found


def _open_of(these: Collection[ContactKey]) -> sa.Select[Any]:
    """The open attempts, of few debtors only theirs: hundreds may be open for each of whom a payment tells."""
    debtor_ids = {debtor for _, debtor in these}
    return _OPEN.where(contacts.c.debtor_id.in_(debtor_ids)) if len(debtor_ids) <= FEW else _OPEN


def _wishes(connection: sa.Connection, rows: Iterable[Any]) -> Mapping[str, Wishes]:
    of_client = defaultdict(list)
    for row in rows:
        of_client[row.client_id].append(row)
    return {
        client: wishes(connection, client, {row.debtor_id for row in theirs}, {row.number for row in theirs})
        for client, theirs in of_client.items()
    }
