"""What budgets are counted over, versions of balances, do-not-call, the global stop, and the feed of events"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "batches": (sa.Column("actor", sa.String(length=40), server_default="engine", nullable=False),),
        "contacts": (
            sa.Column("waits_for", sa.String(length=40), nullable=True),
            sa.Column("outcomes", sa.JSON(), nullable=True),
            sa.Column("last_outcome", sa.String(length=16), nullable=True),
            sa.Column("last_number", sa.String(length=16), nullable=True),
            sa.Column("last_placed_at", MOMENT, nullable=True),
            sa.Column("last_ended_at", MOMENT, nullable=True),
            sa.Column("next_round", MOMENT, nullable=True),
        ),
        "cases": (
            sa.Column("state", sa.String(length=20), server_default="open", nullable=False),
            sa.Column("closed_at", MOMENT, nullable=True),
            sa.Column("dispute", sa.String(length=10), nullable=True),
        ),
        "attempts": (sa.Column("debtor_id", sa.BigInteger(), server_default="0", nullable=False),),
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    _say_whose_attempts_they_are()
    op.create_index("ix_attempts_debtor", "attempts", ["debtor_id", "saved_at"])
    op.create_index("ix_attempts_number", "attempts", ["number", "saved_at"])
    op.create_index("ix_numbers_e164", "numbers", ["e164"])
    _create_balances()
    _create_suppressions()
    _create_stop_order()
    _create_events()


def _say_whose_attempts_they_are() -> None:
    op.execute(
        "UPDATE attempts SET debtor_id = (SELECT debtor_id FROM contacts WHERE contacts.id = attempts.contact_id)"
    )
    for column, value in (
        ("last_outcome", "disposition"),
        ("last_number", "number"),
        ("last_placed_at", "placed_at"),
        ("last_ended_at", "ended_at"),
    ):
        op.execute(
            f"UPDATE contacts SET {column} = (SELECT {value} FROM attempts WHERE attempts.contact_id = contacts.id "  # noqa: S608
            "AND attempts.counted ORDER BY ordinal DESC LIMIT 1)"
        )


def _create_balances() -> None:
    op.create_table(
        "balances",
        sa.Column("case", BIG_KEY, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("paid_amount", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_balances_case"),
        sa.PrimaryKeyConstraint("case", "version"),
    )


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("debtor_ref", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suppressions_number", "suppressions", ["number"])
    op.create_index("ix_suppressions_client", "suppressions", ["client_id", "debtor_ref"])


def _create_stop_order() -> None:
    op.create_table(
        "stop_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), nullable=False),
        sa.Column("hangs_up", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("ordered_at", MOMENT, nullable=False),
        sa.Column("obeyed", sa.Integer(), nullable=False),
        sa.Column("obeyed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("attempt_id", sa.String(length=32), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_events_client", "events", ["client_id", "seq"])
    op.create_index("ix_events_case", "events", ["client_id", "case_id", "seq"])
    counter = op.create_table(
        "event_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(counter, [{"id": 1, "last": 0}])


def downgrade() -> None:
    for table in ("event_counter", "events", "stop_order", "suppressions", "balances"):
        op.drop_table(table)
    op.drop_index("ix_numbers_e164", table_name="numbers")
    op.drop_index("ix_attempts_number", table_name="attempts")
    op.drop_index("ix_attempts_debtor", table_name="attempts")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
