"""The first tables, and the triggers that guard them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from records import triggers, triggers_money

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_events_hash")),
    )
    op.create_index(op.f("ix_audit_events_actor"), "audit_events", ["actor"], unique=False)
    op.create_index(
        "ix_audit_events_subject", "audit_events", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "bank_accounts",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("routing_number", sa.String(length=9), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_hmac", sa.String(length=64), nullable=False),
        sa.Column("account_last4", sa.String(length=4), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("cut_off", sa.Time(), nullable=False),
        sa.Column("item_limit_cents", sa.BigInteger(), nullable=True),
        sa.Column("deposit_limit_cents", sa.BigInteger(), nullable=True),
        sa.Column("day_limit_cents", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
        sa.UniqueConstraint("account_hmac", name=op.f("uq_bank_accounts_account_hmac")),
        sa.UniqueConstraint("code", name=op.f("uq_bank_accounts_code")),
    )
    op.create_table(
        "bank_files",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("line_count", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("ref", name=op.f("uq_bank_files_ref")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_files_sha256")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_idempotency_keys_actor_key")),
    )
    op.create_table(
        "import_runs",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_table(
        "jobs",
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(length=160), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.String(length=400), nullable=True),
        sa.Column("error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'running' OR lease_until IS NOT NULL", name=op.f("ck_jobs_running_has_lease")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'dead')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint(
            "stage", "subject_id", "key", name=op.f("uq_jobs_stage_subject_id_key")
        ),
    )
    op.create_index("ix_jobs_ready", "jobs", ["state", "priority", "run_after"], unique=False)
    op.create_table(
        "journal_seals",
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_journal_seals")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    op.create_index(
        "ix_login_attempts_key_created", "login_attempts", ["key", "created_at"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("all_offices", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('courier', 'specialist', 'billing', 'admin', 'auditor')",
            name=op.f("ck_users_role"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_table(
        "bank_lines",
        sa.Column("bank_file_id", sa.String(length=36), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("type_code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("direction IN ('credit','debit')", name=op.f("ck_bank_lines_direction")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_bank_lines_amount")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_bank_lines_bank_account_id_bank_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_file_id"], ["bank_files.id"], name=op.f("fk_bank_lines_bank_file_id_bank_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bank_lines_fingerprint")),
    )
    op.create_index(
        op.f("ix_bank_lines_bank_account_id"), "bank_lines", ["bank_account_id"], unique=False
    )
    op.create_index(op.f("ix_bank_lines_state"), "bank_lines", ["state"], unique=False)
    op.create_index(op.f("ix_bank_lines_value_on"), "bank_lines", ["value_on"], unique=False)
    op.create_table(
        "deposits",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=False),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("declared_count", sa.BigInteger(), nullable=True),
        sa.Column("declared_total_cents", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_deposits_bank_account_id_bank_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposits")),
        sa.UniqueConstraint("ref", name=op.f("uq_deposits_ref")),
    )
    op.create_index(
        op.f("ix_deposits_bank_account_id"), "deposits", ["bank_account_id"], unique=False
    )
    op.create_index(op.f("ix_deposits_business_on"), "deposits", ["business_on"], unique=False)
    op.create_index(op.f("ix_deposits_state"), "deposits", ["state"], unique=False)
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("reverses_id", sa.String(length=36), nullable=True),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "reverses_id IS NULL OR reverses_id <> id",
            name=op.f("ck_journal_entries_reverses_another"),
        ),
        sa.ForeignKeyConstraint(
            ["id"],
            ["journal_seals.entry_id"],
            name=op.f("fk_journal_entries_id_journal_seals"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_entries_reverses_id_journal_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_entries_reverses_id")),
    )
    op.create_index(op.f("ix_journal_entries_at"), "journal_entries", ["at"], unique=False)
    op.create_index(
        "ix_journal_entries_subject",
        "journal_entries",
        ["subject_kind", "subject_id"],
        unique=False,
    )
    op.create_table(
        "offices",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bank_account_id", sa.String(length=36), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"],
            ["bank_accounts.id"],
            name=op.f("fk_offices_bank_account_id_bank_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("code", name=op.f("uq_offices_code")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_web_sessions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_sessions_token_hash")),
    )
    op.create_table(
        "accounts",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("patient_first", sa.String(length=80), nullable=False),
        sa.Column("patient_last", sa.String(length=80), nullable=False),
        sa.Column("patient_birth_on", sa.Date(), nullable=True),
        sa.Column("guarantor_first", sa.String(length=80), nullable=False),
        sa.Column("guarantor_last", sa.String(length=80), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("guarantor_key", sa.String(length=80), nullable=False),
        sa.Column("address_key", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_accounts_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("number", name=op.f("uq_accounts_number")),
    )
    op.create_index("ix_accounts_address_key", "accounts", ["address_key"], unique=False)
    op.create_index("ix_accounts_guarantor_key", "accounts", ["guarantor_key"], unique=False)
    op.create_index(op.f("ix_accounts_household"), "accounts", ["household"], unique=False)
    op.create_index("ix_accounts_member_id", "accounts", ["member_id"], unique=False)
    op.create_index("ix_accounts_name_key", "accounts", ["name_key"], unique=False)
    op.create_index(op.f("ix_accounts_office_id"), "accounts", ["office_id"], unique=False)
    op.create_table(
        "journal_lines",
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("debit_cents", sa.BigInteger(), nullable=False),
        sa.Column("credit_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(debit_cents > 0 AND credit_cents = 0) OR (debit_cents = 0 AND credit_cents > 0)",
            name=op.f("ck_journal_lines_one_side"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["journal_entries.id"],
            name=op.f("fk_journal_lines_entry_id_journal_entries"),
        ),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_journal_lines")),
    )
    op.create_index("ix_journal_lines_account", "journal_lines", ["account"], unique=False)
    op.create_table(
        "pickups",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("bag_number", sa.String(length=40), nullable=False),
        sa.Column("declared_envelopes", sa.BigInteger(), nullable=False),
        sa.Column("declared_checks", sa.BigInteger(), nullable=False),
        sa.Column("declared_total_cents", sa.BigInteger(), nullable=True),
        sa.Column("counted_envelopes", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_pickups_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickups")),
        sa.UniqueConstraint("ref", name=op.f("uq_pickups_ref")),
    )
    op.create_index(op.f("ix_pickups_office_id"), "pickups", ["office_id"], unique=False)
    op.create_table(
        "posting_exports",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_posting_exports_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_exports")),
        sa.UniqueConstraint("ref", name=op.f("uq_posting_exports_ref")),
    )
    op.create_index(
        op.f("ix_posting_exports_office_id"), "posting_exports", ["office_id"], unique=False
    )
    op.create_table(
        "user_offices",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_user_offices_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_offices_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "office_id", name=op.f("pk_user_offices")),
    )
    op.create_table(
        "account_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_number"],
            ["accounts.number"],
            name=op.f("fk_account_keys_account_number_accounts"),
        ),
        sa.PrimaryKeyConstraint("key", "account_number", name=op.f("pk_account_keys")),
    )
    op.create_index(
        "ix_account_keys_account_number", "account_keys", ["account_number"], unique=False
    )
    op.create_table(
        "custody_events",
        sa.Column("pickup_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('picked_up','handed_over','received','counted')",
            name=op.f("ck_custody_events_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["pickup_id"], ["pickups.id"], name=op.f("fk_custody_events_pickup_id_pickups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_events")),
    )
    op.create_index(
        op.f("ix_custody_events_pickup_id"), "custody_events", ["pickup_id"], unique=False
    )
    op.create_table(
        "payer_memory",
        sa.Column("payer_hmac", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("confirmations", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_payer_memory_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_memory")),
        sa.UniqueConstraint(
            "payer_hmac", "account_id", name=op.f("uq_payer_memory_payer_hmac_account_id")
        ),
    )
    op.create_index(
        op.f("ix_payer_memory_payer_hmac"), "payer_memory", ["payer_hmac"], unique=False
    )
    op.create_table(
        "source_files",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("pickup_id", sa.String(length=36), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("uploaded_by", sa.String(length=80), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_message", sa.String(length=400), nullable=True),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("page_count", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_source_files_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["pickup_id"], ["pickups.id"], name=op.f("fk_source_files_pickup_id_pickups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_files")),
        sa.UniqueConstraint("ref", name=op.f("uq_source_files_ref")),
        sa.UniqueConstraint("sha256", name=op.f("uq_source_files_sha256")),
    )
    op.create_index(op.f("ix_source_files_office_id"), "source_files", ["office_id"], unique=False)
    op.create_index(op.f("ix_source_files_pickup_id"), "source_files", ["pickup_id"], unique=False)
    op.create_index(op.f("ix_source_files_state"), "source_files", ["state"], unique=False)
    op.create_table(
        "statements",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("statement_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("minimum_due_cents", sa.BigInteger(), nullable=True),
        sa.Column("open_cents", sa.BigInteger(), nullable=False),
        sa.Column("mailed_on", sa.Date(), nullable=True),
        sa.Column("imb", sa.String(length=31), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_statements_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("number", name=op.f("uq_statements_number")),
    )
    op.create_index(op.f("ix_statements_account_id"), "statements", ["account_id"], unique=False)
    op.create_index(op.f("ix_statements_imb"), "statements", ["imb"], unique=False)
    op.create_index("ix_statements_open", "statements", ["open_cents"], unique=False)
    op.create_table(
        "mail_transactions",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("source_file_id", sa.String(length=36), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("page_ids", sa.JSON(), nullable=False),
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("replaced_by_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_mail_transactions_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["source_file_id"],
            ["source_files.id"],
            name=op.f("fk_mail_transactions_source_file_id_source_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_transactions")),
        sa.UniqueConstraint("ref", name=op.f("uq_mail_transactions_ref")),
    )
    op.create_index(
        "ix_mail_transactions_file_position",
        "mail_transactions",
        ["source_file_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_mail_transactions_office_id"), "mail_transactions", ["office_id"], unique=False
    )
    op.create_index(
        op.f("ix_mail_transactions_state"), "mail_transactions", ["state"], unique=False
    )
    op.create_table(
        "page_images",
        sa.Column("source_file_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("dpi", sa.Double(), nullable=True),
        sa.Column("rotation", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_file_id"],
            ["source_files.id"],
            name=op.f("fk_page_images_source_file_id_source_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_images")),
        sa.UniqueConstraint(
            "source_file_id", "position", name=op.f("uq_page_images_source_file_id_position")
        ),
    )
    op.create_table(
        "received_notices",
        sa.Column("source_file_id", sa.String(length=36), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("pickup_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pickup_id"], ["pickups.id"], name=op.f("fk_received_notices_pickup_id_pickups")
        ),
        sa.ForeignKeyConstraint(
            ["source_file_id"],
            ["source_files.id"],
            name=op.f("fk_received_notices_source_file_id_source_files"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_notices")),
    )
    op.create_index(
        op.f("ix_received_notices_source_file_id"),
        "received_notices",
        ["source_file_id"],
        unique=False,
    )
    op.create_table(
        "documents",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("transaction_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("page_ids", sa.JSON(), nullable=False),
        sa.Column("region", sa.JSON(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["mail_transactions.id"],
            name=op.f("fk_documents_transaction_id_mail_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("ref", name=op.f("uq_documents_ref")),
    )
    op.create_index(op.f("ix_documents_kind"), "documents", ["kind"], unique=False)
    op.create_index(
        op.f("ix_documents_transaction_id"), "documents", ["transaction_id"], unique=False
    )
    op.create_table(
        "address_versions",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("street", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("zip", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("confirmed_by", sa.String(length=80), nullable=False),
        sa.Column("evidence_document_id", sa.String(length=36), nullable=True),
        sa.Column("bad_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_address_versions_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_document_id"],
            ["documents.id"],
            name=op.f("fk_address_versions_evidence_document_id_documents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_versions")),
        sa.UniqueConstraint(
            "account_id", "version", name=op.f("uq_address_versions_account_id_version")
        ),
    )
    op.create_index("ix_address_versions_zip", "address_versions", ["zip"], unique=False)
    op.create_table(
        "payments",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("transaction_id", sa.String(length=36), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("amount_by", sa.String(length=80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_last4", sa.String(length=4), nullable=False),
        sa.Column("check_number", sa.String(length=20), nullable=False),
        sa.Column("payer_hmac", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("item_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=True),
        sa.Column("deposit_state", sa.String(length=20), nullable=False),
        sa.Column("not_deposited_reason", sa.String(length=20), nullable=True),
        sa.Column("match_state", sa.String(length=20), nullable=False),
        sa.Column("presentation", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("duplicate_of_id", sa.String(length=36), nullable=True),
        sa.Column("override_by", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('check','eft')", name=op.f("ck_payments_kind")),
        sa.CheckConstraint(
            "amount_cents IS NULL OR amount_cents >= 0", name=op.f("ck_payments_amount")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_payments_document_id_documents")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["payments.id"], name=op.f("fk_payments_duplicate_of_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_payments_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["mail_transactions.id"],
            name=op.f("fk_payments_transaction_id_mail_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("document_id", name=op.f("uq_payments_document_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_payments_ref")),
    )
    op.create_index(op.f("ix_payments_deposit_state"), "payments", ["deposit_state"], unique=False)
    op.create_index("ix_payments_item_fingerprint", "payments", ["item_fingerprint"], unique=False)
    op.create_index(op.f("ix_payments_match_state"), "payments", ["match_state"], unique=False)
    op.create_index(op.f("ix_payments_office_id"), "payments", ["office_id"], unique=False)
    op.create_index("ix_payments_payer_hmac", "payments", ["payer_hmac"], unique=False)
    op.create_index(op.f("ix_payments_received_on"), "payments", ["received_on"], unique=False)
    op.create_index(
        op.f("ix_payments_transaction_id"), "payments", ["transaction_id"], unique=False
    )
    op.create_index(
        "ux_payments_live_fingerprint",
        "payments",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "readings",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_readings_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
        sa.UniqueConstraint("document_id", "version", name=op.f("uq_readings_document_id_version")),
    )
    op.create_table(
        "address_tasks",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("address_version_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("piece_key", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=False),
        sa.Column("resolved_by", sa.String(length=80), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_address_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_address_tasks_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["address_version_id"],
            ["address_versions.id"],
            name=op.f("fk_address_tasks_address_version_id_address_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_address_tasks_document_id_documents")
        ),
        sa.ForeignKeyConstraint(
            ["new_address_id"],
            ["address_versions.id"],
            name=op.f("fk_address_tasks_new_address_id_address_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_address_tasks_office_id_offices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_tasks")),
        sa.UniqueConstraint("document_id", name=op.f("uq_address_tasks_document_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_address_tasks_ref")),
    )
    op.create_index(
        op.f("ix_address_tasks_account_id"), "address_tasks", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_address_tasks_office_id"), "address_tasks", ["office_id"], unique=False
    )
    op.create_index(
        op.f("ix_address_tasks_piece_key"), "address_tasks", ["piece_key"], unique=False
    )
    op.create_index(
        "ix_address_tasks_state_due", "address_tasks", ["state", "due_on"], unique=False
    )
    op.create_table(
        "decisions",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("model_version", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.LargeBinary(), nullable=False),
        sa.Column("supersedes_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_decisions_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["decisions.id"], name=op.f("fk_decisions_supersedes_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_payment_id"), "decisions", ["payment_id"], unique=False)
    op.create_table(
        "deposit_items",
        sa.Column("deposit_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("presentation", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["deposits.id"], name=op.f("fk_deposit_items_deposit_id_deposits")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_deposit_items_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_items")),
        sa.UniqueConstraint(
            "payment_id", "presentation", name=op.f("uq_deposit_items_payment_id_presentation")
        ),
    )
    op.create_index(
        op.f("ix_deposit_items_deposit_id"), "deposit_items", ["deposit_id"], unique=False
    )
    op.create_table(
        "keyed_values",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_keyed_values_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyed_values")),
        sa.UniqueConstraint(
            "payment_id", "field", "actor", name=op.f("uq_keyed_values_payment_id_field_actor")
        ),
    )
    op.create_index(
        op.f("ix_keyed_values_payment_id"), "keyed_values", ["payment_id"], unique=False
    )
    op.create_table(
        "returned_items",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("presentation", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_returned_items_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_items")),
        sa.UniqueConstraint(
            "payment_id", "presentation", name=op.f("uq_returned_items_payment_id_presentation")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_returned_items_ref")),
    )
    op.create_table(
        "review_items",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_review_items_document_id_documents")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_review_items_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_review_items_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
        sa.UniqueConstraint("document_id", name=op.f("uq_review_items_document_id")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_review_items_payment_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_review_items_ref")),
    )
    op.create_index(op.f("ix_review_items_office_id"), "review_items", ["office_id"], unique=False)
    op.create_index(
        "ix_review_items_order",
        "review_items",
        ["state", "value_cents", "created_at"],
        unique=False,
    )
    op.create_table(
        "allocations",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("destination", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("statement_id", sa.String(length=36), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(destination = 'unidentified') = (account_id IS NULL)",
            name=op.f("ck_allocations_account"),
        ),
        sa.CheckConstraint(
            "destination IN ('account', 'unapplied', 'unidentified')",
            name=op.f("ck_allocations_destination"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_allocations_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_allocations_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_allocations_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statements.id"], name=op.f("fk_allocations_statement_id_statements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(op.f("ix_allocations_account_id"), "allocations", ["account_id"], unique=False)
    op.create_index(op.f("ix_allocations_payment_id"), "allocations", ["payment_id"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("bank_line_id", sa.String(length=36), nullable=False),
        sa.Column("deposit_id", sa.String(length=36), nullable=True),
        sa.Column("returned_item_id", sa.String(length=36), nullable=True),
        sa.Column("payment_id", sa.String(length=36), nullable=True),
        sa.Column("explanation", sa.String(length=120), nullable=False),
        sa.Column("difference_cents", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_reason", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "difference_cents = 0 OR adjustment_reason <> ''",
            name=op.f("ck_settlements_difference"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_line_id"], ["bank_lines.id"], name=op.f("fk_settlements_bank_line_id_bank_lines")
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id"], ["deposits.id"], name=op.f("fk_settlements_deposit_id_deposits")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_settlements_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["returned_item_id"],
            ["returned_items.id"],
            name=op.f("fk_settlements_returned_item_id_returned_items"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("bank_line_id", name=op.f("uq_settlements_bank_line_id")),
        sa.UniqueConstraint("deposit_id", name=op.f("uq_settlements_deposit_id")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_settlements_payment_id")),
        sa.UniqueConstraint("returned_item_id", name=op.f("uq_settlements_returned_item_id")),
    )
    op.create_table(
        "statement_holds",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_statement_holds_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["address_tasks.id"], name=op.f("fk_statement_holds_task_id_address_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_holds")),
    )
    op.create_index(
        op.f("ix_statement_holds_account_id"), "statement_holds", ["account_id"], unique=False
    )
    op.create_table(
        "task_attempts",
        sa.Column("task_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["address_tasks.id"], name=op.f("fk_task_attempts_task_id_address_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_attempts")),
    )
    op.create_index(op.f("ix_task_attempts_task_id"), "task_attempts", ["task_id"], unique=False)
    op.create_table(
        "postings",
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("allocation_id", sa.String(length=36), nullable=False),
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("office_id", sa.String(length=36), nullable=False),
        sa.Column("pms", sa.String(length=20), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("export_id", sa.String(length=36), nullable=True),
        sa.Column("pms_reference", sa.String(length=60), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverses_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocations.id"],
            name=op.f("fk_postings_allocation_id_allocations"),
        ),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["posting_exports.id"],
            name=op.f("fk_postings_export_id_posting_exports"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_postings_office_id_offices")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_postings_payment_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["postings.id"], name=op.f("fk_postings_reverses_id_postings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sa.UniqueConstraint("ref", name=op.f("uq_postings_ref")),
    )
    op.create_index(op.f("ix_postings_export_id"), "postings", ["export_id"], unique=False)
    op.create_index(op.f("ix_postings_payment_id"), "postings", ["payment_id"], unique=False)
    op.create_index("ix_postings_state", "postings", ["state", "office_id"], unique=False)
    op.create_index(
        "ux_postings_live",
        "postings",
        ["allocation_id", "pms"],
        unique=True,
        sqlite_where=sa.text("live AND reverses_id IS NULL"),
        postgresql_where=sa.text("live AND reverses_id IS NULL"),
    )
    op.create_index("ux_postings_reverses", "postings", ["reverses_id"], unique=True)

    connection = op.get_bind()
    triggers.create_all(connection)
    statements = (
        triggers_money.SQLITE if connection.dialect.name == "sqlite" else triggers_money.POSTGRESQL
    )
    for statement in statements:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Going back is by restoring a backup: money records are never thrown away."""
    raise NotImplementedError("restore a backup instead")
