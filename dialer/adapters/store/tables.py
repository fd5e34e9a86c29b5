"""Where is what is known kept? The tables; moments are UTC, sums are in the currency's hundredths."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dialer.ports.store import LONGEST_REASON

metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment, in databases with and without zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY

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

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("campaign_id", sa.String(64), sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("batch", BigKey, nullable=False),  # 0: the campaign's own settings
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.UniqueConstraint("campaign_id", "batch", "timezone", name="uq_lanes_campaign_id"),
)

debtors = sa.Table(
    "debtors",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("ref", sa.String(64), nullable=False),  # the client's own id of the debtor
    sa.Column("type", sa.String(10), nullable=False),
    sa.Column("first_name", sa.String(60)),
    sa.Column("last_name", sa.String(80)),
    sa.Column("company_name", sa.String(120)),
    sa.Column("sex", sa.String(1)),
    sa.Column("name_genitive", sa.String(160)),
    sa.Column("name_instrumental", sa.String(160)),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("email", sa.String(254)),
    sa.UniqueConstraint("client_id", "ref", name="uq_debtors_client_id"),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("campaign_id", sa.String(64), sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("debtor_id", BigKey, sa.ForeignKey("debtors.id"), nullable=False),
    sa.Column("lane_id", sa.Integer, sa.ForeignKey("lanes.id"), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due_at", Moment, nullable=False),  # spacing only: windows are asked when picking
    sa.Column("attempts", sa.Integer, nullable=False),  # saved so far: the last one's ordinal
    sa.Column("uncounted", sa.Integer, nullable=False),  # those that use up none of the allowed ones
    sa.Column("batch", BigKey, sa.ForeignKey("batches.id"), nullable=False),  # the last that named it
    sa.Column("revision", sa.Integer, nullable=False),  # counts the changes of what its message is to say
    sa.Column("message_key", sa.String(64)),  # names the rendered body; None: to be rendered
    sa.Column("message_text", sa.Text),
    sa.Column("message_day", sa.Date),  # the day, at the callee, on which the text is true
    sa.Column("held_because", sa.String(300)),  # why there is no message yet
    sa.Column("held_until", Moment),  # when rendering it is tried again
    sa.Column("finished", sa.String(12)),  # the reason; while dialing: it ends with this call
    sa.Column("waits_for", sa.String(40)),  # the rule that set due_at, if it was not the plan's spacing
    sa.Column("appointment_at", Moment),  # a moment that the debtor agreed to be called at
    sa.Column("appointment_agent", sa.String(64)),  # whose call-back it is; None: anybody's
    sa.Column("outcomes", sa.JSON),  # how often each disposition, since it began
    sa.Column("last_outcome", sa.String(16)),
    sa.Column("last_number", sa.String(16)),
    sa.Column("last_placed_at", Moment),
    sa.Column("last_ended_at", Moment),
    sa.Column("next_round", Moment),  # when its attempts begin anew, should it be finished by then
    sa.UniqueConstraint("debtor_id", "campaign_id", name="uq_contacts_debtor_id"),
    sa.Index("ix_contacts_campaign", "campaign_id", "id"),
    sa.Index("ix_contacts_batch", "batch"),
    sa.Index(
        "ix_contacts_ready",
        "lane_id",
        "due_at",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    ),
    sa.Index(
        "ix_contacts_agreed",
        "lane_id",
        "appointment_at",
        sqlite_where=sa.text("state = 'ready' AND appointment_at IS NOT NULL"),
        postgresql_where=sa.text("state = 'ready' AND appointment_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_contacts_due",
        "due_at",
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
    ),
    sa.Index(
        "ix_contacts_unvoiced",
        "lane_id",
        "due_at",
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NULL"),
    ),
)

numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("contact_id", BigKey, sa.ForeignKey("contacts.id"), primary_key=True),
    sa.Column("e164", sa.String(16), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),  # 1 is tried first
    sa.Column("type", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),  # those that count against the allowed ones
    sa.Column("congested", sa.Integer, nullable=False, server_default="0"),  # tries in a row without room
    sa.Column("batch", BigKey, sa.ForeignKey("batches.id"), nullable=False),  # the last that named it
    sa.Column("retired", sa.String(20)),  # why it is not called any more
    sa.Index("ix_numbers_e164", "e164"),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", BigKey, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(120), nullable=False),
    sa.Column("case_id", sa.String(40), nullable=False),  # the client's own
    sa.Column("campaign_id", sa.String(64), sa.ForeignKey("campaigns.id"), nullable=False),
    sa.Column("debtor_id", BigKey, sa.ForeignKey("debtors.id"), nullable=False),
    sa.Column("batch", BigKey, sa.ForeignKey("batches.id"), nullable=False),
    sa.Column("blocked", sa.String(200), nullable=False),  # B_ codes, separated by blanks; "" may be called
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("invoice_no", sa.String(40)),
    sa.Column("issue_date", sa.Date),
    sa.Column("due_date", sa.Date, nullable=False),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("account_last4", sa.String(4)),
    sa.Column("case_no_spoken", sa.String(20)),
    sa.Column("callback_number", sa.String(16)),
    sa.Column("timezone", sa.String(64)),
    sa.Column("preferred_hours", sa.String(11)),  # HH:MM-HH:MM at the callee
    sa.Column("flags", sa.String(200), nullable=False),
    sa.Column("limitation_date", sa.Date),
    sa.Column("block_date", sa.Date),
    sa.Column("letter_date", sa.Date),
    sa.Column("balance_version", sa.BigInteger, nullable=False),
    sa.Column("balance_as_of", Moment),
    sa.Column("state", sa.String(20), nullable=False, server_default="open"),
    sa.Column("closed_at", Moment),
    sa.Column("dispute", sa.String(10)),  # None: never disputed
    sa.Column("hold", sa.String(10)),  # what its client ordered; None: nothing
    sa.Column("hold_reason", sa.String(20)),
    sa.Column("hold_note", sa.String(200)),
    sa.Column("promised_by", sa.Date),  # the day of the last promise to pay
    sa.Column("promised_amount", sa.BigInteger),
    sa.Column("promised_at", Moment),
    sa.Column("promised_in", sa.String(32)),  # the attempt in which it was made
    sa.Column("promise_state", sa.String(10)),
    sa.Column("promise_reminded", sa.Date),  # the promised day of which it was reminded
    sa.Column("paid_claimed_at", Moment),  # when the debtor last said that it is paid
    sa.UniqueConstraint("client_id", "case_id", name="uq_cases_client_id"),
    sa.Index("ix_cases_debtor", "debtor_id", "campaign_id"),
    sa.Index("ix_cases_batch", "batch"),
    sa.Index(
        "ix_cases_promised",
        "id",
        sqlite_where=sa.text("promise_state = 'open'"),
        postgresql_where=sa.text("promise_state = 'open'"),
    ),
)

# What became of a case's balance after its list came: one row for each version that was taken.
balances = sa.Table(
    "balances",
    metadata,
    sa.Column("case", BigKey, sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("as_of", Moment),
    sa.Column("reason", sa.String(20)),
    sa.Column("paid_amount", sa.BigInteger),
    sa.Column("paid_at", sa.Date),
    sa.Column("actor", sa.String(40), nullable=False),
    sa.Column("received_at", Moment, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("contact_id", BigKey, sa.ForeignKey("contacts.id"), nullable=False),
    sa.Column("debtor_id", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("campaign_id", sa.String(64), nullable=False),
    sa.Column("lane_id", sa.Integer, nullable=False),
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
    # What budgets are counted over.
    sa.Index("ix_attempts_debtor", "debtor_id", "saved_at"),
    sa.Index("ix_attempts_number", "number", "saved_at"),
)

recorded_talks = sa.Table(
    "recorded_talks",
    metadata,
    sa.Column("attempt_id", sa.String(32), sa.ForeignKey("attempts.id"), primary_key=True),  # and the file's name
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
    sa.Index("ix_inbound_calls_debtor", "debtor_id", "began_at"),
    sa.Index("ix_inbound_calls_client", "client_id", "began_at"),
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
    sa.Column("attempt_id", sa.String(32)),  # the caller's
    sa.Column("has_line", sa.Boolean, nullable=False),
    sa.Column("wish", sa.String(40)),  # for the end of the wrap-up: a pause's reason, or to leave
    sa.UniqueConstraint("phone", name="uq_agents_phone"),
)

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


# What callees hear, agreed with the client: one row for each version. ``source`` is never changed once it is approved.
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


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the connected database."""
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)
