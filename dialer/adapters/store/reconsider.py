"""Who is called no more, with another message, or again, now that somebody's wish or a case has changed?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.calloffs import ContactKey
from dialer.adapters.store.contact_tables import contacts, debtors
from dialer.adapters.store.finishing import bring_back, finish
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.standing import numbers_of
from dialer.adapters.store.wishes import wishes
from dialer.core.suppressions import nobody_left
from dialer.model import ContactState, FinishReason

_RETURN_FROM = (FinishReason.BLOCKED, FinishReason.SETTLED, FinishReason.DO_NOT_CALL)
_CONTACT = (
    sa.select(
        contacts.c.id, contacts.c.campaign_id, contacts.c.debtor_id, contacts.c.state, contacts.c.finished,
        debtors.c.client_id, HAS_CALLABLE_CASE.label("has_callable_case"),
    )
    .join(debtors, debtors.c.id == contacts.c.debtor_id)
    .where(contacts.c.id.in_(sa.bindparam("these", expanding=True)))
    .order_by(contacts.c.id)
    .with_for_update(of=contacts)  # whoever is leasing one of them has finished before its attempt is looked for
)  # fmt: skip


@dataclass(slots=True)
class Reconsidered:
    """What has become of contacts; ``ended`` are those that are finished at once, and have to be told of."""

    keys: set[ContactKey] = field(default_factory=set)
    ended: defaultdict[FinishReason, list[int]] = field(default_factory=lambda: defaultdict(list))
    finished: int = 0  # those, and the ones that are finished when their call is over
    returned: int = 0


def reconsider(
    connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime, *, says_otherwise: bool = False
) -> Reconsidered:
    """Let contacts follow what is known now. ``says_otherwise``: what their messages say has changed, too."""
    found = Reconsidered()
    ids = connection.execute(sa.select(contacts.c.id).where(which).order_by(contacts.c.id)).scalars().all()
    for portion in portions(ids):
        _reconsider(connection, portion, now, found, says_otherwise=says_otherwise)
    return found


def _reconsider(
    connection: sa.Connection, ids: Sequence[int], now: datetime, found: Reconsidered, *, says_otherwise: bool
) -> None:
    finishing: dict[FinishReason, list[int]] = defaultdict(list)
    returning, going_on = [], []
    for row, reason in _reasons(connection, ids):
        found.keys.add((row.campaign_id, row.debtor_id))
        is_over = row.state == ContactState.FINISHED
        if reason is not None and not is_over and row.finished is None:
            finishing[reason].append(row.id)
        elif reason is None and row.finished in _RETURN_FROM:
            returning.append(row.id)
        elif not is_over:
            going_on.append(row.id)
    for reason, these in finishing.items():
        found.ended[reason] += finish(connection, contacts.c.id.in_(these), reason)
        found.finished += len(these)
    bring_back(connection, returning, now)
    if says_otherwise:
        render_anew(connection, contacts.c.id.in_(going_on))
    found.returned += len(returning)


def _reasons(connection: sa.Connection, ids: Sequence[int]) -> Iterator[tuple[Any, FinishReason | None]]:
    """Each contact, and why it is not to be called any more."""
    of_client = defaultdict(list)
    for row in connection.execute(_CONTACT, {"these": ids}):
        of_client[row.client_id].append(row)
    listed = numbers_of(connection, ids)
    for client, rows in of_client.items():
        e164 = {number.e164 for row in rows for number in listed[row.id]}
        standing = wishes(connection, client, {row.debtor_id for row in rows}, e164)
        for row in rows:
            if not row.has_callable_case:
                yield row, FinishReason.BLOCKED
            elif standing.protect(row.debtor_id) or nobody_left(standing.may_be_called(row.debtor_id, listed[row.id])):
                yield row, FinishReason.DO_NOT_CALL
            else:
                yield row, None
