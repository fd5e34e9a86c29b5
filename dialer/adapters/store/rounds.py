"""How do the attempts of a finished contact begin anew?

A newer list names it again, or another day of reminders is to come. Its numbers have all their attempts again; spacing
after the last one still holds. Its message is made anew: what it spoke of may have changed since.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.contact_tables import contacts, numbers
from dialer.core.rules import Rule
from dialer.model import ContactState, FinishReason


def begin_anew(connection: sa.Connection, which: sa.ColumnElement[bool], **values: Any) -> Sequence[int]:
    """Those of them that are finished wait again, with these values besides; which it were."""
    reopened = connection.execute(
        contacts.update()
        .where(which, contacts.c.state == ContactState.FINISHED)
        .values(
            state=ContactState.WAITING,
            finished=None,
            uncounted=0,
            outcomes=None,
            last_outcome=None,
            next_round=None,
            revision=contacts.c.revision + 1,
            message_key=None,
            message_text=None,
            **values,
        )
        .returning(contacts.c.id)
    )
    ids = list(reopened.scalars())
    if ids:
        connection.execute(numbers.update().where(numbers.c.contact_id.in_(ids)).values(attempts=0, congested=0))
    return ids


def begin_next_round(connection: sa.Connection, contact_ids: Iterable[int]) -> Sequence[int]:
    """Those of them whose attempts are over, and that another day of reminders awaits; which it were."""
    ids = list(contact_ids)
    if not ids:
        return []
    return begin_anew(
        connection,
        contacts.c.id.in_(ids)
        & contacts.c.finished.in_([FinishReason.DELIVERED, FinishReason.REPLIED, FinishReason.EXHAUSTED])
        & contacts.c.next_round.is_not(None),
        due_at=sa.case((contacts.c.due_at > contacts.c.next_round, contacts.c.due_at), else_=contacts.c.next_round),
        waits_for=Rule.NEXT_ROUND,
    )
