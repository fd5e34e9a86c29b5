"""Which rows of a call list are about somebody who asked not to be called?

Such a row is kept like any other, so that its contact is there when the wish is lifted; its sender is told, and the
contact is finished at once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from dialer.adapters.store.contact_rows import DebtorKey, Kept
from dialer.adapters.store.reconsider import reconsider
from dialer.adapters.store.tables import contacts
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


def opted_out(connection: sa.Connection, kept: Sequence[Kept], debtor_ids: Mapping[DebtorKey, int]) -> OptedOut:
    """To be asked before the rows' contacts begin anew."""
    found, of_client = OptedOut(), defaultdict(list)
    for taken, case in kept:
        numbers = [number.e164 for number in taken.verdict.numbers]
        of_client[case.client_id].append((taken.verdict.row, debtor_ids[case.client_id, case.debtor.id], numbers))
    for client, rows in of_client.items():
        standing = wishes(
            connection, client, {debtor for _, debtor, _ in rows}, {e164 for *_, of in rows for e164 in of}
        )
        for row, debtor, numbers in rows if standing else ():
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


def finish_opted_out(connection: sa.Connection, them: OptedOut, now: datetime) -> defaultdict[FinishReason, list[int]]:
    """Finish those who would be called; whose end is to be told of: not of those who ended so before the list."""
    if not them.debtors:
        return defaultdict(list)
    ended = reconsider(connection, contacts.c.debtor_id.in_(them.debtors), now).ended
    for reason, these in ended.items():
        ended[reason] = [contact for contact in these if contact not in them.known]
    return ended
