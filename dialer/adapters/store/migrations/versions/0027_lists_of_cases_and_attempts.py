"""Lists of cases and attempts: indexes that give their rows in order"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

WHOLE = (
    ("ix_cases_client", "cases", ["client_id", "id"]),
    ("ix_cases_campaign", "cases", ["campaign_id", "id"]),
    ("ix_attempts_saved", "attempts", ["saved_at", "id"]),
    ("ix_attempts_of_campaign", "attempts", ["campaign_id", "saved_at", "id"]),
)
PARTIAL = (
    ("ix_cases_closed", "cases", ["state", "id"], "closed_at IS NOT NULL"),
    ("ix_cases_disputed", "cases", ["dispute", "id"], "dispute IS NOT NULL"),
    ("ix_cases_held", "cases", ["hold", "id"], "hold IS NOT NULL"),
    ("ix_cases_promised", "cases", ["promise_state", "id"], "promise_state IS NOT NULL"),
    ("ix_attempts_agent", "attempts", ["agent_id", "saved_at", "id"], "agent_id IS NOT NULL"),
)


def upgrade() -> None:
    op.drop_index("ix_cases_promised", "cases")
    for name, table, columns in WHOLE:
        op.create_index(name, table, columns)
    for name, table, columns, condition in PARTIAL:
        _partial(name, table, columns, condition)


def downgrade() -> None:
    for name, table, *_ in (*WHOLE, *PARTIAL):
        op.drop_index(name, table)
    _partial("ix_cases_promised", "cases", ["id"], "promise_state = 'open'")


def _partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
