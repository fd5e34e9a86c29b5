"""Where is kept who is not to be called?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import BigKey, Moment, metadata
from dialer.ports.store import LONGEST_REASON

# Who asked not to be called. Kept apart from the lists, so that no list can bring anybody back.
suppressions = sa.Table(
    "suppressions",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(120), nullable=False),  # "": of every client
    sa.Column("number", sa.String(16)),  # None: every number
    sa.Column("debtor_ref", sa.String(64)),  # None: whoever has the number; both None: the client calls nobody
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("note", sa.String(500)),
    sa.Column("actor", sa.String(40), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("until", Moment),
    sa.Column("lifted_at", Moment),
    sa.Column("lifted_by", sa.String(40)),
    sa.Index("ix_suppressions_number", "number"),
    sa.Index("ix_suppressions_client", "client_id", "debtor_ref"),
)

# The global stop: one row. The engine notes the revision that it has seen to be obeyed.
stop_order = sa.Table(
    "stop_order",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # 1
    sa.Column("is_stopped", sa.Boolean, nullable=False),
    sa.Column("hangs_up", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(LONGEST_REASON)),
    sa.Column("actor", sa.String(40), nullable=False),
    sa.Column("ordered_at", Moment, nullable=False),
    sa.Column("obeyed", sa.Integer, nullable=False),
    sa.Column("obeyed_at", Moment),
)
