"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only in INTEGER PRIMARY KEY


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("prefix"),
    )
    op.create_table(
        "batches",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("mailing", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "batch_id", name="uq_batches_owner"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "debtors",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("first_name", sa.String(length=60), nullable=True),
        sa.Column("last_name", sa.String(length=80), nullable=True),
        sa.Column("company_name", sa.String(length=120), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("name_genitive", sa.String(length=160), nullable=True),
        sa.Column("name_instrumental", sa.String(length=160), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", "ref", name="uq_debtors_client_id"),
    )
    op.create_table(
        "batch_rows",
        sa.Column("batch", BIG_KEY, nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("phones", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_batch_rows_batch")),
        sa.PrimaryKeyConstraint("batch", "row"),
    )
    op.create_table(
        "cases",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("debtor_id", BIG_KEY, nullable=False),
        sa.Column("batch", BIG_KEY, nullable=False),
        sa.Column("blocked", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("invoice_no", sa.String(length=40), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("account_last4", sa.String(length=4), nullable=True),
        sa.Column("case_no_spoken", sa.String(length=20), nullable=True),
        sa.Column("callback_number", sa.String(length=16), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("preferred_hours", sa.String(length=11), nullable=True),
        sa.Column("flags", sa.String(length=200), nullable=False),
        sa.Column("limitation_date", sa.Date(), nullable=True),
        sa.Column("balance_version", sa.BigInteger(), nullable=False),
        sa.Column("balance_as_of", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_cases_batch")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_cases_campaign_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name=op.f("fk_cases_debtor_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", "case_id", name="uq_cases_client_id"),
    )
    op.create_index("ix_cases_batch", "cases", ["batch"], unique=False)
    op.create_index("ix_cases_debtor", "cases", ["debtor_id", "campaign_id"], unique=False)
    op.create_table(
        "lanes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("batch", BIG_KEY, nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_lanes_campaign_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "batch", "timezone", name="uq_lanes_campaign_id"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("debtor_id", BIG_KEY, nullable=False),
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("uncounted", sa.Integer(), nullable=False),
        sa.Column("batch", BIG_KEY, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=True),
        sa.Column("message_text", sa.Text(), nullable=True),
        sa.Column("message_day", sa.Date(), nullable=True),
        sa.Column("held_because", sa.String(length=300), nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("finished", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_contacts_batch")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_contacts_campaign_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtors.id"], name=op.f("fk_contacts_debtor_id")),
        sa.ForeignKeyConstraint(["lane_id"], ["lanes.id"], name=op.f("fk_contacts_lane_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("debtor_id", "campaign_id", name="uq_contacts_debtor_id"),
    )
    op.create_index("ix_contacts_batch", "contacts", ["batch"], unique=False)
    op.create_index("ix_contacts_campaign", "contacts", ["campaign_id", "id"], unique=False)
    op.create_index(
        "ix_contacts_due",
        "contacts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
    )
    op.create_index(
        "ix_contacts_ready",
        "contacts",
        ["lane_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_contacts_unvoiced",
        "contacts",
        ["lane_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("message_key", sa.String(length=64), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("rang_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("message_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("heard_ms", sa.Integer(), nullable=True),
        sa.Column("disposition", sa.String(length=16), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=True),
        sa.Column("platform_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_attempts_contact_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id", "ordinal", name="uq_attempts_contact_id"),
    )
    op.create_index("ix_attempts_campaign", "attempts", ["campaign_id", "disposition"], unique=False)
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["id"],
        unique=False,
        sqlite_where=sa.text("disposition IS NULL"),
        postgresql_where=sa.text("disposition IS NULL"),
    )
    op.create_table(
        "numbers",
        sa.Column("contact_id", BIG_KEY, nullable=False),
        sa.Column("e164", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("batch", BIG_KEY, nullable=False),
        sa.Column("retired", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_numbers_batch")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_numbers_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "e164"),
    )


def downgrade() -> None:
    op.drop_table("numbers")
    op.drop_index(
        "ix_attempts_open",
        table_name="attempts",
        sqlite_where=sa.text("disposition IS NULL"),
        postgresql_where=sa.text("disposition IS NULL"),
    )
    op.drop_index("ix_attempts_campaign", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index(
        "ix_contacts_unvoiced",
        table_name="contacts",
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NULL"),
    )
    op.drop_index(
        "ix_contacts_ready",
        table_name="contacts",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_index(
        "ix_contacts_due",
        table_name="contacts",
        sqlite_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'waiting' AND message_key IS NOT NULL"),
    )
    op.drop_index("ix_contacts_campaign", table_name="contacts")
    op.drop_index("ix_contacts_batch", table_name="contacts")
    op.drop_table("contacts")
    op.drop_table("lanes")
    op.drop_index("ix_cases_debtor", table_name="cases")
    op.drop_index("ix_cases_batch", table_name="cases")
    op.drop_table("cases")
    op.drop_table("batch_rows")
    op.drop_table("debtors")
    op.drop_table("campaigns")
    op.drop_table("batches")
    op.drop_table("api_keys")
