"""Which rows of a call list are about somebody who was erased? Nothing of them is kept but that they were refused."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.contact_tables import debtors
from dialer.adapters.store.pseudonyms import Pseudonyms, pseudonyms
from dialer.adapters.store.staged import KEPT, OF_CASE, OF_DEBTOR, Portion, staged_numbers, staged_rows
from dialer.core.codes import Code
from dialer.core.rows.verdicts import Status

REFUSED = Status.REJECTED
_DEBTORS = sa.select(staged_rows.c.row, staged_rows.c.client_id, staged_rows.c.ref).where(KEPT)
_NOTHING = {name: None for name in (*OF_CASE, *OF_DEBTOR, "ref", "zone") if name != "case_id"}


def refuse_erased(connection: sa.Connection, portion: Portion) -> None:
    """To be called before anything of the staged rows is kept."""
    names = pseudonyms(connection)
    if names is None:
        return
    rows = list(_rows_of_erased(connection, portion, names))
    if not rows:
        return
    connection.execute(staged_numbers.delete().where(staged_numbers.c.row.in_(rows)))
    refused = {"status": REFUSED, "codes": Code.E_ERASED, "phones": ""}
    connection.execute(staged_rows.update().where(staged_rows.c.row.in_(rows)).values(**_NOTHING, **refused))


def _rows_of_erased(connection: sa.Connection, portion: Portion, names: Pseudonyms) -> Iterator[int]:
    known = defaultdict(list)
    for row, client, ref in connection.execute(_DEBTORS, portion.told):
        known[client, names.debtor(client, ref)].append(row)
    for some in portions(sorted({name for _, name in known})):
        erased = sa.select(debtors.c.client_id, debtors.c.ref).where(debtors.c.ref.in_(some))
        for client, name in connection.execute(erased):
            yield from known.get((client, name), ())
