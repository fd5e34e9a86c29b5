"""Who is called no more, with another message, or again, now that other sums are owed?"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.bulk import is_among, portions
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.calloffs import ContactKey
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.finishing import bring_back, finish
from dialer.adapters.store.messages import render_anew
from dialer.model import ContactState, FinishReason

_OF_DEBTORS = sa.select(
    contacts.c.id, contacts.c.campaign_id, contacts.c.debtor_id, contacts.c.state, contacts.c.finished,
    contacts.c.attempts, contacts.c.uncounted, HAS_CALLABLE_CASE.label("has_callable_case"),
)  # fmt: skip
_RETURN_FROM = (FinishReason.SETTLED, FinishReason.BLOCKED)


@dataclass(slots=True)
class Contacts:
    """What has become of the contacts whose cases have changed."""

    finished: int = 0  # now, or when their call is over
    ended: list[int] = field(default_factory=list)  # the ids of those finished now
    changed: int = 0
    reopened: int = 0
    already_finished: int = 0  # of those with no case left to call about
    calls_before: int = 0  # of the same; those up now not counted


def follow(connection: sa.Connection, keys: Collection[ContactKey], now: datetime) -> Contacts:
    """Let the contacts follow their cases."""
    found, finishing, anew, again = Contacts(), [], [], []
    for debtors in portions(list({debtor for _, debtor in keys})):
        for row in connection.execute(_OF_DEBTORS.where(is_among(connection, contacts.c.debtor_id, debtors))).all():
            key = (row.campaign_id, row.debtor_id)
            if key not in keys:
                continue
            is_over = row.state == ContactState.FINISHED
            if row.has_callable_case:
                if row.finished in _RETURN_FROM:
                    again.append(row.id)
                elif not is_over:
                    anew.append(row.id)
                continue
            found.already_finished += is_over
            found.calls_before += row.attempts - row.uncounted - (row.state == ContactState.DIALING)
            if not is_over:
                finishing.append(row.id)
    for portion in portions(finishing):
        found.ended += finish(connection, contacts.c.id.in_(portion), FinishReason.SETTLED)
    for portion in portions(again):
        bring_back(connection, portion, now)
    for portion in portions(anew):
        render_anew(connection, contacts.c.id.in_(portion))
    found.finished, found.changed, found.reopened = len(finishing), len(anew), len(again)
    return found
