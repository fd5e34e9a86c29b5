"""From which day services may be suspended, and on which a demand was sent"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("block_date", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("letter_date", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "letter_date")
    op.drop_column("cases", "block_date")
