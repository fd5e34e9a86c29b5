"""Clients, and what each has decided"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("after_rejected_dispute", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "INSERT INTO clients (id, name, after_rejected_dispute, revision, created_at, updated_at) "
        "SELECT client_id, client_id, 'call', 1, min(created_at), min(created_at) FROM campaigns GROUP BY client_id"
    )


def downgrade() -> None:
    op.drop_table("clients")
