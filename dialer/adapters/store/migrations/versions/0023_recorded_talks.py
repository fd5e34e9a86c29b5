"""Talks that were recorded"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recorded_talks",
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_recorded_talks_attempt_id"),
        sa.PrimaryKeyConstraint("attempt_id"),
    )
    op.create_index("ix_recorded_talks_begun_at", "recorded_talks", ["begun_at"])


def downgrade() -> None:
    op.drop_table("recorded_talks")
