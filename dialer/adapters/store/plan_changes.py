"""For whom is a plan over since it was edited, and for whom not any more?

Raising what it allows brings back those whose attempts were used up, and nobody who is finished for another reason;
lowering it finishes those who are beyond it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.callable import HAS_CALLABLE_CASE
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.finishing import finish
from dialer.adapters.store.messages import render_anew
from dialer.adapters.store.rounds import begin_next_round
from dialer.adapters.store.standing import STAND, numbers_of, stand_of
from dialer.adapters.store.telling import tell_finished, tell_reopened
from dialer.adapters.store.wishes import wishes
from dialer.core import retry
from dialer.model import AttemptRules, ContactState, FinishReason

_IS_EXHAUSTED = (
    (contacts.c.state == ContactState.FINISHED) & (contacts.c.finished == FinishReason.EXHAUSTED) & HAS_CALLABLE_CASE
)
_GOES_ON = contacts.c.state.in_([ContactState.WAITING, ContactState.READY]) & (
    contacts.c.attempts > contacts.c.uncounted
)
_CONTACT = (
    sa.select(contacts.c.id, contacts.c.debtor_id, contacts.c.lane_id, contacts.c.state, *STAND)
    .where(contacts.c.id.in_(sa.bindparam("these", expanding=True)))
    .order_by(contacts.c.id)
    .with_for_update()
)


def follow(
    connection: sa.Connection,
    campaign_id: str,
    client_id: str,
    edited: Mapping[int, AttemptRules],
    now: datetime,
    actor: str,
) -> None:
    """Let the contacts of a campaign follow the rules of its lanes; ``edited`` are those that differ from before.

    A contact that is being called follows them when its call is over. To be called last, as it tells of it.
    """
    which = contacts.c.lane_id.in_(edited) & (_IS_EXHAUSTED | _GOES_ON)
    ids = connection.execute(
        sa.select(contacts.c.id).where(contacts.c.campaign_id == campaign_id, which).order_by(contacts.c.id)
    ).scalars()
    reopened, over = [], []
    for portion in portions(ids.all()):
        for row, reason in _judged(connection, client_id, portion, edited):
            if row.state == ContactState.FINISHED and reason is None:
                reopened.append(row.id)
            elif row.state != ContactState.FINISHED and reason is FinishReason.EXHAUSTED:
                over.append(row.id)
    for portion in portions(reopened):
        _go_on(connection, portion, now)
    ended = [each for portion in portions(over) for each in _end(connection, portion)]
    tell_reopened(connection, reopened, now, actor)
    tell_finished(connection, {FinishReason.EXHAUSTED: ended}, now, actor)


def _judged(
    connection: sa.Connection, client_id: str, ids: Sequence[int], rules_of: Mapping[int, AttemptRules]
) -> Iterator[tuple[Any, FinishReason | None]]:
    """Each contact, and why it is to be called no more."""
    rows, listed = connection.execute(_CONTACT, {"these": ids}).all(), numbers_of(connection, ids)
    e164 = {number.e164 for row in rows for number in listed[row.id]}
    standing = wishes(connection, client_id, {row.debtor_id for row in rows}, e164)
    for row in rows:
        if standing.protect(row.debtor_id):
            yield row, FinishReason.DO_NOT_CALL
        else:
            stand = stand_of(row, standing.may_be_called(row.debtor_id, listed[row.id]))
            yield row, retry.why_over(stand, rules_of[row.lane_id])


def _go_on(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """They are due, and judged anew when they are picked: by the waits of the plan as it is then."""
    these = contacts.c.id.in_(ids)
    connection.execute(
        contacts.update().where(these).values(state=ContactState.WAITING, finished=None, due_at=now, waits_for=None)
    )
    render_anew(connection, these)


def _end(connection: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Those of them that no other day of reminders awaits."""
    finished = finish(connection, contacts.c.id.in_(ids), FinishReason.EXHAUSTED)
    goes_on = set(begin_next_round(connection, finished))
    return [each for each in finished if each not in goes_on]
