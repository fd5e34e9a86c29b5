"""How often a key may ask"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("per_second", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("api_keys", "per_second")
