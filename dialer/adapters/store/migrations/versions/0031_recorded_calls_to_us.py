"""Recordings of calls to us, beside those of attempts"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recorded_calls",
        sa.Column("call_id", sa.String(length=80), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.execute("INSERT INTO recorded_calls (call_id, begun_at) SELECT attempt_id, begun_at FROM recorded_talks")
    op.drop_table("recorded_talks")
    op.create_index("ix_recorded_calls_begun_at", "recorded_calls", ["begun_at"])


def downgrade() -> None:
    op.create_table(
        "recorded_talks",
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_recorded_talks_attempt_id"),
        sa.PrimaryKeyConstraint("attempt_id"),
    )
    op.execute(
        "INSERT INTO recorded_talks (attempt_id, begun_at) "
        "SELECT call_id, begun_at FROM recorded_calls WHERE call_id IN (SELECT id FROM attempts)"
    )
    op.drop_table("recorded_calls")
    op.create_index("ix_recorded_talks_begun_at", "recorded_talks", ["begun_at"])
