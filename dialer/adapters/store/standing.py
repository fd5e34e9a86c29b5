"""What is known, at this moment, of those whom due contacts would reach?

The calls that count against their budgets, and whether somebody asked not to be called. Read in the transaction that
saves attempts, so that no two contacts spend the same call of a budget.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.call_tables import attempts, inbound_calls
from dialer.adapters.store.campaign_tables import campaigns
from dialer.adapters.store.contact_tables import contacts, numbers
from dialer.adapters.store.wishes import Wishes, wishes
from dialer.core.budgets import PastCall
from dialer.core.retry import LastAttempt, Number, Stand
from dialer.model import Attempt, Disposition, NumberType

STAND = (
    contacts.c.uncounted, contacts.c.outcomes, contacts.c.last_number, contacts.c.last_outcome,
    contacts.c.last_placed_at, contacts.c.last_ended_at,
)  # fmt: skip
_NUMBERS = (
    sa.select(
        numbers.c.contact_id,
        numbers.c.e164,
        numbers.c.position,
        numbers.c.attempts,
        numbers.c.type,
        numbers.c.retired,
        numbers.c.congested,
    )
    .where(numbers.c.contact_id.in_(sa.bindparam("contacts", expanding=True)))
    .order_by(numbers.c.contact_id, numbers.c.position, numbers.c.e164)
)
_CALL = (
    attempts.c.debtor_id,
    attempts.c.number,
    attempts.c.saved_at,
    attempts.c.placed_at,
    attempts.c.started_at,
    attempts.c.ended_at,
    attempts.c.answered_at,
    attempts.c.disposition,
)
_COUNTS = sa.and_(
    attempts.c.saved_at >= sa.bindparam("since"), attempts.c.disposition.is_(None) | attempts.c.counted.is_(True)
)
_OF_DEBTORS = sa.select(*_CALL).where(attempts.c.debtor_id.in_(sa.bindparam("debtors", expanding=True)), _COUNTS)
_OF_NUMBERS = (
    sa.select(*_CALL)
    .join(campaigns, campaigns.c.id == attempts.c.campaign_id)
    .where(
        attempts.c.number.in_(sa.bindparam("numbers", expanding=True)),
        campaigns.c.client_id == sa.bindparam("client"),
        _COUNTS,
    )
)
_INBOUND = sa.select(
    inbound_calls.c.debtor_id, inbound_calls.c.caller, inbound_calls.c.began_at, inbound_calls.c.ended_at
).where(
    inbound_calls.c.debtor_id.in_(sa.bindparam("debtors", expanding=True)),
    inbound_calls.c.began_at >= sa.bindparam("since"),
    inbound_calls.c.has_told,
)


def numbers_of(connection: sa.Connection, contact_ids: Iterable[int]) -> dict[int, list[Number]]:
    """The numbers of contacts, in order."""
    found: dict[int, list[Number]] = defaultdict(list)
    for contact, e164, position, made, kind, *rest in connection.execute(_NUMBERS, {"contacts": list(contact_ids)}):
        found[contact].append(Number(e164, position, made, NumberType(kind), *rest))
    return found


def stand_of(row: Any, of: Sequence[Number]) -> Stand:
    """How a contact stands; ``row`` has the columns ``STAND``."""
    last = None
    if row.last_placed_at is not None:
        outcome = None if row.last_outcome is None else Disposition(row.last_outcome)
        last = LastAttempt(row.last_number, outcome, row.last_placed_at, row.last_ended_at)
    outcomes = {Disposition(name): times for name, times in (row.outcomes or {}).items()}
    return Stand(of, outcomes, last, row.uncounted)


def stood(stand: Stand) -> dict[str, Any]:
    """The same columns, as new values."""
    last = stand.last
    return {
        "new_uncounted": stand.uncounted,
        "new_outcomes": dict(stand.outcomes),
        "new_last_number": last and last.number,
        "new_last_outcome": last and last.outcome,
        "new_last_placed_at": last and last.placed_at,
        "new_last_ended_at": last and last.ended_at,
    }


@dataclass(slots=True)
class Standing:
    """Of the debtors and numbers behind some contacts; an attempt that is saved is added at once."""

    of_debtor: dict[int, list[PastCall]] = field(default_factory=lambda: defaultdict(list))
    of_number: dict[str, list[PastCall]] = field(default_factory=lambda: defaultdict(list))
    wishes: Wishes = field(default_factory=Wishes)

    def add(self, debtor_id: int, attempt: Attempt) -> None:
        call = PastCall(attempt.number, attempt.started_at, None)
        self.of_debtor[debtor_id].append(call)
        self.of_number[attempt.number].append(call)


def standing(
    connection: sa.Connection,
    client_id: str,
    debtor_ids: Collection[int],
    e164: Collection[str],
    since: datetime,
) -> Standing:
    """Read it; calls that were saved before ``since`` matter no more."""
    asked: Mapping[str, Any] = {
        "client": client_id,
        "debtors": list(debtor_ids),
        "numbers": list(e164),
        "since": since,
    }
    found = Standing(wishes=wishes(connection, client_id, debtor_ids, e164))
    for row in connection.execute(_OF_DEBTORS, asked):
        found.of_debtor[row.debtor_id].append(_past_call(row))
    for debtor, caller, began_at, ended_at in connection.execute(_INBOUND, asked):
        found.of_debtor[debtor].append(PastCall(caller or "", began_at, ended_at, is_inbound=True))
    for row in connection.execute(_OF_NUMBERS, asked):
        found.of_number[row.number].append(_past_call(row))
    return found


def _past_call(row: Any) -> PastCall:
    return PastCall(
        row.number,
        row.started_at or row.placed_at or row.saved_at,
        row.ended_at,
        row.answered_at is not None,
        Disposition(row.disposition) if row.disposition else None,
    )
