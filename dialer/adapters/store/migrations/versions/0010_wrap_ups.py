"""What came of talks, and appointments"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("attempts", sa.Column("outcome", sa.String(length=16), nullable=True))
    op.add_column("attempts", sa.Column("wrapped_up_at", MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("wrap_up", sa.JSON(), nullable=True))
    op.add_column("contacts", sa.Column("appointment_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "appointment_at")
    for column in ("wrap_up", "wrapped_up_at", "outcome"):
        op.drop_column("attempts", column)
