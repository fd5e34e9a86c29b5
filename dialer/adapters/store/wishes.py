"""Against calling whom does somebody's wish stand?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from dialer.adapters.store.contact_tables import debtors
from dialer.adapters.store.pseudonyms import erased_numbers
from dialer.adapters.store.refusal_tables import suppressions
from dialer.core.choice import SUPPRESSED
from dialer.core.retry import Number

_SUPPRESSIONS = sa.select(suppressions.c.number, suppressions.c.debtor_ref, debtors.c.id).select_from(
    suppressions.outerjoin(
        debtors, (debtors.c.client_id == suppressions.c.client_id) & (debtors.c.ref == suppressions.c.debtor_ref)
    )
)
# Not asked for its end: a wish holds until it is lifted, also when its time is over and nobody has lifted it yet.
_HOLDS = sa.and_(suppressions.c.lifted_at.is_(None), suppressions.c.client_id.in_(["", sa.bindparam("client")]))
_STANDING = sa.union_all(
    _SUPPRESSIONS.where(_HOLDS, suppressions.c.number.in_(sa.bindparam("numbers", expanding=True))),
    _SUPPRESSIONS.where(
        _HOLDS, suppressions.c.number.is_(None), debtors.c.id.in_(sa.bindparam("debtors", expanding=True))
    ),
    _SUPPRESSIONS.where(_HOLDS, suppressions.c.number.is_(None), suppressions.c.debtor_ref.is_(None)),
)


@dataclass(slots=True)
class Wishes:
    """Those about some debtors and numbers of one client."""

    _debtors: set[int | None] = field(default_factory=set)  # None: all of the client's
    _numbers: set[tuple[str, int | None]] = field(default_factory=set)  # None: whoever is meant

    def __bool__(self) -> bool:
        return bool(self._debtors or self._numbers)

    def protect(self, debtor_id: int) -> bool:
        """Whether the debtor is not to be called at all."""
        return not self._debtors.isdisjoint((None, debtor_id))

    def forbid(self, debtor_id: int, e164: str) -> bool:
        """Whether the debtor is not to be called on that number."""
        return self.protect(debtor_id) or not self._numbers.isdisjoint(((e164, None), (e164, debtor_id)))

    def may_be_called(self, debtor_id: int, listed: Sequence[Number]) -> list[Number]:
        """The numbers, retired where a wish is about them."""
        if not self._numbers:
            return list(listed)
        return [
            number
            if self._numbers.isdisjoint(((number.e164, None), (number.e164, debtor_id)))
            else replace(number, retired=SUPPRESSED)
            for number in listed
        ]


def wishes(connection: sa.Connection, client_id: str, debtor_ids: Iterable[int], e164: Iterable[str]) -> Wishes:
    """Read those in force that are about any of these debtors or numbers."""
    found = Wishes()
    named = list(e164)
    erased = erased_numbers(connection, named)
    asked = {"client": client_id, "debtors": list(debtor_ids), "numbers": [*named, *erased]}
    for said, ref, debtor_id in connection.execute(_STANDING, asked):
        number = said and erased.get(said, said)
        if ref is not None and debtor_id is None:  # of a debtor whom we do not know
            continue
        if number is None:
            found._debtors.add(debtor_id)
        else:
            found._numbers.add((number, debtor_id))
    return found
