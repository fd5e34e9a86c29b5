"""Where is kept what has happened?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import Moment, metadata

# Everything that happened to a case, in one order without gaps, written with the state that it tells of.
events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("type", sa.String(30), nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("case_id", sa.String(40)),
    sa.Column("actor", sa.String(40), nullable=False),
    sa.Column("campaign_id", sa.String(64)),
    sa.Column("contact_id", sa.BigInteger),
    sa.Column("attempt_id", sa.String(32)),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Index("ix_events_client", "client_id", "seq"),
    sa.Index("ix_events_case", "client_id", "case_id", "seq"),
)

# The last number given to an event: one row, locked until the transaction that took numbers is over.
event_counter = sa.Table(
    "event_counter",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # 1
    sa.Column("last", sa.BigInteger, nullable=False),
)
