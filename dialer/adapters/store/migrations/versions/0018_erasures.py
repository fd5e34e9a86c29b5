"""Who was erased"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
REFUSAL = "what is written in the audit log stays"
OPENED = "SELECT 1 FROM audit_opened"
SAME = " AND ".join(
    f"NEW.{name} = OLD.{name}" for name in ("seq", "at", "actor", "origin", "action", "client_id", "subject")
)


def upgrade() -> None:
    op.create_table("audit_opened", sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "erasures",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("pseudonym", sa.String(length=16), nullable=False),
        sa.Column("debtor_ref", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("ordered_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_erasures_client", "erasures", ["client_id", "pseudonym"])
    op.create_table(
        "pseudonym_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _refuse(f"NOT (EXISTS ({OPENED}) AND {SAME})")


def _refuse(when: str) -> None:
    """The audit log: who, what and when stay for good; what personal it tells may go while somebody is erased."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute(
            f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND NOT ({when}) THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )


def downgrade() -> None:
    _refuse("TRUE")
    for table in ("pseudonym_key", "erasures", "audit_opened"):
        op.drop_table(table)
