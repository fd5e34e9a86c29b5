"""How are thousands of rows written without spending more time in Python than in the database?

The same statement through ``Connection.execute`` builds and translates a dictionary of parameters for every row, which
costs several times what SQLite needs to write it. Here it is compiled once, and the driver gets plain values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

Row = Mapping[str, Any]
T = TypeVar("T")

PORTION = 1000  # values that one statement names: SQLite and PostgreSQL bound them


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, as many at a time as one statement may name."""
    return (values[first : first + PORTION] for first in range(0, len(values), PORTION))


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    parameters: Callable[[Row], Any]


class Bulk:
    """An INSERT or UPDATE that is run for many rows; ``make`` builds it for the kind of database that is connected.

    ``columns`` are those that an INSERT gets from each row; an UPDATE names what it gets by ``bindparam``.
    """

    def __init__(self, columns: Sequence[str], make: Callable[[sa.Connection], sa.Insert | sa.Update]) -> None:
        self._columns = tuple(columns)
        self._make = make
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> int:
        """Every row has all that is bound, under its name. How many rows of the table were made or changed."""
        if not rows:
            return 0
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = self._compile(connection)
        return connection.exec_driver_sql(compiled.text, [compiled.parameters(row) for row in rows]).rowcount

    def _compile(self, connection: sa.Connection) -> _Compiled:
        dialect = connection.dialect
        compiled = self._make(connection).compile(dialect=dialect, column_keys=list(self._columns) or None)
        constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        translate = {
            name: processor
            for name, bind in compiled.binds.items()
            if bind.required and (processor := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }

        def by_name(row: Row) -> dict[str, Any]:
            values = {**row, **constants}
            for name, processor in translate.items():
                values[name] = processor(values[name])
            return values

        if not compiled.positional:
            return _Compiled(str(compiled), by_name)
        in_order = itemgetter(*(compiled.positiontup or ()))
        return _Compiled(str(compiled), lambda row: in_order(by_name(row)))
