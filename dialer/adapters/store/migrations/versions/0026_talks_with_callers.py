"""Talks of agents with those who call brands"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("inbound_calls") as altered:
        altered.add_column(sa.Column("agent_id", sa.String(length=40), nullable=True))
        altered.add_column(sa.Column("joined_at", MOMENT, nullable=True))
        altered.add_column(sa.Column("outcome", sa.String(length=24), nullable=True))
        altered.add_column(sa.Column("wrapped_up_at", MOMENT, nullable=True))
    with op.batch_alter_table("agents") as altered:  # an inbound call has a longer id than an attempt
        altered.alter_column("attempt_id", existing_type=sa.String(length=32), type_=sa.String(length=80))


def downgrade() -> None:
    with op.batch_alter_table("agents") as altered:
        altered.alter_column("attempt_id", existing_type=sa.String(length=80), type_=sa.String(length=32))
    with op.batch_alter_table("inbound_calls") as altered:
        for name in ("agent_id", "joined_at", "outcome", "wrapped_up_at"):
            altered.drop_column(name)
