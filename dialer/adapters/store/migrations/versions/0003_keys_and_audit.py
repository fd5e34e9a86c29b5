"""Keys that expire, are rotated and show their last use; the log of who changed what"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY
REFUSAL = "what is written in the audit log stays"
ADDED: dict[str, sa.types.TypeEngine[Any]] = {
    "expires_at": MOMENT,
    "last_used_at": MOMENT,
    "rotated_at": MOMENT,
    "former_hash": sa.String(length=64),
    "former_until": MOMENT,
}


def upgrade() -> None:
    with op.batch_alter_table("api_keys") as keys:
        keys.alter_column("scopes", type_=sa.Text(), existing_type=sa.String(length=200), existing_nullable=False)
        for name, kind in ADDED.items():
            keys.add_column(sa.Column(name, kind, nullable=True))
    op.create_table(
        "audit",
        sa.Column("seq", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_client", "audit", ["client_id", "seq"])
    op.create_index("ix_audit_subject", "audit", ["subject", "seq"])
    _make_it_lasting()


def _make_it_lasting() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_no_{what} BEFORE {what.upper()} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()"
    )


def downgrade() -> None:
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_stays()")
    with op.batch_alter_table("api_keys") as keys:
        for name in ADDED:
            keys.drop_column(name)
        keys.alter_column("scopes", type_=sa.String(length=200), existing_type=sa.Text(), existing_nullable=False)
