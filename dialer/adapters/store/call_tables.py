"""Where is kept how calls went, and who spoke in them?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import BigKey, Moment, metadata

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("contact_id", BigKey, sa.ForeignKey("contacts.id"), nullable=False),
    sa.Column("debtor_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("campaign_id", sa.String(64), nullable=False),
    sa.Column("lane_id", sa.Integer, nullable=False),
    sa.Column("batch", sa.BigInteger),  # the list that had named its contact last
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("message_key", sa.String(64), nullable=False),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("placed_at", Moment),
    sa.Column("started_at", Moment),
    sa.Column("rang_at", Moment),
    sa.Column("answered_at", Moment),
    sa.Column("waiting_at", Moment),
    sa.Column("joined_at", Moment),
    sa.Column("agent_id", sa.String(40)),  # whom the callee spoke with, last
    sa.Column("outcome", sa.String(16)),  # of the talk
    sa.Column("wrapped_up_at", Moment),
    sa.Column("wrap_up", sa.JSON),  # what the agent said besides
    sa.Column("message_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("heard_ms", sa.Integer),
    sa.Column("heard_text", sa.Text),  # what its message said, if any of it was heard
    sa.Column("disposition", sa.String(16)),  # None: open
    sa.Column("counted", sa.Boolean),  # whether it uses up one of the allowed attempts
    sa.Column("platform_code", sa.String(40)),
    sa.Column("trunk", sa.String(64)),  # that carried the call
    sa.Column("flow", sa.String(100)),  # what it was led through: name@version
    sa.Column("answers", sa.JSON(none_as_null=True)),  # what the callee told with keys; None: nothing
    sa.Column("detection", sa.JSON(none_as_null=True)),  # who answered, and by which measurements; None: nobody asked
    sa.UniqueConstraint("contact_id", "ordinal", name="uq_attempts_contact_id"),
    sa.Index(
        "ix_attempts_open",
        "id",
        sqlite_where=sa.text("disposition IS NULL"),
        postgresql_where=sa.text("disposition IS NULL"),
    ),
    sa.Index("ix_attempts_campaign", "campaign_id", "disposition"),
    # What lists show in the order they were saved: of all, of one campaign, of one agent.
    sa.Index("ix_attempts_saved", "saved_at", "id"),
    sa.Index("ix_attempts_of_campaign", "campaign_id", "saved_at", "id"),
    sa.Index(
        "ix_attempts_agent",
        "agent_id",
        "saved_at",
        "id",
        sqlite_where=sa.text("agent_id IS NOT NULL"),
        postgresql_where=sa.text("agent_id IS NOT NULL"),
    ),
    # What budgets are counted over.
    sa.Index("ix_attempts_debtor", "debtor_id", "saved_at"),
    sa.Index("ix_attempts_number", "number", "saved_at"),
)

recorded_calls = sa.Table(
    "recorded_calls",
    metadata,
    sa.Column("call_id", sa.String(80), primary_key=True),  # an attempt's, or that of a call to us; and the file's name
    sa.Column("begun_at", Moment, nullable=False, index=True),
)

# Calls to the numbers of brands: never attempts, and never counted as such.
inbound_calls = sa.Table(
    "inbound_calls",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("brand_id", sa.String(120), nullable=False),
    sa.Column("dialled", sa.String(16), nullable=False),
    sa.Column("caller", sa.String(16)),  # None: withheld
    sa.Column("debtor_id", sa.BigInteger),  # None: nobody's number, or several debtors'
    sa.Column("matched", sa.Integer, nullable=False),  # how many debtors have it
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("heard_ms", sa.Integer, nullable=False),
    sa.Column("flow", sa.String(100), nullable=False),
    sa.Column("answers", sa.JSON(none_as_null=True)),
    sa.Column("has_told", sa.Boolean, nullable=False),  # it was a conversation
    sa.Column("agent_id", sa.String(40)),  # whom the caller spoke with, last
    sa.Column("joined_at", Moment),
    sa.Column("outcome", sa.String(24)),  # of the talk; None: nobody has said it
    sa.Column("wrapped_up_at", Moment),
    sa.Index("ix_inbound_calls_debtor", "debtor_id", "began_at"),
    sa.Index("ix_inbound_calls_client", "client_id", "began_at"),
)

# Callers whom nobody could take, and who asked to be called on the number from which they called.
call_backs = sa.Table(
    "call_backs",
    metadata,
    sa.Column("call_id", sa.String(80), sa.ForeignKey("inbound_calls.id"), primary_key=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("contact_id", sa.BigInteger),  # who is called for it; None: somebody has to call by hand
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("done_at", Moment),  # when somebody said so
    sa.Column("done_by", sa.String(120)),
    sa.Index(
        "ix_call_backs_open",
        "asked_at",
        "call_id",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    ),
)

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("phone", sa.String(60), nullable=False),  # the switch's name for it
    sa.Column("skills", sa.JSON, nullable=False),
    sa.Column("leg", sa.String(10), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),  # of a pause
    sa.Column("attempt_id", sa.String(80)),  # the caller's: an attempt, or a call to us
    sa.Column("has_line", sa.Boolean, nullable=False),
    sa.Column("wish", sa.String(40)),  # for the end of the wrap-up: a pause's reason, or to leave
    sa.UniqueConstraint("phone", name="uq_agents_phone"),
)
