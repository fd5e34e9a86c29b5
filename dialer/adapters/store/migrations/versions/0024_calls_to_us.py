"""Calls to the numbers of brands"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbound_calls",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("brand_id", sa.String(length=120), nullable=False),
        sa.Column("dialled", sa.String(length=16), nullable=False),
        sa.Column("caller", sa.String(length=16), nullable=True),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("heard_ms", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=100), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("has_told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_inbound_calls_debtor", "inbound_calls", ["debtor_id", "began_at"])
    op.create_index("ix_inbound_calls_client", "inbound_calls", ["client_id", "began_at"])


def downgrade() -> None:
    op.drop_table("inbound_calls")
