"""Who is called no more, with another message, or again, now that other sums are owed?"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.calloffs import ContactKey
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.tables import contacts
from dialer.model import ContactState, FinishReason

_DIALING, _FINISHED = contacts.c.state == ContactState.DIALING, contacts.c.state == ContactState.FINISHED
_OF_DEBTORS = sa.select(
    contacts.c.id, contacts.c.campaign_id, contacts.c.debtor_id, contacts.c.state, contacts.c.finished,
    contacts.c.attempts, contacts.c.uncounted, HAS_CALLABLE_CASE.label("has_callable_case"),
).where(contacts.c.debtor_id.in_(sa.bindparam("debtors", expanding=True)))  # fmt: skip
_THESE = contacts.c.id.in_(sa.bindparam("these", expanding=True))
_FINISH = (
    contacts.update()
    .where(_THESE)
    .values(
        state=sa.case((_DIALING, ContactState.DIALING), else_=ContactState.FINISHED),
        finished=sa.func.coalesce(contacts.c.finished, FinishReason.SETTLED),  # while dialing: it ends with this call
    )
    .returning(contacts.c.id, contacts.c.state)
)


@dataclass(slots=True)
class Contacts:
    """What has become of the contacts whose cases have changed."""

    ids: dict[ContactKey, int] = field(default_factory=dict)
    finished: int = 0  # now, or when their call is over
    ended: list[int] = field(default_factory=list)  # the ids of those finished now
    changed: int = 0
    reopened: int = 0
    already_finished: int = 0  # of those with no case left to call about
    calls_before: int = 0  # of the same; those up now not counted


def follow(connection: sa.Connection, keys: Collection[ContactKey], now: datetime) -> Contacts:
    """Let the contacts follow their cases."""
    found, finish, anew, again = Contacts(), [], [], []
    for debtors in portions(list({debtor for _, debtor in keys})):
        for row in connection.execute(_OF_DEBTORS, {"debtors": debtors}):
            key = (row.campaign_id, row.debtor_id)
            if key not in keys:
                continue
            found.ids[key] = row.id
            is_over = row.state == ContactState.FINISHED
            if row.has_callable_case:
                if row.finished == FinishReason.SETTLED:
                    again.append(row.id)
                elif not is_over:
                    anew.append(row.id)
                continue
            found.already_finished += is_over
            found.calls_before += row.attempts - row.uncounted - (row.state == ContactState.DIALING)
            if not is_over:
                finish.append(row.id)
    for portion in portions(finish):
        changed = connection.execute(_FINISH, {"these": portion})
        found.ended += [row.id for row in changed if row.state == ContactState.FINISHED]
    for portion in portions(again):
        connection.execute(_again(now), {"these": portion})
    for portion in portions([*anew, *again]):
        render_anew(connection, contacts.c.id.in_(portion))
    found.finished, found.changed, found.reopened = len(finish), len(anew), len(again)
    return found


def _again(now: datetime) -> sa.Update:
    """They go on with their attempts, at the earliest when the spacing after the last one has passed."""
    return (
        contacts.update()
        .where(_THESE)
        .values(
            state=sa.case((_FINISHED, ContactState.WAITING), else_=contacts.c.state),
            due_at=sa.case((_FINISHED & (contacts.c.due_at < now), now), else_=contacts.c.due_at),
            finished=None,
        )
    )
