"""What has become of each promise to pay; those made before are left as they are"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = sa.text("promise_state = 'open'")


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("promised_amount", sa.BigInteger(), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_in", sa.String(length=32), nullable=True),
        sa.Column("promise_state", sa.String(length=10), nullable=True),
        sa.Column("promise_reminded", sa.Date(), nullable=True),
    )


def upgrade() -> None:
    for column in _added():
        op.add_column("cases", column)
    op.create_index("ix_cases_promised", "cases", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_cases_promised", table_name="cases")
    with op.batch_alter_table("cases") as altered:
        for column in _added():
            altered.drop_column(column.name)
