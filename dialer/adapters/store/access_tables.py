"""Where is kept who may ask, and who changed what?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import BigKey, Moment, metadata

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("prefix", sa.String(16), primary_key=True),
    sa.Column("secret_hash", sa.String(64), nullable=False),  # SHA-256; the secret has 256 random bits
    sa.Column("scopes", sa.Text, nullable=False),  # separated by blanks
    sa.Column("client_id", sa.String(120)),  # None: the operator's own, sees every client
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),  # None: never by itself
    sa.Column("revoked_at", Moment),
    sa.Column("last_used_at", Moment),  # to the minute
    sa.Column("rotated_at", Moment),
    sa.Column("former_hash", sa.String(64)),  # of the secret before the last rotation
    sa.Column("former_until", Moment),  # until then it opens, too
    sa.Column("per_second", sa.Double),  # requests that are answered; None: as many as everybody's
)

# Whose certificates they are that senders show, by a name in them.
certificates = sa.Table(
    "certificates",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("name", name="uq_certificates_name"),
)

# Who changed what, and from where: written with each change. Triggers refuse to change or remove a row.
audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", BigKey, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("origin", sa.String(120), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),  # "": of the installation
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Index("ix_audit_client", "client_id", "seq"),
    sa.Index("ix_audit_subject", "subject", "seq"),
)

# The audit log may be rewritten while, and only while, somebody is being erased: a row of that transaction alone.
audit_opened = sa.Table("audit_opened", metadata, sa.Column("id", sa.Integer, primary_key=True))

# Who was erased, and what was removed.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("pseudonym", sa.String(16), nullable=False),
    sa.Column("debtor_ref", sa.String(64)),  # until it is done
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("ordered_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
    sa.Column("removed", sa.JSON, nullable=False),
    sa.Index("ix_erasures_client", "client_id", "pseudonym"),
)

# Under which erased debtors and numbers are known again: one row, made with the first erasure.
pseudonym_key = sa.Table(
    "pseudonym_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # 1
    sa.Column("key", sa.LargeBinary, nullable=False),
)

# How long what is kept, where a client has set it.
retention = sa.Table(
    "retention",
    metadata,
    sa.Column("client_id", sa.String(120), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("days", sa.Integer, nullable=False),
)

# Who has read personal data.
accesses = sa.Table(
    "accesses",
    metadata,
    sa.Column("seq", BigKey, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("origin", sa.String(120), nullable=False),
    sa.Column("operation", sa.String(60), nullable=False),
    sa.Column("client_id", sa.String(120), nullable=False),  # the reader's; "": the operator
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Index("ix_accesses_client", "client_id", "seq"),
    sa.Index("ix_accesses_subject", "subject", "seq"),
)

# Requests that their senders have named, and how they were answered: a repetition is answered the same.
requests = sa.Table(
    "requests",
    metadata,
    sa.Column("owner", sa.String(80), primary_key=True),  # the prefix of the sender's key, or user:NAME
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("address", sa.String(64), nullable=False),  # SHA-256 of method, path and query
    sa.Column("until", Moment, nullable=False),
    sa.Column("body_digest", sa.String(64)),
    sa.Column("status", sa.Integer),  # None: it is being carried out
    sa.Column("headers", sa.JSON),
    sa.Column("body", sa.LargeBinary),  # compressed; None: not kept
    sa.Index("ix_requests_until", "until"),
)

# Who is told of events. Where the deliveries of each stand is here, and when the next one is due: not in timers.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(120)),  # None: every client's events, and the installation's
    sa.Column("url", sa.String(500), nullable=False),
    sa.Column("types", sa.JSON(none_as_null=True)),  # None: all
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("secret", sa.String(80), nullable=False),  # signs: unlike a key's, it has to be known
    sa.Column("former_secret", sa.String(80)),
    sa.Column("former_until", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("told", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_since", Moment),
    sa.Column("next_at", Moment),
    sa.Column("because", sa.String(300)),
)

dead_letters = sa.Table(
    "dead_letters",
    metadata,
    sa.Column("webhook_id", BigKey, sa.ForeignKey("webhooks.id"), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("because", sa.String(300), nullable=False),
    sa.Column("given_up_at", Moment, nullable=False),
)
