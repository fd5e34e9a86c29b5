"""The list that an attempt follows"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("batch", sa.BigInteger(), nullable=True))
    op.execute("UPDATE attempts SET batch = (SELECT batch FROM contacts WHERE contacts.id = attempts.contact_id)")


def downgrade() -> None:
    op.drop_column("attempts", "batch")
