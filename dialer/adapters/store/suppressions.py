"""How is it kept that somebody asked not to be called, and what follows for contacts at once?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.calloffs import called_off
from dialer.adapters.store.contact_tables import cases, contacts, debtors, numbers
from dialer.adapters.store.database import Database, change_cases_one_by_one, urgent
from dialer.adapters.store.feed import append
from dialer.adapters.store.pseudonyms import erased_numbers
from dialer.adapters.store.reconsider import Reconsidered, reconsider
from dialer.adapters.store.refusal_tables import suppressions
from dialer.adapters.store.telling import tell_finished
from dialer.core.audit import Action, Change, difference
from dialer.core.feed import ENGINE, EventType, FeedEvent
from dialer.core.numbers import masked
from dialer.core.pseudonyms import is_pseudonym
from dialer.core.suppressions import EVERY_CLIENT, TOLD_AS, SuppressionReason, Wish, longer
from dialer.model import FinishReason
from dialer.ports.store import Lifted, Suppressed, Suppression, SuppressionFilter

_OPEN_CASES = (
    sa.select(cases.c.client_id, cases.c.case_id, cases.c.campaign_id, contacts.c.id)
    .join_from(contacts, debtors, debtors.c.id == contacts.c.debtor_id)
    .join(cases, (cases.c.debtor_id == contacts.c.debtor_id) & (cases.c.campaign_id == contacts.c.campaign_id))
    .where(cases.c.closed_at.is_(None))
    .order_by(cases.c.id)
)


class SqlSuppressions:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def suppress(self, wish: Wish, actor: str, now: datetime) -> Suppressed:
        return await self._db.write(_suppress, wish, actor, now)

    async def lift_suppression(self, suppression_id: int, actor: str, now: datetime) -> Lifted | None:
        return await self._db.write(_lift_one, suppression_id, actor, now)

    async def outlived_suppressions(self, now: datetime) -> Sequence[int]:
        return await self._db.read(_outlived, now)

    async def lift_if_outlived(self, suppression_id: int, now: datetime) -> Lifted | None:
        return await self._db.write(_lift_if_outlived, suppression_id, now)

    async def suppression(self, suppression_id: int) -> Suppression | None:
        return await self._db.read(_find, suppression_id)

    async def suppressions(self, which: SuppressionFilter, after: int, limit: int) -> Sequence[Suppression]:
        return await self._db.read(_list, which, after, limit)


@dataclass(frozen=True, slots=True)
class Kept:
    """A wish that was written down, and is still to be told of."""

    before: Suppression | None
    after: Suppression
    contacts: Reconsidered


@urgent
def _suppress(connection: sa.Connection, wish: Wish, actor: str, now: datetime) -> Suppressed:
    change_cases_one_by_one(connection)
    kept = keep(connection, wish, actor, now)
    ending = called_off(connection, kept.contacts.keys)
    tell(connection, kept, actor, now)
    return Suppressed(kept.after, kept.before is None, kept.contacts.finished, ending)


def keep(connection: sa.Connection, wish: Wish, actor: str, now: datetime) -> Kept:
    """Write the wish down, and let contacts follow."""
    before = _standing(connection, wish)
    after = _add(connection, wish, actor, now) if before is None else _lengthen(connection, before, wish)
    contacts_of = reconsider(connection, _meant(wish), now)
    if after != before:
        action = Action.SUPPRESSION_ADDED if before is None else Action.SUPPRESSION_PROLONGED
        note(connection, _changed(action, before, after, actor, now))
    return Kept(before, after, contacts_of)


def tell(connection: sa.Connection, kept: Kept, actor: str, now: datetime) -> None:
    """To be called last in its transaction."""
    if kept.after != kept.before:
        append(connection, [_told(EventType.SUPPRESSION_ADDED, kept.after, actor, now)])
    if kept.before is None:
        append(connection, list(_told_of_cases(connection, kept.after, now)))
    tell_finished(connection, kept.contacts.ended, now, actor)


def _standing(connection: sa.Connection, wish: Wish) -> Suppression | None:
    """The same wish, if it is kept and holds."""
    query = sa.select(suppressions).where(
        suppressions.c.client_id == wish.client_id,
        suppressions.c.number.is_not_distinct_from(wish.number),
        suppressions.c.debtor_ref.is_not_distinct_from(wish.debtor_ref),
        suppressions.c.reason == wish.reason,
        suppressions.c.lifted_at.is_(None),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _suppression(row)


def _add(connection: sa.Connection, wish: Wish, actor: str, now: datetime) -> Suppression:
    made = suppressions.insert().returning(*suppressions.c)
    row = connection.execute(
        made,
        {
            "client_id": wish.client_id,
            "number": wish.number,
            "debtor_ref": wish.debtor_ref,
            "reason": wish.reason,
            "note": wish.note,
            "actor": actor,
            "created_at": now,
            "until": wish.until,
        },
    ).one()
    return _suppression(row)


def _lengthen(connection: sa.Connection, known: Suppression, wish: Wish) -> Suppression:
    changed = suppressions.update().where(suppressions.c.id == known.id).returning(*suppressions.c)
    row = connection.execute(changed.values(until=longer(known.wish.until, wish.until))).one()
    return _suppression(row)


def _lift_one(connection: sa.Connection, suppression_id: int, actor: str, now: datetime) -> Lifted | None:
    change_cases_one_by_one(connection)
    known = _find(connection, suppression_id)
    if known is None:
        return None
    if known.lifted_at is not None:
        return Lifted(known, 0)
    return _lift(connection, suppression_id, actor, now)


def _lift_if_outlived(connection: sa.Connection, suppression_id: int, now: datetime) -> Lifted | None:
    change_cases_one_by_one(connection)
    is_over = suppression_id in _outlived(connection, now)  # nobody has lifted or prolonged it meanwhile
    return _lift(connection, suppression_id, ENGINE, now) if is_over else None


def _outlived(connection: sa.Connection, now: datetime) -> Sequence[int]:
    query = sa.select(suppressions.c.id).where(suppressions.c.lifted_at.is_(None), suppressions.c.until <= now)
    return connection.execute(query.order_by(suppressions.c.id)).scalars().all()


def _lift(connection: sa.Connection, suppression_id: int, actor: str, now: datetime) -> Lifted:
    before = _find(connection, suppression_id)
    lifted = suppressions.update().where(suppressions.c.id == suppression_id).returning(*suppressions.c)
    after = _suppression(connection.execute(lifted.values(lifted_at=now, lifted_by=actor)).one())
    contacts_of = reconsider(connection, _meant(_with_numbers(connection, after.wish)), now)
    note(connection, _changed(Action.SUPPRESSION_LIFTED, before, after, actor, now))
    append(connection, [_told(EventType.SUPPRESSION_LIFTED, after, actor, now)])
    return Lifted(after, contacts_of.returned)


def _with_numbers(connection: sa.Connection, wish: Wish) -> Wish:
    """The wish, with the number that its pseudonym stands for, if somebody else has it."""
    if wish.number is None or not is_pseudonym(wish.number):
        return wish
    shunned = sa.select(numbers.c.e164).join(contacts, contacts.c.id == numbers.c.contact_id)
    shunned = shunned.where(contacts.c.finished == FinishReason.DO_NOT_CALL).distinct()
    known = erased_numbers(connection, connection.execute(shunned).scalars())
    return replace(wish, number=known.get(wish.number, wish.number))


def _meant(wish: Wish) -> sa.ColumnElement[bool]:
    """The contacts that the wish is about."""
    theirs = [debtors.c.client_id == wish.client_id] if wish.client_id != EVERY_CLIENT else []
    if wish.debtor_ref is not None:
        theirs.append(debtors.c.ref == wish.debtor_ref)
    if wish.number is None:
        return contacts.c.debtor_id.in_(sa.select(debtors.c.id).where(*theirs))
    # The few who have the number are found first; a client may have a million debtors.
    have_it = contacts.c.id.in_(sa.select(numbers.c.contact_id).where(numbers.c.e164 == wish.number))
    are_meant = sa.exists().where(debtors.c.id == contacts.c.debtor_id, *theirs).correlate(contacts)
    return have_it & are_meant


def _changed(action: Action, before: Suppression | None, after: Suppression, actor: str, now: datetime) -> Change:
    was, is_now = difference(_written(before) if before else {}, _written(after))
    return Change(action, now, actor, after.wish.client_id, str(after.id), was, is_now)


def _written(suppression: Suppression) -> dict[str, Any]:
    lifted_at = suppression.lifted_at
    return _body(suppression) | {"note": suppression.wish.note, "lifted_at": lifted_at and lifted_at.isoformat()}


def _told(type_: EventType, suppression: Suppression, actor: str, now: datetime) -> FeedEvent:
    return FeedEvent(type_, now, suppression.wish.client_id, actor=actor, body=_body(suppression))


def _told_of_cases(connection: sa.Connection, suppression: Suppression, now: datetime) -> Iterator[FeedEvent]:
    told_as = TOLD_AS.get(suppression.wish.reason)
    if told_as is None:
        return
    for client, case, campaign, contact in connection.execute(_OPEN_CASES.where(_meant(suppression.wish))):
        yield FeedEvent(told_as, now, client, case, suppression.actor, campaign, contact, body=_body(suppression))


def _body(suppression: Suppression) -> dict[str, Any]:
    wish = suppression.wish
    said = {
        "number": wish.number and masked(wish.number),
        "debtor_id": wish.debtor_ref,
        "until": wish.until and wish.until.isoformat(),
    }
    named = {name: value for name, value in said.items() if value is not None}
    return {"suppression_id": suppression.id, "reason": wish.reason} | named


def _find(connection: sa.Connection, suppression_id: int) -> Suppression | None:
    row = connection.execute(sa.select(suppressions).where(suppressions.c.id == suppression_id)).one_or_none()
    return None if row is None else _suppression(row)


def _list(connection: sa.Connection, which: SuppressionFilter, after: int, limit: int) -> list[Suppression]:
    query = sa.select(suppressions).where(suppressions.c.id > after).order_by(suppressions.c.id).limit(limit)
    if which.number is not None:
        query = query.where(suppressions.c.number.in_([which.number, *erased_numbers(connection, [which.number])]))
    for name in ("client_id", "debtor_ref", "reason"):
        if (wanted := getattr(which, name)) is not None:
            query = query.where(suppressions.c[name] == wanted)
    if which.is_lifted is not None:
        query = query.where(
            suppressions.c.lifted_at.is_not(None) if which.is_lifted else suppressions.c.lifted_at.is_(None)
        )
    return [_suppression(row) for row in connection.execute(query)]


def _suppression(row: Any) -> Suppression:
    wish = Wish(row.client_id, row.number, row.debtor_ref, SuppressionReason(row.reason), row.note, row.until)
    return Suppression(row.id, wish, row.actor, row.created_at, row.lifted_at, row.lifted_by)
