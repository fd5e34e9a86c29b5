"""Who answered, and what machines get"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KNOWN = {"hang_up", "message", "limited", "retry"}


def upgrade() -> None:
    op.add_column("attempts", sa.Column("detection", sa.JSON(none_as_null=True), nullable=True))
    campaigns = sa.table("campaigns", sa.column("id", sa.String), sa.column("settings", sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(campaigns.c.id, campaigns.c.settings)).all():
        # It was any text, and had no effect.
        if row.settings.get("voicemail") not in (*KNOWN, None):
            kept = {name: value for name, value in row.settings.items() if name != "voicemail"}
            connection.execute(campaigns.update().where(campaigns.c.id == row.id).values(settings=kept))


def downgrade() -> None:
    op.drop_column("attempts", "detection")
