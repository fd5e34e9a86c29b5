"""Where is kept who is called, and about what? Sums are in the currency's hundredths."""

import sqlalchemy as sa

from dialer.adapters.store.schema import BigKey, Moment, metadata

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
    sa.Column("appointment_number", sa.String(16)),  # on which; None: the last that was called
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
    sa.Column("changed_at", Moment),  # when anything of this last became otherwise: ``case_stamps``
    sa.UniqueConstraint("client_id", "case_id", name="uq_cases_client_id"),
    sa.Index("ix_cases_debtor", "debtor_id", "campaign_id"),
    sa.Index("ix_cases_batch", "batch"),
    # What lists show in the order of the ids: of one client, of one campaign, or what is rare among all.
    sa.Index("ix_cases_client", "client_id", "id"),
    sa.Index("ix_cases_campaign", "campaign_id", "id"),
    sa.Index("ix_cases_changed", "changed_at", "id"),
    sa.Index(
        "ix_cases_closed",
        "state",
        "id",
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_cases_disputed",
        "dispute",
        "id",
        sqlite_where=sa.text("dispute IS NOT NULL"),
        postgresql_where=sa.text("dispute IS NOT NULL"),
    ),
    sa.Index(
        "ix_cases_held",
        "hold",
        "id",
        sqlite_where=sa.text("hold IS NOT NULL"),
        postgresql_where=sa.text("hold IS NOT NULL"),
    ),
    sa.Index(
        "ix_cases_promised",
        "promise_state",
        "id",
        sqlite_where=sa.text("promise_state IS NOT NULL"),
        postgresql_where=sa.text("promise_state IS NOT NULL"),
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
