"""How are thousands of rows written without spending more time in Python than in the database?

The same statement through ``Connection.execute`` builds and translates a dictionary of parameters for every row, which
costs several times what SQLite needs to write it. Here it is compiled once, and the driver gets plain values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from dialer.adapters.store.schema import Moment

Row = Mapping[str, Any]
Prepared = Any  # a row as the driver takes it
T = TypeVar("T")

PORTION = 1000  # values that one statement names: SQLite and PostgreSQL bound them


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, as many at a time as one statement may name."""
    return (values[first : first + PORTION] for first in range(0, len(values), PORTION))


def is_among(connection: sa.Connection, column: sa.Column[T], values: Sequence[T]) -> sa.ColumnElement[bool]:
    """Whether the column has one of many values. PostgreSQL looks them up in an array, and walks through a list."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    parameters: Callable[[Row], Any]
    order: Sequence[str] | None  # in which the driver wants the values; None: by their names
    translate: Mapping[str, Callable[[Any], Any]]  # of the columns whose values are not as the driver takes them


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
        return self.run_prepared(connection, self.prepare(connection, rows))

    def run_ordered(self, connection: sa.Connection, rows: Iterable[Sequence[Any]]) -> int:
        """As ``run``, for an INSERT of every column and rows that have the values in their order."""
        compiled = self._for(connection)
        translated = [
            (place, compiled.translate[name]) for place, name in enumerate(self._columns) if name in compiled.translate
        ]
        lists = [list(row) for row in rows]
        for place, translate in translated:
            for each in lists:
                each[place] = translate(each[place])
        if compiled.order is None:
            return self.run_prepared(connection, [dict(zip(self._columns, each, strict=True)) for each in lists])
        return self.run_prepared(connection, [tuple(each) for each in lists])

    def prepare(self, connection: sa.Connection, rows: Iterable[Row]) -> list[Prepared]:
        """The rows as the driver wants them; work that need not be done while others wait for a transaction."""
        parameters = self._for(connection).parameters
        return [parameters(row) for row in rows]

    def run_prepared(self, connection: sa.Connection, prepared: Sequence[Prepared]) -> int:
        if not prepared:
            return 0
        return connection.exec_driver_sql(self._for(connection).text, prepared).rowcount

    def put(
        self, connection: sa.Connection, prepared: Sequence[Prepared], name: str, values: Iterable[int]
    ) -> list[Prepared]:
        """The prepared rows with one value each put in place, which the driver takes as it is."""
        order = self._for(connection).order
        if order is None:
            return [{**row, name: value} for row, value in zip(prepared, values, strict=True)]
        place = order.index(name)
        return [(*row[:place], value, *row[place + 1 :]) for row, value in zip(prepared, values, strict=True)]

    def _for(self, connection: sa.Connection) -> _Compiled:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = self._compiled[connection.dialect.name] = self._compile(connection)
        return compiled

    def _compile(self, connection: sa.Connection) -> _Compiled:
        dialect = connection.dialect
        compiled = self._make(connection).compile(dialect=dialect, column_keys=list(self._columns) or None)
        constants = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        translate = {
            # The same few moments and days stand in thousands of rows.
            name: lru_cache(maxsize=4096)(processor) if isinstance(bind.type, Moment | sa.Date) else processor
            for name, bind in compiled.binds.items()
            if bind.required and (processor := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }

        def by_name(row: Row) -> dict[str, Any]:
            values = {**row, **constants}
            for name, processor in translate.items():
                values[name] = processor(values[name])
            return values

        if not compiled.positional:
            return _Compiled(str(compiled), by_name, None, translate)
        order = compiled.positiontup or []
        in_order = itemgetter(*order)
        return _Compiled(str(compiled), lambda row: in_order(by_name(row)), order, translate)
