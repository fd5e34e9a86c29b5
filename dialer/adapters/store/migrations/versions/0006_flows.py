"""What callees answered with keys, what follows for cases, and scenarios with their versions"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "attempts": (
            sa.Column("flow", sa.String(length=100), nullable=True),
            sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        ),
        "cases": (
            sa.Column("promised_by", sa.Date(), nullable=True),
            sa.Column("paid_claimed_at", MOMENT, nullable=True),
        ),
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "scenarios",
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(length=120), nullable=True),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("retired_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "name", "version"),
    )


def downgrade() -> None:
    op.drop_table("scenarios")
    for table, columns in _added().items():
        with op.batch_alter_table(table) as altered:
            for column in columns:
                altered.drop_column(column.name)
