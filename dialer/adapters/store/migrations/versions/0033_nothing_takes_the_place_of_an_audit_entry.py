"""Nothing takes the place of an entry of the audit log"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # where REPLACE fires no trigger of DELETE
        op.execute(
            "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
            "WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) "
            "BEGIN SELECT RAISE(ABORT, 'what is written in the audit log stays'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_replace")
    else:
        op.execute("DROP TRIGGER audit_no_truncate ON audit")
