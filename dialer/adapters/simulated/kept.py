"""What does the database say of a simulated day, row by row?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from dialer.adapters.carrier.witness import Attempt
from dialer.adapters.store.call_tables import attempts
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.database import Database
from dialer.core.cases import Stage


@dataclass(frozen=True, slots=True)
class Contact:
    id: int
    lane_id: int
    debtor_id: int
    client_id: str
    state: str
    finished: str | None
    waits_for: str | None
    held_because: str | None
    numbers: Mapping[str, str | None]  # why each is called no more, if it is not
    cases: Sequence[tuple[Stage, date]]  # the stage and the due date of each


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that was kept."""

    contacts: Mapping[int, Contact]
    attempts: Sequence[Attempt]
    lane_of: Mapping[str, int]  # the lane by whose rules each attempt was made


async def day(database: Database) -> Day:
    return await database.read(_day)


def _day(connection: sa.Connection) -> Day:
    of: dict[int, dict[str, str | None]] = defaultdict(dict)
    for contact, number, retired in connection.execute(
        sa.select(numbers.c.contact_id, numbers.c.e164, numbers.c.retired)
    ):
        of[contact][number] = retired
    owing: dict[tuple[int, str], list[tuple[Stage, date]]] = defaultdict(list)
    for debtor, campaign, stage, due in connection.execute(
        sa.select(cases.c.debtor_id, cases.c.campaign_id, cases.c.stage, cases.c.due_date)
    ):
        owing[debtor, campaign].append((Stage(stage), due))
    contact = (
        sa.select(
            contacts.c.id, contacts.c.lane_id, contacts.c.debtor_id, debtors.c.client_id, contacts.c.state,
            contacts.c.finished, contacts.c.waits_for, contacts.c.held_because, contacts.c.campaign_id,
        )
        .join(debtors, debtors.c.id == contacts.c.debtor_id)
        .order_by(contacts.c.id)
    )  # fmt: skip
    attempt = sa.select(
        attempts.c.id, attempts.c.contact_id, attempts.c.number, attempts.c.disposition, attempts.c.saved_at,
        attempts.c.placed_at, attempts.c.ended_at, attempts.c.lane_id,
    ).order_by(attempts.c.id)  # fmt: skip
    rows = connection.execute(attempt).all()
    return Day(
        {
            row.id: Contact(*row[:-1], of[row.id], owing[row.debtor_id, row.campaign_id])
            for row in connection.execute(contact)
        },
        [Attempt(*row[:-1]) for row in rows],
        {row.id: row.lane_id for row in rows},
    )
