"""How do the rows of a call list become contacts and numbers?

A contact that is still being called goes on with its attempts; one that is finished begins anew, at the earliest when
the spacing after its last attempt has passed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.campaign_tables import batches, lanes
from dialer.adapters.store.contact_tables import contacts, debtors, numbers
from dialer.adapters.store.rounds import begin_anew
from dialer.adapters.store.schema import insert, insert_of
from dialer.adapters.store.staged import BATCH, CALLED, IS_ITS_DEBTOR, Portion, staged_numbers, staged_rows
from dialer.core.numbers import Number
from dialer.model import ContactState, FinishReason

_NOT_LISTED = "not_listed"
_OF_NUMBER = ("contact_id", "e164", "position", "type", "attempts", "batch")
_NEW_CONTACT = {"state": ContactState.WAITING, "attempts": 0, "uncounted": 0, "revision": 1}
_PLACES = 16  # more than a row has numbers: counts rows and their places together
_WITH_DEBTOR = staged_rows.join(debtors, IS_ITS_DEBTOR)
_WITH_CONTACT = _WITH_DEBTOR.join(
    contacts, (contacts.c.debtor_id == debtors.c.id) & (contacts.c.campaign_id == staged_rows.c.campaign_id)
)
_CALLED = CALLED & staged_rows.c.row.not_in(sa.bindparam("held", expanding=True))
_LANES = (
    sa.select(staged_rows.c.campaign_id, staged_rows.c.zone)
    .where(_CALLED)
    .group_by(staged_rows.c.campaign_id, staged_rows.c.zone)
    .order_by(sa.func.min(staged_rows.c.row))
)
_NAMED = sa.select(contacts.c.id).select_from(_WITH_CONTACT).where(_CALLED)


def keep_staged(
    connection: sa.Connection, portion: Portion, held: Sequence[int], now: datetime, *, is_any_known: bool
) -> None:
    """Keep the contacts of one portion's rows that are called, and their numbers.

    Args:
        held: rows of which nobody is called although their list says so.
        is_any_known: whether any of their debtors was there before.
    """
    these = {**portion.told, "held": held}
    of_batch = _lanes(connection, portion.batch, these)
    if is_any_known:
        _reopen_finished(connection, portion.batch, these, now)
    dialect = connection.dialect.name
    connection.execute(_upsert_contacts(dialect), {**these, "lanes_of_batch": of_batch, "now": now})
    connection.execute(_upsert_numbers(dialect), these)


def keep_one(
    connection: sa.Connection,
    batch: int,
    campaign_id: str,
    debtor_id: int,
    listed: Sequence[Number],
    timezone: str,
    now: datetime,
) -> None:
    """Keep a contact that is not there yet, of a list that was taken long ago."""
    of_batch = _batch_of_lanes(connection, batch)
    new = _NEW_CONTACT | {
        "campaign_id": campaign_id,
        "debtor_id": debtor_id,
        "lane_id": _lane(connection, of_batch, campaign_id, timezone),
        "batch": batch,
        "due_at": now,
    }
    contact_id = connection.execute(contacts.insert().returning(contacts.c.id), new).scalar_one()
    connection.execute(
        insert(connection, numbers).on_conflict_do_nothing(),
        [
            {"contact_id": contact_id, "e164": each.e164, "position": position, "type": each.type}
            | {"attempts": 0, "batch": batch}
            for position, each in enumerate(listed, 1)
        ],
    )


def retire_unnamed(connection: sa.Connection, batch: int, debtor_ids: sa.Select[int]) -> None:
    """When the list is wholly in: the numbers that it does not name of the contacts it names are called no more."""
    named = sa.select(contacts.c.id).where(contacts.c.debtor_id.in_(debtor_ids), contacts.c.batch == batch)
    connection.execute(
        numbers.update()
        .where(numbers.c.contact_id.in_(named), numbers.c.batch != batch, numbers.c.retired.is_(None))
        .values(retired=_NOT_LISTED)
    )


@cache
def _upsert_contacts(dialect: str) -> sa.Insert:
    """One for all of a debtor's cases in a campaign; the last of their rows says in which lane."""
    of_contact = (staged_rows.c.client_id, staged_rows.c.ref, staged_rows.c.campaign_id)
    last_ones = sa.select(sa.func.max(staged_rows.c.row)).where(_CALLED).group_by(*of_contact)
    is_its_lane = (
        (lanes.c.campaign_id == staged_rows.c.campaign_id)
        & (lanes.c.batch == sa.bindparam("lanes_of_batch"))
        & (lanes.c.timezone == staged_rows.c.zone)
    )
    constants = [sa.literal(value, contacts.c[name].type) for name, value in _NEW_CONTACT.items()]
    now = sa.bindparam("now", type_=contacts.c.due_at.type)
    rows = (
        sa.select(staged_rows.c.campaign_id, debtors.c.id, lanes.c.id, BATCH, now, *constants)
        .select_from(_WITH_DEBTOR.join(lanes, is_its_lane))
        .where(staged_rows.c.row.in_(last_ones))
        .order_by(staged_rows.c.row)
    )
    columns = ["campaign_id", "debtor_id", "lane_id", "batch", "due_at", *_NEW_CONTACT]
    statement = insert_of(dialect, contacts).from_select(columns, rows, include_defaults=False)
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


