"""Where is kept what clients have ordered?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import BigKey, Moment, metadata

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("id", sa.String(120), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("after_rejected_dispute", sa.String(10), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("owner", sa.String(120), nullable=False),  # the key's client; "" for the operator
    sa.Column("batch_id", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of the body: the same batch may be sent again
    sa.Column("mode", sa.String(10), nullable=False),
    sa.Column("mailing", sa.JSON),  # settings that override the campaign's
    sa.Column("state", sa.String(10), nullable=False),  # receiving, done, failed
    sa.Column("problem", sa.String(500)),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("notices", sa.JSON, nullable=False),  # [code, detail]: what the sender should know of the file
    sa.Column("as_of", Moment),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("actor", sa.String(40), nullable=False, server_default="engine"),
    sa.UniqueConstraint("owner", "batch_id", name="uq_batches_owner"),
)

batch_rows = sa.Table(
    "batch_rows",
    metadata,
    sa.Column("batch", BigKey, sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.String(64), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("codes", sa.Text, nullable=False),  # separated by blanks
    sa.Column("phones", sa.String(400), nullable=False),  # number:type, separated by blanks
    sa.Index("ix_batch_rows_case", "case_id"),
)

# Which campaigns rows of a list were taken for.
batch_campaigns = sa.Table(
    "batch_campaigns",
    metadata,
    sa.Column("campaign_id", sa.String(64), primary_key=True),
    sa.Column("batch", BigKey, sa.ForeignKey("batches.id"), primary_key=True, autoincrement=False),
    sa.Index("ix_batch_campaigns_batch", "batch"),
)

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("campaign_id", sa.String(64), sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("batch", BigKey, nullable=False),  # 0: the campaign's own settings
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.UniqueConstraint("campaign_id", "batch", "timezone", name="uq_lanes_campaign_id"),
)

# What callees hear, agreed with the client: one row for each version. ``sources`` are never changed once approved.
scenarios = sa.Table(
    "scenarios",
    metadata,
    sa.Column("client_id", sa.String(120), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(10), nullable=False),  # draft, approved, retired
    sa.Column("sources", sa.JSON, nullable=False),  # the text of each file by its name, the flow's own as its first
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("created_by", sa.String(80), nullable=False),
    sa.Column("approved_at", Moment),
    sa.Column("approved_by", sa.String(120)),  # a person's name
    sa.Column("retired_at", Moment),
    sa.Column("retired_by", sa.String(80)),
)

# What pacing has learnt of each campaign, kept from day to day.
pacing = sa.Table(
    "pacing",
    metadata,
    sa.Column("campaign_id", sa.String(64), primary_key=True),
    sa.Column("learned", sa.JSON, nullable=False),
    sa.Column("kept_at", Moment, nullable=False),
)
