"""What callees heard, and which rows of lists named a case"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("heard_text", sa.Text(), nullable=True))
    op.create_index("ix_batch_rows_case", "batch_rows", ["case_id"])


def downgrade() -> None:
    op.drop_index("ix_batch_rows_case", "batch_rows")
    op.drop_column("attempts", "heard_text")