@cache
def _upsert_numbers(dialect: str) -> sa.Insert:
    """A number that several cases of a contact name has the place that the first of them gives it."""
    first_place = sa.func.min(staged_rows.c.row * _PLACES + staged_numbers.c.position) % _PLACES
    key = (contacts.c.id, staged_numbers.c.e164)
    rows = (
        sa.select(*key, first_place, sa.func.min(staged_numbers.c.type), sa.literal(0), BATCH)
        .select_from(_WITH_CONTACT.join(staged_numbers, staged_numbers.c.row == staged_rows.c.row))
        .where(_CALLED)
        .group_by(*key)
        .order_by(*key)
    )
    statement = insert_of(dialect, numbers).from_select(_OF_NUMBER, rows, include_defaults=False)
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


def _reopen_finished(connection: sa.Connection, batch: int, these: Mapping[str, Any], now: datetime) -> None:
    """A finished contact named by a newer list begins anew, not before the moment its last attempt left it due.

    One whose other cases were settled while this list is taken begins anew with it, too.
    """
    begin_anew(
        connection,
        contacts.c.id.in_(_NAMED.params(these))
        & ((contacts.c.batch != batch) | (contacts.c.finished == FinishReason.SETTLED)),
        due_at=sa.case((contacts.c.due_at > now, contacts.c.due_at), else_=now),
    )


def _lanes(connection: sa.Connection, batch: int, these: Mapping[str, Any]) -> int:
    """See that the rows' lanes are there; the batch whose they are."""
    of_batch = _batch_of_lanes(connection, batch)
    for campaign_id, timezone in connection.execute(_LANES, these).all():
        _lane(connection, of_batch, campaign_id, timezone)
    return of_batch


def _batch_of_lanes(connection: sa.Connection, batch: int) -> int:
    """A batch with settings of its own has its own lanes; 0: those of the campaign."""
    mailing = connection.execute(sa.select(batches.c.mailing).where(batches.c.id == batch)).scalar_one()
    return batch if mailing else 0


def _lane(connection: sa.Connection, of_batch: int, campaign_id: str, timezone: str) -> int:
    """The lane of a campaign and time zone; it is made if there is none."""
    values = {"campaign_id": campaign_id, "batch": of_batch, "timezone": timezone}
    connection.execute(insert(connection, lanes).on_conflict_do_nothing(), values)
    found: int = connection.execute(sa.select(lanes.c.id).filter_by(**values)).scalar_one()
    return found
