"""Settings that nobody can mean become those that come nearest

Campaigns could begin or end at the ends of the calendar, which no clock shows, and be named with control characters.
"""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KEPT = (
    ("campaigns", "settings", sa.String()),
    ("brands", "settings", sa.String()),
    ("batches", "mailing", sa.Integer()),
)
MOMENTS = {  # the first and the last that can be meant, whatever the offset; a span still begins before it ends
    "not_before": ("1970-01-02T00:00:00Z", "2199-12-30T00:00:00Z"),
    "not_after": ("1970-01-03T00:00:00Z", "2199-12-31T00:00:00Z"),
}
NAMES = ("profile", "brand", "brand_neutral", "creditor", "voice", "block_subject", "registry", "name", "neutral_name")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def upgrade() -> None:
    connection = op.get_bind()
    for table, column, key in KEPT:
        kept = sa.table(table, sa.column("id", key), sa.column(column, sa.JSON(none_as_null=True)))
        for row in connection.execute(sa.select(kept)).all():
            said: dict[str, Any] = row[1] or {}
            mended = {name: _mended(name, value) for name, value in said.items()}
            if mended != said:
                connection.execute(kept.update().where(kept.c.id == row.id).values({column: mended}))


def downgrade() -> None:
    """What they were before is not known any more."""


def _mended(name: str, value: Any) -> Any:
    match value:
        case str() if name in MOMENTS:
            first, last = MOMENTS[name]
            return max(first, min(value, last))
        case str() if name in NAMES:
            return CONTROL.sub(" ", value)
    return value
