"""Cases that their client holds"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("hold", sa.String(length=10), nullable=True))
    op.add_column("cases", sa.Column("hold_reason", sa.String(length=20), nullable=True))
    op.add_column("cases", sa.Column("hold_note", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for column in ("hold_note", "hold_reason", "hold"):
        op.drop_column("cases", column)
