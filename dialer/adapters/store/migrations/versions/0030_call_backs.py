"""Call-backs that callers asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "call_backs",
        sa.Column("call_id", sa.String(length=80), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["inbound_calls.id"], name="fk_call_backs_call_id"),
        sa.PrimaryKeyConstraint("call_id"),
    )
    op.create_index(
        "ix_call_backs_open",
        "call_backs",
        ["asked_at", "call_id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.add_column("contacts", sa.Column("appointment_number", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("contacts", "appointment_number")
    op.drop_table("call_backs")
