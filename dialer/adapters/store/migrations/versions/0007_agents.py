"""Agents, and which of them an attempt was joined with"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("leg", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=32), nullable=True),
        sa.Column("has_line", sa.Boolean(), nullable=False),
        sa.Column("wish", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("phone", name="uq_agents_phone"),
    )
    op.add_column("attempts", sa.Column("agent_id", sa.String(length=40), nullable=True))
    op.add_column("attempts", sa.Column("waiting_at", MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("joined_at", MOMENT, nullable=True))


def downgrade() -> None:
    for column in ("joined_at", "waiting_at", "agent_id"):
        op.drop_column("attempts", column)
    op.drop_table("agents")
