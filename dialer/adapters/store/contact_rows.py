"""How do the rows of a call list become contacts and numbers?

A contact that is still being called goes on with its attempts; one that is finished begins anew, at the earliest when
the spacing after its last attempt has passed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from dialer.adapters.store.bulk import Bulk
from dialer.adapters.store.rounds import begin_anew
from dialer.adapters.store.tables import batches, contacts, insert, lanes, numbers
from dialer.core.cases import CaseRow
from dialer.core.numbers import Number
from dialer.model import ContactState, FinishReason
from dialer.ports.store import TakenRow

_NOT_LISTED = "not_listed"

Kept = tuple[TakenRow, CaseRow]
DebtorKey = tuple[str, str]  # client, the client's own id of the debtor
ContactKey = tuple[str, int]  # campaign, debtor


class Called(NamedTuple):
    """A case that is called about: on which numbers, and in which time zone."""

    case: CaseRow
    numbers: Sequence[Number]
    timezone: str


def _upsert_contacts(connection: sa.Connection) -> sa.Insert:
    statement = insert(connection, contacts)
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=["debtor_id", "campaign_id"],
        set_={
            "lane_id": statement.excluded.lane_id,
            "batch": statement.excluded.batch,
            # An older list may have called off the contact that is just being called.
            "finished": sa.case((contacts.c.state == ContactState.FINISHED, contacts.c.finished), else_=None),
        },
    )
    return upsert


def _upsert_numbers(connection: sa.Connection) -> sa.Insert:
    statement = insert(connection, numbers)
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=["contact_id", "e164"],
        set_={
            "position": statement.excluded.position,
            "type": statement.excluded.type,
            "batch": statement.excluded.batch,
            "retired": sa.case((numbers.c.retired == _NOT_LISTED, None), else_=numbers.c.retired),
        },
    )
    return upsert


_CONTACTS = Bulk(
    ("campaign_id", "debtor_id", "lane_id", "state", "due_at", "attempts", "uncounted", "batch", "revision"),
    _upsert_contacts,
)
_NUMBERS = Bulk(("contact_id", "e164", "position", "type", "attempts", "batch"), _upsert_numbers)


def keep(
    connection: sa.Connection, batch: int, called: Sequence[Called], debtor_ids: Mapping[DebtorKey, int], now: datetime
) -> None:
    """Keep the contacts of one portion's rows that may be called, and their numbers."""
    contact_of = _keep_contacts(connection, batch, called, debtor_ids, now)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for case, listed, _ in called:
        contact = contact_of[case.campaign_id, debtor_ids[case.client_id, case.debtor.id]]
        for position, number in enumerate(listed, 1):
            rows.setdefault(
                (contact, number.e164),
                {
                    "contact_id": contact,
                    "e164": number.e164,
                    "position": position,
                    "type": number.type,
                    "attempts": 0,
                    "batch": batch,
                },
            )
    _NUMBERS.run(connection, list(rows.values()))


def retire_unnamed(connection: sa.Connection, batch: int) -> None:
    """When the list is wholly in: the numbers that it does not name of the contacts it names are called no more."""
    named = sa.select(contacts.c.id).where(contacts.c.batch == batch)
    connection.execute(
        numbers.update()
        .where(numbers.c.contact_id.in_(named), numbers.c.batch != batch, numbers.c.retired.is_(None))
        .values(retired=_NOT_LISTED)
    )


def _keep_contacts(
    connection: sa.Connection, batch: int, called: Sequence[Called], debtor_ids: Mapping[DebtorKey, int], now: datetime
) -> dict[ContactKey, int]:
    lane_of = _lanes(connection, batch)
    rows: dict[ContactKey, dict[str, Any]] = {}
    for case, _, timezone in called:
        debtor = debtor_ids[case.client_id, case.debtor.id]
        rows[case.campaign_id, debtor] = {
            "campaign_id": case.campaign_id,
            "debtor_id": debtor,
            "lane_id": lane_of(case.campaign_id, timezone),
            "state": ContactState.WAITING,
            "due_at": now,
            "attempts": 0,
            "uncounted": 0,
            "batch": batch,
            "revision": 1,
        }
    _reopen_finished(connection, rows, batch, now)
    _CONTACTS.run(connection, list(rows.values()))
    return _contact_ids(connection, rows)


def _contact_ids(connection: sa.Connection, keys: Iterable[ContactKey]) -> dict[ContactKey, int]:
    debtors_of = defaultdict(list)
    for campaign, debtor in keys:
        debtors_of[campaign].append(debtor)
    return {
        (campaign, row.debtor_id): row.id
        for campaign, ids in debtors_of.items()
        for row in connection.execute(
            sa.select(contacts.c.id, contacts.c.debtor_id).where(
                contacts.c.campaign_id == campaign, contacts.c.debtor_id.in_(ids)
            )
        )
    }


def _reopen_finished(connection: sa.Connection, keys: Iterable[ContactKey], batch: int, now: datetime) -> None:
    """A finished contact named by a newer list begins anew, not before the moment its last attempt left it due.

    One whose other cases were settled while this list is taken begins anew with it, too.
    """
    ids = list(_contact_ids(connection, keys).values())
    begin_anew(
        connection,
        contacts.c.id.in_(ids) & ((contacts.c.batch != batch) | (contacts.c.finished == FinishReason.SETTLED)),
        due_at=sa.case((contacts.c.due_at > now, contacts.c.due_at), else_=now),
    )


def _lanes(connection: sa.Connection, batch: int) -> Callable[[str, str], int]:
    """Finds or makes the lane of a campaign and time zone; a batch with settings of its own has its own lanes."""
    mailing = connection.execute(sa.select(batches.c.mailing).where(batches.c.id == batch)).scalar_one()
    of_batch = batch if mailing else 0
    known: dict[tuple[str, str], int] = {}

    def lane(campaign: str, timezone: str) -> int:
        key = (campaign, timezone)
        if key not in known:
            values = {"campaign_id": campaign, "batch": of_batch, "timezone": timezone}
            connection.execute(insert(connection, lanes).on_conflict_do_nothing(), values)
            known[key] = connection.execute(sa.select(lanes.c.id).filter_by(**values)).scalar_one()
        return known[key]

    return lane
