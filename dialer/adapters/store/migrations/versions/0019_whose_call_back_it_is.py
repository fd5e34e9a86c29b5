"""Whose call-back it is, and those that are due first"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_AGREED = sa.text("state = 'ready' AND appointment_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("appointment_agent", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_contacts_agreed",
        "contacts",
        ["lane_id", "appointment_at"],
        sqlite_where=_AGREED,
        postgresql_where=_AGREED,
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_agreed", "contacts")
    op.drop_column("contacts", "appointment_agent")
