"""Which staged rows name a case that an earlier row of their list names?

Asked of the database when all rows are staged: sorting them needs no memory that grows with the list, and rows may be
judged in any order.
"""

from array import array
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.bulk import portions
from dialer.adapters.store.staged import IS_KEPT, OF_CASE, OF_DEBTOR, staged_numbers, staged_rows
from dialer.core.rows.repeats import repeated

_CASE = (staged_rows.c.client_id, staged_rows.c.case_id)
_NAMED_TWICE = sa.select(*_CASE).where(IS_KEPT).group_by(*_CASE).having(sa.func.count() > 1)
_SAID = (*(staged_rows.c[name] for name in (*OF_CASE, "ref", *OF_DEBTOR)), staged_rows.c.phones)
_ROWS = (
    sa.select(staged_rows.c.row, *_SAID).where(sa.tuple_(*_CASE).in_(_NAMED_TWICE)).order_by(*_CASE, staged_rows.c.row)
)
_FORGOTTEN = {name: None for name in (*OF_CASE, "ref", *OF_DEBTOR, "zone") if name != "case_id"}
_PAGE = 1000


def refuse_repeats(connection: sa.Connection) -> None:
    """They get their verdict, and nothing of them is kept."""
    found = {True: array("l"), False: array("l")}
    for row, says_the_same in _repeats(connection):
        found[says_the_same].append(row)
    for says_the_same, rows in found.items():
        status, code = repeated(says_the_same=says_the_same)
        verdict = {"status": status, "codes": code, "phones": ""} | _FORGOTTEN
        for some in portions(rows):
            connection.execute(staged_rows.update().where(staged_rows.c.row.in_(some)).values(verdict))
            connection.execute(staged_numbers.delete().where(staged_numbers.c.row.in_(some)))


def _repeats(connection: sa.Connection) -> Iterator[tuple[int, bool]]:
    """Each of them, and whether it says the same as the first."""
    named = connection.execute(_ROWS.execution_options(yield_per=_PAGE))
    for _, rows in groupby(named, key=lambda row: (row.client_id, row.case_id)):
        first: list[Any] = []
        for row, *said in rows:
            if first:
                yield row, said == first
            first = first or said
