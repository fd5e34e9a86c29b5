"""Tries of a number in a row that met a network without room"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("numbers", sa.Column("congested", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("numbers", "congested")
