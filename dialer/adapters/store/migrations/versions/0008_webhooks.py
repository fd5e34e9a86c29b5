"""Who is told of events, and what could not be told"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("types", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("former_secret", sa.String(length=80), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_since", MOMENT, nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("because", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("webhook_id", BIG_KEY, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("because", sa.String(length=300), nullable=False),
        sa.Column("given_up_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_dead_letters_webhook_id"),
        sa.PrimaryKeyConstraint("webhook_id", "seq"),
    )


def downgrade() -> None:
    op.drop_table("dead_letters")
    op.drop_table("webhooks")
