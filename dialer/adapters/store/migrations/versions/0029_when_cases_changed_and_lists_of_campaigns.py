"""When cases changed, and which campaigns a list was for"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE cases SET changed_at = (SELECT received_at FROM batches WHERE batches.id = cases.batch)")
    op.create_index("ix_cases_changed", "cases", ["changed_at", "id"])
    op.create_table(
        "batch_campaigns",
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name="fk_batch_campaigns_batch"),
        sa.PrimaryKeyConstraint("campaign_id", "batch"),
    )
    op.create_index("ix_batch_campaigns_batch", "batch_campaigns", ["batch"])
    op.execute("INSERT INTO batch_campaigns (campaign_id, batch) SELECT DISTINCT campaign_id, batch FROM cases")


def downgrade() -> None:
    op.drop_table("batch_campaigns")
    op.drop_index("ix_cases_changed", "cases")
    op.drop_column("cases", "changed_at")
