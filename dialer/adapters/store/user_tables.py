"""Where is kept which people may ask, and who has signed in?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import Moment, metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("client_id", sa.String(120)),
    sa.Column("agent_id", sa.String(40)),
    sa.Column("password_hash", sa.String(200), nullable=False),  # Argon2id
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("totp_secret", sa.String(64)),  # unlike a password it has to be known
    sa.Column("totp_pending", sa.String(64)),
    sa.Column("totp_step", sa.BigInteger, nullable=False),
    sa.Column("recovery", sa.JSON, nullable=False),
    sa.Column("is_enabled", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Moment),
    sa.Column("created_at", Moment, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("secret_hash", sa.String(64), nullable=False),  # SHA-256; the secret has 256 random bits
    sa.Column("user", sa.String(40), sa.ForeignKey("users.name"), nullable=False),
    sa.Column("origin", sa.String(120), nullable=False),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Index("ix_sessions_user", "user"),
)
