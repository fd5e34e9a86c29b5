"""How are contacts finished without a call, and how do they come back?

Whoever finishes them tells of it, at the end of the transaction (``telling.tell_finished``).
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.telling import tell_finished
from dialer.model import ContactState, FinishReason


def finish(connection: sa.Connection, which: sa.ColumnElement[bool], reason: FinishReason) -> Sequence[int]:
    """Call them no more; those who are being called are finished when their call is over. Which were finished now."""
    changed = connection.execute(
        contacts.update()
        .where(which, contacts.c.state != ContactState.FINISHED)
        .values(
            state=sa.case(
                (contacts.c.state == ContactState.DIALING, ContactState.DIALING), else_=ContactState.FINISHED
            ),
            finished=sa.func.coalesce(contacts.c.finished, reason),
        )
        .returning(contacts.c.id, contacts.c.state)
    )
    return [row.id for row in changed if row.state == ContactState.FINISHED]


def bring_back(connection: sa.Connection, contact_ids: Sequence[int], now: datetime) -> None:
    """They go on with their attempts, at the earliest when the spacing after the last one has passed."""
    these, is_over = contacts.c.id.in_(contact_ids), contacts.c.state == ContactState.FINISHED
    connection.execute(
        contacts.update()
        .where(these)
        .values(
            state=sa.case((is_over, ContactState.WAITING), else_=contacts.c.state),
            due_at=sa.case((is_over & (contacts.c.due_at < now), now), else_=contacts.c.due_at),
            finished=None,
        )
    )
    render_anew(connection, these)


def finish_lane(connection: sa.Connection, lane_id: int, reason: FinishReason, now: datetime, limit: int) -> int:
    """Finish so many contacts of the lane at most that are not being called; how many it were."""
    some = (
        sa.select(contacts.c.id)
        .where(contacts.c.lane_id == lane_id, contacts.c.state.in_([ContactState.WAITING, ContactState.READY]))
        .limit(limit)
        .with_for_update()
    )
    finished = finish(connection, contacts.c.id.in_(some), reason)
    tell_finished(connection, {reason: finished}, now)
    return len(finished)
