"""Which rows of a call list are about somebody who asked not to be called?

Such a row is kept like any other, so that its contact is there when the wish is lifted; its sender is told, and the
contact is finished at once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.contact_tables import contacts, debtors
from dialer.adapters.store.pseudonyms import erased_numbers, pseudonyms
from dialer.adapters.store.reconsider import reconsider
from dialer.adapters.store.refusal_tables import suppressions
from dialer.adapters.store.staged import IS_ITS_DEBTOR, KEPT, Portion, staged_numbers, staged_rows
from dialer.adapters.store.wishes import wishes
from dialer.core.codes import Code
from dialer.core.suppressions import codes_for
from dialer.model import FinishReason


@dataclass(slots=True)
class OptedOut:
    """Those of a portion of a list."""

    codes: dict[int, Sequence[Code]] = field(default_factory=dict)  # by row
    debtors: set[int] = field(default_factory=set)  # of whom a row names nobody who may be called
    known: set[int] = field(default_factory=set)  # contacts of theirs that are not called for that reason already


_IS_STANDING = suppressions.c.lifted_at.is_(None) & suppressions.c.client_id.in_(["", staged_rows.c.client_id])
_OF_NUMBER = sa.exists().where(
    staged_numbers.c.row == staged_rows.c.row,
    suppressions.c.number == staged_numbers.c.e164,
    _IS_STANDING,
)
_OF_DEBTOR = sa.exists().where(
    suppressions.c.number.is_(None),
    suppressions.c.debtor_ref.is_(None) | (suppressions.c.debtor_ref == staged_rows.c.ref),
    _IS_STANDING,
)
_CANDIDATES = (
    sa.select(staged_rows.c.row, staged_rows.c.client_id, staged_rows.c.phones, debtors.c.id)
    .select_from(staged_rows.join(debtors, IS_ITS_DEBTOR))
    .where(
        KEPT,
        _OF_NUMBER | _OF_DEBTOR | staged_rows.c.row.in_(sa.bindparam("erased", expanding=True)),
    )
    .order_by(staged_rows.c.row)
)
_NUMBERS = (
    sa.select(staged_numbers.c.row, staged_numbers.c.e164)
    .join(staged_rows, staged_rows.c.row == staged_numbers.c.row)
    .where(KEPT)
)
_IS_ANY = sa.select(sa.exists().where(suppressions.c.lifted_at.is_(None)))


def opted_out(connection: sa.Connection, portion: Portion) -> OptedOut:
    """Of staged rows; to be asked before their contacts begin anew."""
    found, of_client = OptedOut(), defaultdict(list)
    if not connection.execute(_IS_ANY).scalar_one():
        return found
    erased = list(_with_erased_numbers(connection, portion))
    for row in connection.execute(_CANDIDATES, {**portion.told, "erased": erased}):
        of_client[row.client_id].append((row.row, row.id, [phone.split(":")[0] for phone in row.phones.split()]))
    for client, rows in of_client.items():
        standing = wishes(
            connection, client, {debtor for _, debtor, _ in rows}, {e164 for *_, of in rows for e164 in of}
        )
        for row, debtor, numbers in rows:
            forbidden = [number for number in numbers if standing.forbid(debtor, number)]
            codes = codes_for(numbers, forbidden, is_debtor_suppressed=standing.protect(debtor))
            if codes:
                found.codes[row] = codes
            if Code.B_DO_NOT_CALL in codes:
                found.debtors.add(debtor)
    if found.debtors:
        by_wish = contacts.c.debtor_id.in_(found.debtors) & (contacts.c.finished == FinishReason.DO_NOT_CALL)
        found.known.update(connection.execute(sa.select(contacts.c.id).where(by_wish)).scalars())
    return found


def _with_erased_numbers(connection: sa.Connection, portion: Portion) -> set[int]:
    """Rows that name a number of somebody who was erased."""
    rows = defaultdict(list)
    if pseudonyms(connection) is not None:
        for row, e164 in connection.execute(_NUMBERS, portion.told):
            rows[e164].append(row)
    by_name = erased_numbers(connection, rows)
    wished: set[str] = set()
    for some in portions(sorted(by_name)):
        kept = sa.select(suppressions.c.number).where(suppressions.c.number.in_(some))
        wished.update(connection.execute(kept).scalars())
    return {row for name in wished for row in rows[by_name[name]]}


def finish_opted_out(connection: sa.Connection, them: OptedOut, now: datetime) -> defaultdict[FinishReason, list[int]]:
    """Finish those who would be called; whose end is to be told of: not of those who ended so before the list."""
    if not them.debtors:
        return defaultdict(list)
    ended = reconsider(connection, contacts.c.debtor_id.in_(them.debtors), now).ended
    for reason, these in ended.items():
        ended[reason] = [contact for contact in these if contact not in them.known]
    return ended
