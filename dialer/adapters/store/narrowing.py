"""Which rows of a table does a list show? Whatever was not asked for narrows nothing."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

Asked = tuple[Callable[[Any, Any], Any], sa.ColumnElement[Any], object]


def narrowed(query: sa.Select[Any], *asked: Asked) -> sa.Select[Any]:
    """The query with each comparison (``operator.eq`` …) of a column and a value that is not None."""
    return query.where(*(compares(column, value) for compares, column, value in asked if value is not None))
